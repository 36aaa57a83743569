#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mailfleet::sasl {

/// The mechanisms we speak.
enum class mechanism : std::uint8_t {
  xoauth2 = 1,     ///< Google's and Microsoft's form of a bearer token.
  oauthbearer = 2, ///< RFC 7628.
  plain = 3,       ///< RFC 4616.
  login = 4,       ///< The obsolete draft-murchison-sasl-login, which servers still have.
};

/// The registered name: `XOAUTH2`.
[[nodiscard]] std::string_view to_string(mechanism which) noexcept;

/// The mechanism of that name, in any case; nothing for one we do not speak.
[[nodiscard]] std::optional<mechanism> parse_mechanism(std::string_view name) noexcept;

/// The mechanism to use of those a server offers. A token is never put into a
/// password mechanism, nor a password into a token's. Fails with
/// `no_common_mechanism`.
[[nodiscard]] result<mechanism> choose_mechanism(std::span<const std::string_view> offered,
                                                 mailbox_auth auth);

} // namespace mailfleet::sasl
