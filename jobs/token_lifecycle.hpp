#pragma once

#include "jobs/limits.hpp"
#include "messages/values/oauth2.hpp"
#include "messages/values/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The life of a grant: pure functions from a record and the time to the next
/// record. Each that returns a record to be written has added one to its version;
/// the caller makes it durable before it uses what is new in it. A grant that was
/// never written has version 0.
namespace mailfleet::jobs {

/// Whether the access token may be handed out: there is one, and more than the
/// margin of its life is left (also right after a restart).
[[nodiscard]] bool is_usable(const grant_record& grant, wall_time now);

/// Whether there is a refresh token to refresh with.
[[nodiscard]] bool can_refresh(const grant_record& grant);

/// When the grant wants its next refresh: of a mailbox in use at `refresh_at`, of
/// an idle one (paused, parked by its server) `keep_alive_interval` after the last
/// one. May be in the past: now. None: nothing to refresh, or a person must act.
[[nodiscard]] std::optional<wall_time> next_refresh(const grant_record& grant, bool in_use);

/// Which of the two refresh tokens a request was made with.
enum class refresh_with : std::uint8_t { current, previous };

/// The one to try after a request with `failed` was refused as `sign_in_required`:
/// the previous one, once. None: both are spent.
[[nodiscard]] std::optional<refresh_with> fall_back(const grant_record& grant, refresh_with failed);

/// The token to send.
[[nodiscard]] const secret& refresh_token_of(const grant_record& grant, refresh_with which);

/// Takes over a good answer to a refresh made with `used`. A new refresh token
/// moves the one that was used to `previous_refresh_token`, where it stays until
/// the new one has worked; an answer without one keeps the one used. The one
/// before is dropped: its successor has worked now. A parked grant is parked no
/// more. `fraction` in [0, 1) spreads the next refresh.
[[nodiscard]] grant_record apply_answer(grant_record grant, token_answer answer, refresh_with used,
                                        wall_time now, double fraction);

/// Takes over the answer to a sign-in: nothing of an older sign-in stays.
[[nodiscard]] grant_record apply_sign_in(grant_record grant, token_answer answer,
                                         std::string subject, std::string account, wall_time now,
                                         double fraction);

/// The mail server refused the access token granted at `refused`. If that is
/// still the one we hold it is dropped, in memory only (the version stays: after a
/// restart it would be refused once more, no harm), so that the next request
/// refreshes; else the record is unchanged, for a newer token is there already.
[[nodiscard]] grant_record apply_mail_refusal(grant_record grant, wall_time refused);

/// The identity provider wants a person, for the reason that `diagnosis` names. The
/// tokens stay: see `next_parked_try`. Parked for that reason already: unchanged.
[[nodiscard]] grant_record park(grant_record grant, std::string_view diagnosis, wall_time now);

/// When a parked grant is tried once more without a person's help: hourly for a day
/// after it was parked, then once a day. Always after `now`.
[[nodiscard]] wall_time next_parked_try(const grant_record& parked, wall_time now);

} // namespace mailfleet::jobs
