#pragma once

#include "jobs/limits.hpp"
#include "messages/values/control.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Which of several client secrets to use, and when to warn. `refused` holds the
/// numbers of those the identity provider has refused (`errc::client_refused`).
namespace mailfleet::jobs {

/// The same with the time at which each was refused.
using secret_refusals = std::map<std::uint32_t, wall_time>;

/// The numbers in it.
[[nodiscard]] std::set<std::uint32_t> numbers_of(const secret_refusals& refused);

/// When a secret ends: the earlier of the end that was given and the one that the
/// directory lists (docs/decisions/the-earlier-end-counts.md). None: neither is known.
[[nodiscard]] std::optional<wall_time> end_of(const client_secret& which);

/// Whether a secret is past its expiry. One without an expiry never is.
[[nodiscard]] bool is_expired(const client_secret& which, wall_time now);

/// The secret to use: of those neither expired nor refused the newest (latest
/// `added_at`, then highest number), because whoever adds a secret wants it used. If
/// all have expired the newest that is not refused: a date may be typed wrongly, and
/// the server has the last word. Null: there is none left. Points into `secrets`.
[[nodiscard]] const client_secret* choose_secret(std::span<const client_secret> secrets,
                                                 const std::set<std::uint32_t>& refused,
                                                 wall_time now);

/// When the last good secret ends; none: one of them never ends, or none is good.
[[nodiscard]] std::optional<wall_time> last_expiry(std::span<const client_secret> secrets,
                                                   const std::set<std::uint32_t>& refused,
                                                   wall_time now);

/// The nearest of `secret_warning_days` that has begun before `expires_at`: 30
/// from 30 days before it until 14 days before it. None: too early, or past.
[[nodiscard]] std::optional<int> expiry_warning(wall_time expires_at, wall_time now);

/// What the secrets alone say of a provider: `ready`, `secret_expiring`,
/// `secret_expired` (none left: expired), or `misconfigured` (none left, and one
/// that is not expired was refused).
[[nodiscard]] provider_state secrets_state(const provider_record& provider,
                                           const std::set<std::uint32_t>& refused, wall_time now);

/// What each secret is good for, in the order of `provider.secrets`.
[[nodiscard]] std::vector<secret_view> secret_views(const provider_record& provider,
                                                    const secret_refusals& refused, wall_time now);

/// What is shown as refused.
[[nodiscard]] secret_refusals refused_of(std::span<const secret_view> shown);

/// Something to be told of a secret once.
struct secret_notice {
  std::uint32_t number = 0;
  /// Days before its expiry; 0: it has expired.
  std::uint16_t days = 0;
  wall_time expires_at{};
  bool operator==(const secret_notice&) const = default;
};

/// What is to be told now and was not: the expiry of each secret, and the warnings
/// before that of the last good one. Marks them as told in `provider`.
[[nodiscard]] std::vector<secret_notice>
take_notices(provider_record& provider, const std::set<std::uint32_t>& refused, wall_time now);

/// `provider` with one more secret, under a number that none had. Fails with
/// `invalid_argument` if there are `max_secrets` already, or if it authenticates without one.
[[nodiscard]] result<provider_record> with_secret(provider_record provider, client_secret added);

/// `provider` without a secret. Fails with `not_found`; with `in_use` if no other is
/// in use or on standby, as `shown` has them, and it is.
[[nodiscard]] result<provider_record> without_secret(provider_record provider, std::uint32_t number,
                                                     std::span<const secret_view> shown);

/// The diagnosis of a state that the secrets alone are the reason of; none: it is good.
[[nodiscard]] std::optional<std::string_view> secrets_trouble(provider_state state);

/// When each secret ends, and when it was refused, in words that may be shown.
[[nodiscard]] std::string secrets_evidence(const provider_record& provider,
                                           const secret_refusals& refused);

/// When `secrets_state` or `expiry_warning` changes next by time alone; none: never.
[[nodiscard]] std::optional<wall_time> next_secret_change(std::span<const client_secret> secrets,
                                                          wall_time now);

} // namespace mailfleet::jobs
