#include "protocols/oauth2/pkce.hpp"

#include "protocols/oauth2/encoding.hpp"

#include <openssl/sha.h>

#include <array>

namespace mailfleet::oauth2 {

pkce_pair make_pkce(std::string_view random_bytes) {
  auto verifier = base64url(random_bytes.substr(0, pkce_random_bytes));
  auto challenge = s256_challenge(verifier);
  return {secret{std::move(verifier)}, std::move(challenge)};
}

std::string s256_challenge(std::string_view verifier) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(verifier.data()), verifier.size(), digest.data());
  return base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

} // namespace mailfleet::oauth2
