#pragma once

#include "messages/values/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace mailfleet::oauth2 {

/// How many random bytes a verifier is made of (RFC 7636 4.1 recommends 32).
inline constexpr std::size_t pkce_random_bytes = 32;

/// Proof key for one authorization code (RFC 7636). The verifier stays here until
/// the code is redeemed; the challenge travels in the authorize URL.
struct pkce_pair {
  secret verifier;
  std::string challenge;
};

/// A verifier from at least `pkce_random_bytes` random bytes, and its challenge.
[[nodiscard]] pkce_pair make_pkce(std::string_view random_bytes);

/// BASE64URL(SHA256(verifier)): method `S256`, the only one we use.
[[nodiscard]] std::string s256_challenge(std::string_view verifier);

} // namespace mailfleet::oauth2
