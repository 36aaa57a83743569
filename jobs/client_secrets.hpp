#pragma once

#include "jobs/limits.hpp"
#include "messages/values/control.hpp"
#include "messages/values/records.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <span>

/// Which of several client secrets to use, and when to warn. `refused` holds the
/// numbers of those the identity provider has refused (`errc::client_refused`).
namespace mailfleet::jobs {

/// Whether a secret is past its expiry. One without an expiry never is.
[[nodiscard]] bool is_expired(const client_secret& which, wall_time now);

/// The secret to use: of those neither expired nor refused the newest (latest
/// `added_at`, then highest number), because whoever adds a secret wants it used.
/// Null: there is none left. Points into `secrets`.
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

/// When `secrets_state` or `expiry_warning` changes next by time alone; none: never.
[[nodiscard]] std::optional<wall_time> next_secret_change(std::span<const client_secret> secrets,
                                                          wall_time now);

} // namespace mailfleet::jobs
