#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every limit of the HTTP fronts, with its reason.
namespace mailfleet::web {

// -- JSON -------------------------------------------------------------------

/// Our own requests nest four levels; more is an attack on the parser.
inline constexpr int max_json_depth = 8;

/// A name, address or path; longer ones are mistakes.
inline constexpr std::size_t max_text_bytes = 2'048;

/// Refresh tokens of large tenants pass 4 KiB.
inline constexpr std::size_t max_secret_bytes = 16 * 1'024;

/// Scopes, secrets and no-proxy names a registration can sensibly have.
inline constexpr std::size_t max_list_items = 100;

/// Recipients, files or references of one mail: a request of 1 MiB has no room for many more,
/// and what reads them has the limits of mail.
inline constexpr std::size_t max_mail_items = 10'000;

// -- control server ---------------------------------------------------------

/// Request line and header fields; a client of ours sends under 1 KiB.
inline constexpr std::uint32_t max_control_header_bytes = 8 * 1'024;

/// The largest requests are mails; what is larger is uploaded in parts of 256 KiB.
inline constexpr std::uint64_t max_control_body_bytes = 1'024 * 1'024;

/// People and scripts on one machine; each costs a descriptor and a coroutine.
inline constexpr std::size_t max_control_connections = 64;

/// A kept-alive connection without a request: long enough for a person's next command.
inline constexpr std::chrono::seconds control_idle_deadline{60};

/// From the first byte of a request to its last; on a local socket this is generous.
inline constexpr std::chrono::seconds control_read_deadline{10};

/// A reader that takes nothing for this long is gone.
inline constexpr std::chrono::seconds control_write_deadline{30};

/// The runtime answers in milliseconds; a sign-in may wait for an identity provider.
inline constexpr std::chrono::seconds answer_deadline{60};

/// The longest a client may ask `events` to wait, under its own time-outs.
inline constexpr std::chrono::seconds max_event_wait{60};

/// Rows of one page of messages or events.
inline constexpr std::size_t max_page_rows = 1'000;

/// `sun_path` holds 108 octets with its end mark (unix(7)); binding needs a
/// name beside it that is four octets longer.
inline constexpr std::size_t max_socket_path_bytes = 103;

// -- callback listener ------------------------------------------------------

/// An authorization code is up to 2 KiB, and other programs on a loopback host
/// set cookies too.
inline constexpr std::uint32_t max_callback_header_bytes = 16 * 1'024;

/// Also never more than a quarter of the process's descriptors.
inline constexpr std::size_t max_callback_connections = 1'000;

/// Behind a proxy every browser has the same address, so this is generous: it
/// keeps one address from taking all places.
inline constexpr std::size_t max_callback_connections_per_address = 500;

/// From accept to the last header byte, whatever drips in meanwhile.
inline constexpr std::chrono::seconds callback_read_deadline{10};

/// A page is under 1 KiB; whoever does not take it is gone.
inline constexpr std::chrono::seconds callback_write_deadline{10};

/// How long accept rests when the process has no descriptor left.
inline constexpr std::chrono::milliseconds accept_rest{20};

/// Tickets are 43 characters; a longer path is not one of ours.
inline constexpr std::size_t max_ticket_bytes = 256;

/// A sign-in lives ten minutes, and so does its cookie.
inline constexpr std::chrono::seconds cookie_life{600};

/// Sign-ins open in one browser: their cookies, 80 bytes each, must leave a callback's
/// header its room.
inline constexpr std::size_t max_visit_cookies = 32;

// -- client -----------------------------------------------------------------

/// The whole answer of a list; ten thousand mailboxes take about 10 MiB.
inline constexpr std::uint64_t max_answer_bytes = 256 * 1'024 * 1'024;

/// Over `answer_deadline` and `max_event_wait`, so that the server's own
/// time-out is the one that is seen.
inline constexpr std::chrono::seconds client_deadline{90};

} // namespace mailfleet::web
