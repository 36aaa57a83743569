#pragma once

#include <cstddef>

/// The limits of POP3 conversations, each with its reason.
namespace mailfleet::pop3 {

/// One line of a reply: RFC 2449 section 4 gives 512 octets; challenges of SASL are longer.
inline constexpr std::size_t max_reply_line_bytes = 12 * 1024;

/// Capabilities of one server: some ten.
inline constexpr std::size_t max_capabilities = 128;

} // namespace mailfleet::pop3
