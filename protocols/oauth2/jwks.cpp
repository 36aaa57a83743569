#include "protocols/oauth2/jwks.hpp"

#include "protocols/oauth2/bounded_json.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/id_token.hpp"
#include "protocols/oauth2/limits.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace mailfleet::oauth2 {

namespace {

struct freed {
  void operator()(BIGNUM* number) const noexcept {
    BN_free(number);
  }
  void operator()(EVP_PKEY_CTX* context) const noexcept {
    EVP_PKEY_CTX_free(context);
  }
  void operator()(OSSL_PARAM_BLD* builder) const noexcept {
    OSSL_PARAM_BLD_free(builder);
  }
  void operator()(OSSL_PARAM* parameters) const noexcept {
    OSSL_PARAM_free(parameters);
  }
};
template <class T>
using handle = std::unique_ptr<T, freed>;

failure no_id_token(std::string_view why) {
  return {errc::token_unavailable, "the id_token " + std::string{why}};
}

failure refused(std::string why) {
  return {errc::sign_in_required, "the id_token " + std::move(why)};
}

// -- keys ---------------------------------------------------------------------

/// A number or coordinate; empty if it is not there or no base64url.
std::string bytes_member(const boost::json::object& object, const char* name) {
  return decode_base64url(text_member(object, name, max_text_bytes)).value_or(std::string{});
}

/// A member that may be missing or null, but must be a text of some length if it
/// is there: what limits a key must not be skipped over.
bool take_text(const boost::json::object& object, const char* name, std::size_t limit,
               std::string& into) {
  into = text_member(object, name, limit);
  const auto* member = object.if_contains(name);
  return !into.empty() || member == nullptr || member->is_null();
}

key_ptr public_key(const char* kind, OSSL_PARAM* parameters) {
  handle<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr)};
  EVP_PKEY* made = nullptr;
  if (!context || parameters == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1
      || EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
    return {};
  return key_ptr{made};
}

handle<BIGNUM> number_of(const std::string& bytes) {
  return handle<BIGNUM>{BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                                  static_cast<int>(bytes.size()), nullptr)};
}

