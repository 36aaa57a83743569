#pragma once

#include <cstddef>

/// The limits of SMTP replies and commands, each with its reason.
namespace mailfleet::smtp {

/// One line of a reply. RFC 5321 4.5.3.1.5 gives 512 octets; servers put addresses and
/// links into theirs.
inline constexpr std::size_t max_reply_line_bytes = 4 * 1024;

/// Lines of one reply: an EHLO has some 20, the longest refusals a dozen.
inline constexpr std::size_t max_reply_lines = 128;

/// A command line with its CRLF (RFC 5321 4.5.3.1.4). RFC 4954 section 4 counts the
/// initial response of AUTH in it, and servers refuse a longer one as a syntax error.
inline constexpr std::size_t max_command_line_bytes = 512;

} // namespace mailfleet::smtp
