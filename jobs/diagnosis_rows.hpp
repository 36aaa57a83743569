#pragma once

#include "jobs/diagnosis.hpp"

#include <span>

/// The parts of the table; for jobs/diagnosis.cpp only.
namespace mailfleet::jobs {

/// The general diagnosis of an `errc`.
struct failure_row {
  errc code = errc::internal;
  diagnosis_row row;
};

/// One row for each `errc`.
[[nodiscard]] std::span<const failure_row> failure_rows();

/// What jobs/oauth_faults.hpp and jobs/client_secrets.hpp find: tokens, secrets, the clock.
[[nodiscard]] std::span<const diagnosis_row> token_rows();

/// Names, connections, proxies and TLS: what jobs/failure_words.hpp finds.
[[nodiscard]] std::span<const diagnosis_row> network_rows();

/// IMAP and POP3: what jobs/mail_replies.hpp finds.
[[nodiscard]] std::span<const diagnosis_row> reading_rows();

/// SMTP: what jobs/mail_replies.hpp finds, and what jobs/outbox_verdict.hpp does.
[[nodiscard]] std::span<const diagnosis_row> sending_rows();

} // namespace mailfleet::jobs
