#pragma once

#include <chrono>
#include <cstddef>

/// The limits of an SMTP session, each with its reason. Those of RFC 5321 4.5.3.2 are
/// the least that a client should wait.
namespace mailfleet::net::smtp_limits {

/// EHLO and AUTH, each whole. Exchange's proxy hop takes several seconds.
inline constexpr std::chrono::seconds login_deadline{60};

/// MAIL FROM and each answer to RCPT TO (4.5.3.2.2, 4.5.3.2.3).
inline constexpr std::chrono::minutes envelope_deadline{5};

/// Each piece of content until the server took it (4.5.3.2.5).
inline constexpr std::chrono::minutes piece_deadline{3};

/// The answer to the final dot (4.5.3.2.6; RFC 1047 tells what impatience costs).
inline constexpr std::chrono::minutes dot_deadline{10};

/// How long our own side may take for a piece, or for making it durable that the dot goes.
inline constexpr std::chrono::minutes owner_deadline{2};

/// QUIT is a courtesy.
inline constexpr std::chrono::seconds quit_deadline{3};

/// A session that nobody uses: its owner closes it long before.
inline constexpr std::chrono::hours idle_deadline{24};

/// The end of a mail's content that waits for its dot: some packets, which a socket takes at
/// once, so that a connection that breaks meanwhile leaves no more mails in doubt.
inline constexpr std::size_t max_tail_bytes = 32 * 1024;

/// What one read takes: a reply has at most a few lines.
inline constexpr std::size_t buffer_bytes = 4 * 1024;

/// Commands that wait; an owner gives one at a time.
inline constexpr std::size_t max_waiting_commands = 4;

} // namespace mailfleet::net::smtp_limits
