#pragma once

#include "jobs/diagnosis.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

/// The table of diagnoses, as it is shown.
namespace mailfleet::tools {

/// The row of `name`: a code of the table, or one of Microsoft's (`AADSTS50076`, `50076`).
/// Null if there is none.
[[nodiscard]] const jobs::diagnosis_row* row_named(std::string_view name);

/// A few codes that are written nearly like `name`, or hold it; nearest first.
[[nodiscard]] std::vector<std::string_view> codes_near(std::string_view name);

/// Its cure, with MAILBOX and PROVIDER where names would stand.
[[nodiscard]] std::string cure_of(const jobs::diagnosis_row& row);

/// The AADSTS codes that are told as `row`: `AADSTS50072, AADSTS50074`; empty: none.
[[nodiscard]] std::string aadsts_of(const jobs::diagnosis_row& row);

/// What the program does meanwhile, in words.
[[nodiscard]] std::string_view course_words(jobs::course then);

[[nodiscard]] nlohmann::ordered_json row_json(const jobs::diagnosis_row& row);

/// docs/diagnosis.md, whole.
[[nodiscard]] std::string diagnosis_document();

} // namespace mailfleet::tools
