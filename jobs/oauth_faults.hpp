#pragma once

#include "messages/values/oauth2.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What a failed token request means. HTTP status, `error` and `suberror` decide;
/// Microsoft's numeric codes only make us gentler, or the diagnosis clearer.
namespace mailfleet::jobs {

/// Who can end the trouble that an AADSTS code tells of.
enum class aadsts_act : std::uint8_t {
  retry,         ///< R: back off and try again.
  credential,    ///< S: our client credential; one alarm for the provider.
  sign_in,       ///< U: the mailbox's person must sign in again.
  administrator, ///< A: the tenant's administrator must change something.
  configuration, ///< C: our registration or configuration is wrong.
  dead,          ///< D: the account is gone.
};

struct aadsts_row {
  std::uint32_t code = 0;
  aadsts_act act = aadsts_act::retry;
  /// A code of the table in jobs/diagnosis.hpp.
  std::string_view diagnosis;
  /// It concerns the registration, so every mailbox of the provider.
  bool provider_wide = false;
};

/// The table, in ascending order of codes.
[[nodiscard]] std::span<const aadsts_row> aadsts_table();

/// The row of a code; null if it is not in the table.
[[nodiscard]] const aadsts_row* find_aadsts(std::uint32_t code);

/// How one token request failed.
struct token_failure {
  /// Set: there was no HTTP answer.
  std::optional<failure> network;
  int status = 0;
  token_error error;
  /// From the answer's headers.
  std::optional<std::chrono::seconds> retry_after;
  /// How many requests of this grant failed in a row before this one.
  unsigned failures_before = 0;
  /// When it came, by our clock; with it the answer's own time shows whether ours is wrong.
  std::optional<wall_time> now = std::nullopt;
};

/// What follows from it.
struct token_fault {
  errc code = errc::token_unavailable;
  /// A code of the table in jobs/diagnosis.hpp.
  std::string_view diagnosis;
  /// The least wait before the next try, the server's or ours; none: the usual
  /// back-off. See `token_wait` in jobs/retry.hpp.
  std::optional<std::chrono::seconds> retry_after;
  /// It concerns every mailbox of the provider: one alarm, not one each.
  bool provider_wide = false;
  /// Printable and bounded; names `error`, codes and ids, never a person.
  std::string evidence;

  /// What is told to whoever asked for the token: its detail is
  /// `DIAGNOSIS: EVIDENCE`, from which `diagnose` finds the diagnosis again.
  [[nodiscard]] failure as_failure() const;
};

/// Classifies, in this order: (1) no answer, 5xx, 429: retry; (2) a code of
/// throttling or passing trouble: retry; (3) `invalid_client`: our credential;
/// (4) errors of configuration; (5) `invalid_grant`, `interaction_required`,
/// `consent_required`, `login_required`, `access_denied`: the mailbox is parked, and
/// code or sub-error say why; (6) anything else: retried `unknown_error_retries`
/// times, then an alarm.
[[nodiscard]] token_fault classify(const token_failure& what);

/// The fault of an answer with status 200 that could not be used (`why` is the
/// failure of its parser).
[[nodiscard]] token_fault unusable_answer(const failure& why);

/// The fault of a client certificate that could not sign (`why` is its loader's).
[[nodiscard]] token_fault unusable_certificate(const failure& why);

} // namespace mailfleet::jobs
