#pragma once

#include "jobs/oauth_faults.hpp"
#include "messages/values/control.hpp"
#include "messages/values/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Every failure says what happened, who must act, and with which command.
namespace mailfleet::jobs {

/// What the program does by itself meanwhile.
enum class course : std::uint8_t {
  retried,        ///< Soon, with back-off.
  retried_slowly, ///< After minutes to hours, for haste does harm.
  parked,         ///< Not before a person acted.
  refused,        ///< The request changed nothing; there is nothing to repeat.
  fatal,          ///< The runtime stops.
};

/// `retried_slowly`, ...
[[nodiscard]] std::string_view to_string(course then) noexcept;

struct diagnosis_row {
  /// Stable; shown, stored and counted by.
  std::string_view code;
  std::string_view what;
  /// `operator`, `mailbox_owner`, `tenant_admin`, `provider`, `nobody`.
  std::string_view who;
  /// `{mailbox}` and `{provider}` stand for names.
  std::string_view cure;
  course then = course::retried;
};

/// The table.
[[nodiscard]] std::span<const diagnosis_row> diagnosis_table();

/// The row of a diagnosis; null if there is none.
[[nodiscard]] const diagnosis_row* find_diagnosis(std::string_view code);

/// The row of a failure that has no closer diagnosis. There is one for every `errc`.
[[nodiscard]] const diagnosis_row& row_of(errc code);

/// Whose trouble it is; the names go into the cure. Either may be empty.
struct diagnosis_subject {
  std::string_view mailbox;
  std::string_view provider;
};

/// What a failure means for its subject. `detail` becomes the evidence, and may tell a
/// closer diagnosis than `code` does (jobs/failure_words.hpp); one made by
/// `token_fault::as_failure` keeps its own.
[[nodiscard]] diagnosis diagnose(const failure& what, const diagnosis_subject& about,
                                 wall_time since, std::optional<wall_time> retry_at);

/// What a failed token request means for its subject.
[[nodiscard]] diagnosis diagnose(const token_fault& what, const diagnosis_subject& about,
                                 wall_time since, std::optional<wall_time> retry_at);

/// A diagnosis by its code, for trouble that is no failure (`secret.expiring`).
/// An unknown code gives `internal`.
[[nodiscard]] diagnosis diagnose(std::string_view code, std::string_view evidence,
                                 const diagnosis_subject& about, wall_time since,
                                 std::optional<wall_time> retry_at);

/// What an event keeps of a diagnosis: a JSON object of `code` and, if there is any,
/// `evidence`.
[[nodiscard]] std::string event_detail(const diagnosis& what);

} // namespace mailfleet::jobs
