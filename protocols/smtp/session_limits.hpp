#pragma once

#include <cstddef>

/// The limits of an SMTP session beyond its lines, each with its reason.
namespace mailfleet::smtp {

/// Recipients whose RCPT TO go out together where the server offers PIPELINING: their
/// answers fit the socket's buffer, so that neither side waits for the other.
inline constexpr std::size_t max_pipelined = 100;

/// Capabilities and mechanisms kept of one server. The longest EHLO answers seen have 25.
inline constexpr std::size_t max_capabilities = 128;

/// ENVID (RFC 3461 4.4) and ORCPT (4.2), as they are written.
inline constexpr std::size_t max_envid_bytes = 100;
inline constexpr std::size_t max_orcpt_bytes = 500;

/// A path with its angle brackets (RFC 5321 4.5.3.1.3).
inline constexpr std::size_t max_path_bytes = 256;

} // namespace mailfleet::smtp
