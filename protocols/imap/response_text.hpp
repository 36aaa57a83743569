#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mailfleet::imap {

enum class status : std::uint8_t { ok = 1, no = 2, bad = 3, bye = 4, preauth = 5 };

/// The response codes that mean something to us (RFC 9051 7.1, RFC 5530).
enum class response_code : std::uint8_t {
  none = 0,
  other,
  alert,
  authentication_failed,
  authorization_failed,
  capability,
  contact_admin,
  expired,
  in_use,
  limit,
  no_permission,
  over_quota,
  privacy_required,
  read_only,
  server_bug,
  throttled,
  try_create,
  uid_next,
  uid_validity,
  unavailable,
};

/// What follows a status word: `[CODE ARGUMENTS] words`. The views are the
/// line's.
struct response_text {
  response_code code = response_code::none;
  /// The code as the server wrote it; empty: none.
  std::string_view name;
  std::string_view arguments;
  std::string_view words;
};

/// OK, NO, BAD, BYE, PREAUTH in any case.
[[nodiscard]] std::optional<status> read_status(std::string_view word) noexcept;

/// A code that is not closed is part of the words.
[[nodiscard]] response_text read_response_text(std::string_view text) noexcept;

} // namespace mailfleet::imap
