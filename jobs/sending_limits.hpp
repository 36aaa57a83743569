#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every limit and wait of sending, with its reason.
namespace mailfleet::jobs {

using namespace std::chrono_literals;

// -- trying again -----------------------------------------------------------

/// The first wait after the server put a mail off, doubled with each time up to the longest:
/// greylisting ends within minutes, a full mailbox within hours.
inline constexpr std::chrono::seconds send_wait_first{1min};
inline constexpr std::chrono::seconds send_wait_max{2h};

/// The first wait where haste does harm: Exchange counts repeated errors against the mailbox
/// and then blocks all its sending.
inline constexpr std::chrono::seconds slow_send_wait_first{15min};

/// How long a mail is tried, from the first time that the server put it off (RFC 5321 4.5.4.1:
/// at least 4-5 days).
inline constexpr std::chrono::hours send_give_up{5 * 24};

/// Destinations whose trouble is remembered; of more, the one that rests the shortest goes.
inline constexpr std::size_t max_resting_destinations = 10'000;

// -- mail in doubt ----------------------------------------------------------

/// A copy in Sent may come late: before this "not there" means nothing.
inline constexpr std::chrono::seconds doubt_least_age{10min};

/// Complete searches of each mailbox that must not find it.
inline constexpr unsigned doubt_searches = 2;

/// Times after the final dot at which Sent is searched; then every `doubt_search_every`.
inline constexpr std::chrono::seconds doubt_search_at[] = {20s, 2min, 10min};
inline constexpr std::chrono::seconds doubt_search_every{10min};

/// How long a search that cannot be made is waited for, before the policy decides without.
inline constexpr std::chrono::seconds doubt_patience{1h};

// -- what goes at once ------------------------------------------------------

/// Mails under way over all mailboxes: each holds a connection and a piece of its body.
inline constexpr std::size_t max_sending = 256;

/// The day's recipients are counted by slots of this length: 144 numbers a mailbox.
inline constexpr std::chrono::seconds usage_slot{10min};

// -- accepting --------------------------------------------------------------

/// Other addresses and domains of one mailbox.
inline constexpr std::size_t max_send_as = 100;

/// Connections of one mailbox: more than servers admit would only be refused.
inline constexpr std::uint32_t max_connections = 20;

/// How long a submitter may ask again with the same key and get the first answer: longer than
/// any of its own retries.
inline constexpr std::chrono::hours idempotency_kept{30 * 24};
inline constexpr std::size_t max_idempotency_key_bytes = 128;

/// A mail scheduled for later than this is a mistake in its time.
inline constexpr std::chrono::hours schedule_horizon{366 * 24};

} // namespace mailfleet::jobs
