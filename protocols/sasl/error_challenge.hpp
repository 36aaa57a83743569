#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::sasl {

/// Why a server refuses a token, in its own words (RFC 7628 3.2.2; XOAUTH2 has
/// the same form). Made printable and cut; fields that are not there are empty.
struct error_challenge {
  /// `invalid_token`, `insufficient_scope`; with XOAUTH2 `401`, `403`, `400`.
  std::string status;
  std::string scope;
  bool operator==(const error_challenge&) const = default;
};

/// Reads the base64 text of a challenge; nothing if it is no JSON object of
/// that form, or beyond the limits.
[[nodiscard]] std::optional<error_challenge> read_error_challenge(std::string_view base64);

} // namespace mailfleet::sasl
