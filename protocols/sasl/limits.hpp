#pragma once

#include <cstddef>

/// The limits of SASL conversations, each with its reason.
namespace mailfleet::sasl {

/// Base64 text of one challenge. The error challenges of RFC 7628 are some
/// hundred bytes; a server that sends more has another plan.
inline constexpr std::size_t max_challenge_bytes = 8 * 1024;

/// Nesting of the JSON in an error challenge: it is one flat object.
inline constexpr int max_challenge_depth = 4;

/// Bytes kept of each field of an error challenge: enough for an address.
inline constexpr std::size_t max_challenge_field_bytes = 512;

/// Challenges of one conversation. LOGIN has two, the others at most one and
/// one error challenge.
inline constexpr int max_challenges = 3;

/// Bytes of a credential by which it is known where a server cut what it repeats: long enough
/// that no other words hold them, too short to be of use to anyone.
inline constexpr std::size_t echo_piece_bytes = 12;

} // namespace mailfleet::sasl