/// RFC 7518 6.3.1.
key_ptr rsa_key(const boost::json::object& object) {
  auto modulus = number_of(bytes_member(object, "n"));
  auto exponent = number_of(bytes_member(object, "e"));
  handle<OSSL_PARAM_BLD> builder{OSSL_PARAM_BLD_new()};
  // With an exponent of 1 everything is a signature; a long one costs time.
  if (!modulus || !exponent || !builder || BN_is_odd(exponent.get()) == 0
      || BN_is_one(exponent.get()) != 0 || BN_num_bits(exponent.get()) > max_rsa_exponent_bits
      || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1
      || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    return {};
  handle<OSSL_PARAM> parameters{OSSL_PARAM_BLD_to_param(builder.get())};
  return public_key("RSA", parameters.get());
}

/// RFC 7518 6.2.1. OpenSSL refuses a point that is not on the curve.
key_ptr ec_key(const boost::json::object& object) {
  constexpr std::size_t coordinate_bytes = 32;
  auto x = bytes_member(object, "x");
  auto y = bytes_member(object, "y");
  if (text_member(object, "crv", max_word_bytes) != "P-256" || x.size() != coordinate_bytes
      || y.size() != coordinate_bytes)
    return {};
  std::string group = "prime256v1";
  auto point = "\x04" + x + y;
  std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  return public_key("EC", parameters.data());
}

/// One element of `keys`; nothing if it is of no use to us.
std::optional<jwk> read_key(const boost::json::object& object) {
  jwk found;
  std::string use;
  if (!take_text(object, "kid", max_kid_bytes, found.kid)
      || !take_text(object, "alg", max_word_bytes, found.alg)
      || !take_text(object, "issuer", max_text_bytes, found.issuer)
      || !take_text(object, "use", max_word_bytes, use) || (!use.empty() && use != "sig"))
    return std::nullopt;
  auto kind = text_member(object, "kty", max_word_bytes);
  if (kind == "RSA")
    found.key = rsa_key(object);
  if (kind == "EC")
    found.key = ec_key(object);
  if (!found.key || !is_usable(*found.key))
    return std::nullopt;
  return found;
}

// -- tokens -------------------------------------------------------------------

/// A signed JWT, taken apart (RFC 7515 3.1).
struct signed_token {
  signature_algorithm algorithm = signature_algorithm::rs256;
  /// Empty: the header names none.
  std::string kid;
  /// Header and claims as they came, with the dot between them.
  std::string_view content;
  std::string signature;
};

result<signed_token> take_apart(std::string_view jwt) {
  if (jwt.size() > max_token_bytes)
    return no_id_token("is too long");
  auto first = jwt.find('.');
  auto last = jwt.rfind('.');
  if (first == std::string_view::npos || first == last)
    return no_id_token("is no signed JWT");
  auto bytes = decode_base64url(jwt.substr(0, first));
  auto signature = decode_base64url(jwt.substr(last + 1));
  auto header = bytes ? parse_object(*bytes) : parsed_object{};
  if (!header || !signature)
    return no_id_token("has no readable header or signature");
  signed_token found;
  if (!take_text(*header, "kid", max_kid_bytes, found.kid))
    return no_id_token("names its key by no usable text");
  auto name = text_member(*header, "alg", max_word_bytes);
  auto algorithm = signature_algorithm_of(name);
  if (!algorithm)
    return refused("is signed with alg '" + printable(name)
                   + "' where only RS256, PS256 and ES256 are taken");
  // RFC 7515 4.1.11: what we do not know and must understand.
  if (header->contains("crit"))
    return refused("has a 'crit' header, which is not understood here");
  found.algorithm = *algorithm;
  found.content = jwt.substr(0, last);
  found.signature = *std::move(signature);
  return found;
}

bool is_named_by(const signed_token& token, const jwk& key, const jwk_set& keys) {
  return token.kid.empty() ? keys.size() == 1 : key.kid == token.kid;
}

bool is_known(const signed_token& token, const jwk_set& keys) {
  for (const auto& key : keys)
    if (is_named_by(token, key, keys))
      return true;
  return false;
}

result<void> check_with(const jwk& key, const signed_token& token, const id_claims& claims) {
  auto algorithm = to_string(token.algorithm);
  if (!fits(*key.key, token.algorithm) || (!key.alg.empty() && key.alg != algorithm))
    return refused("is signed with " + std::string{algorithm} + ", but its key '"
                   + printable(token.kid) + "' is for another algorithm");
  if (!key.issuer.empty()) {
    auto issuer = issuer_for(key.issuer, claims.tenant);
    if (!issuer || claims.issuer != *issuer)
      return refused("has the iss '" + printable(claims.issuer) + "', but its key '"
                     + printable(token.kid) + "' is for the issuer '" + printable(key.issuer)
                     + "'");
  }
  if (!verifies(*key.key, token.algorithm, token.content, token.signature))
    return refused("has a signature that is not of its key '" + printable(token.kid) + "'");
  return {};
}

} // namespace

result<jwk_set> parse_jwks(std::string_view body) {
  auto document = parse_object(body);
  const auto* listed = document ? list_member(*document, "keys") : nullptr;
  if (listed == nullptr)
    return failure{errc::token_unavailable, "the answer of the key address is no JWK set"};
  if (listed->size() > max_keys)
    return failure{errc::token_unavailable,
                   "the JWK set holds more than " + std::to_string(max_keys) + " keys"};
  quiet_errors quiet;
  jwk_set keys;
  for (const auto& one : *listed)
    if (const auto* object = one.if_object())
      if (auto key = read_key(*object))
        keys.push_back(*std::move(key));
  return keys;
}

bool names_unknown_key(std::string_view jwt, const jwk_set& keys) {
  auto token = take_apart(jwt);
  return token && !is_known(*token, keys);
}

result<void> verify_id_token(std::string_view jwt, const jwk_set& keys) {
  auto token = take_apart(jwt);
  if (!token)
    return std::move(token).error();
  auto claims = decode_id_token(jwt);
  if (!claims)
    return std::move(claims).error();
  result<void> outcome = no_id_token("names the key '" + printable(token->kid)
                                     + "', which its issuer's keys do not have");
  // Nothing forbids two keys of one name.
  for (const auto& key : keys) {
    if (!is_named_by(*token, key, keys))
      continue;
    outcome = check_with(key, *token, *claims);
    if (outcome)
      break;
  }
  return outcome;
}

} // namespace mailfleet::oauth2
