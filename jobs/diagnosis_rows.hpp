#pragma once

#include "jobs/diagnosis.hpp"

#include <span>

/// The two halves of the table; for jobs/diagnosis.cpp only.
namespace mailfleet::jobs {

/// The general diagnosis of an `errc`.
struct failure_row {
  errc code = errc::internal;
  diagnosis_row row;
};

/// One row for each `errc`.
[[nodiscard]] std::span<const failure_row> failure_rows();

/// What jobs/oauth_faults.hpp, jobs/client_secrets.hpp and jobs/mailbox_setback.hpp find.
[[nodiscard]] std::span<const diagnosis_row> token_rows();

} // namespace mailfleet::jobs
