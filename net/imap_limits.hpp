#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// The limits of an IMAP session, each with its reason.
namespace mailfleet::net::imap_limits {

// -- deadlines ----------------------------------------------------------------

/// Each step of the log-in, whole. Exchange's proxy hop takes several seconds.
inline constexpr std::chrono::seconds login_deadline{60};

/// A command after the log-in, whole. Servers copy large mails in MOVE.
inline constexpr std::chrono::seconds command_deadline{120};

/// A listing, whole: a server may have to open every message for its size.
inline constexpr std::chrono::minutes listing_deadline{10};

/// The next byte while mail is fetched; and what must come in each such span,
/// so that a server that drips does not hold a session for days.
inline constexpr std::chrono::seconds data_deadline{60};
inline constexpr std::size_t least_bytes_per_span = 1024;

/// IDLE is renewed before servers and firewalls give up at 29 and 30 minutes
/// (RFC 2177).
inline constexpr std::chrono::minutes idle_renewal{25};

/// NOOP in place of IDLE, and while no command is given.
inline constexpr std::chrono::seconds poll_interval{60};

/// LOGOUT is a courtesy.
inline constexpr std::chrono::seconds logout_deadline{3};

/// How long a batch waits for more mail before it is reported: long enough for
/// the next segments on a busy line, too short for a person to notice.
inline constexpr std::chrono::milliseconds batch_linger{20};

// -- pipeline -----------------------------------------------------------------

/// One FETCH command: enough that a round trip is lost in it, and few enough
/// that a message that does not come costs little to find.
inline constexpr std::size_t messages_per_command = 256;
inline constexpr std::uint64_t bytes_per_command = 4 * 1024 * 1024;

/// The next command goes out when so little of the one under way is still to
/// come that the server has written it all. Earlier, Dovecot 2.3 answers both by
/// turns whenever our window is full (RFC 9051 5.5 allows it), and a cursor can
/// only follow an order.
inline constexpr std::uint64_t overlap_bytes = 64 * 1024;

/// UIDs of one listing command, at first; a window that lists few messages is
/// followed by one of twice its width.
inline constexpr std::uint32_t listed_uids = 50'000;
inline constexpr std::size_t few_listed = 5'000;

/// Messages that one listing may name: eight bytes each.
inline constexpr std::size_t max_listed = 1'000'000;

/// Messages that one SEARCH looks at: its answer is one line.
inline constexpr std::uint32_t searched_messages = 50'000;

// -- a look into the folder of sent mail ---------------------------------------

/// All of it behind the greeting. With `connect_deadline` it stays below what actors wait.
inline constexpr std::chrono::seconds sent_look_deadline{120};

/// Folders that are kept to choose from, and the bytes of their names and attributes: large
/// mailboxes with everybody's shared folders have some thousands.
inline constexpr std::size_t max_folders = 10'000;
inline constexpr std::size_t max_folder_bytes = 4 * 1024 * 1024;

/// Messages with one id whose headers are looked at: an id of ours is the beginning of as many
/// as a thousand others, of mails that are newer. And how many by one command, whose line must
/// not be longer than servers take (RFC 9051 section 4.4: 8,192 octets).
inline constexpr std::size_t max_search_hits = 5'000;
inline constexpr std::size_t headers_per_command = 500;

/// The newest messages whose headers are read where the searches found nothing: what was sent
/// in the minutes since, in one answer of some ten kilobytes.
inline constexpr std::uint32_t newest_looked_at = 200;

// -- memory -------------------------------------------------------------------

/// What a read takes while mail is fetched (several TLS records of 16 KiB), and
/// while a session idles: ten thousand of them must fit in memory.
inline constexpr std::size_t fetch_buffer_bytes = 64 * 1024;
inline constexpr std::size_t idle_buffer_bytes = 1024;

/// A batch is reported when it holds this much.
inline constexpr std::size_t batch_bytes = 1024 * 1024;
inline constexpr std::size_t batch_pieces = 256;

// -- sign-in and commands -----------------------------------------------------

/// An AUTHENTICATE line with an initial response; RFC 9051 section 4.4 names
/// 8,192 octets. Longer tokens go in two steps.
inline constexpr std::size_t max_authenticate_line = 8'000;

/// Commands that wait for the one before them; an owner gives one at a time.
inline constexpr std::size_t max_waiting_commands = 1'024;

} // namespace mailfleet::net::imap_limits
