#pragma once

#include "messages/values/result.hpp"
#include "protocols/oauth2/signing.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::oauth2 {

/// One public key for signatures (RFC 7517 4), RSA or EC P-256.
struct jwk {
  key_ptr key;
  /// Empty: the key has no name.
  std::string kid;
  /// The only `alg` that the key is for; empty: any that fits its kind.
  std::string alg;
  /// Microsoft: the issuer whose tokens the key may sign; `{tenantid}` in it
  /// stands for the token's `tid`. Empty: any that the set is trusted for.
  std::string issuer;
};

/// The keys of an issuer, as its `jwks_uri` gives them. Can be moved, not copied;
/// several threads may verify with one set.
using jwk_set = std::vector<jwk>;

/// Reads a JWK set (RFC 7517 5). Skipped are keys of another kind or use, of a
/// bad size or form, and members that we do not know. A set may be empty. Fails
/// with `errc::token_unavailable` if the bytes are no set or hold more than
/// `max_keys` keys.
[[nodiscard]] result<jwk_set> parse_jwks(std::string_view body);

/// Whether the id_token's header names a key that the set does not have: the
/// issuer may have changed its keys, so fetch them again, once, and then verify.
/// False for what `verify_id_token` would refuse for its header.
[[nodiscard]] bool names_unknown_key(std::string_view jwt, const jwk_set& keys);

/// Checks that a key of the set signed the id_token with RS256, PS256 or ES256,
/// and that this key may sign for the token's issuer. The key is chosen by `kid`;
/// a token that names none is taken only if the set has one key (OpenID Connect
/// Core 10.1). Says nothing of the claims: `validate_id_token` checks these. Fails with
/// `errc::token_unavailable` if it is no id_token or its key is unknown, and with
/// `errc::sign_in_required` if algorithm, key, issuer or signature are wrong.
[[nodiscard]] result<void> verify_id_token(std::string_view jwt, const jwk_set& keys);

} // namespace mailfleet::oauth2
