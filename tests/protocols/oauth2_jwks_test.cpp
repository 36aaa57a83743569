#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/jwks.hpp"
#include "protocols/oauth2/limits.hpp"
#include "tests/support/signing_keys.hpp"

#include <catch2/catch.hpp>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>

#include <array>
#include <string>

// Goal: only a token that a key of the set signed is taken, by this key's own
// algorithm, for this key's own issuer.
// Method: keys made here; whatever a forger could change is changed alone.

using namespace mailfleet;
using namespace mailfleet::oauth2;
using nlohmann::json;
using alg = signature_algorithm;

namespace {

constexpr const char* tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

json claims() {
  return {{"iss", "https://id.example"}, {"sub", "s"}, {"exp", 1'800'000'000}};
}

json set_of(json keys) {
  return {{"keys", std::move(keys)}};
}

jwk_set keys_of(const json& keys) {
  auto parsed = parse_jwks(set_of(keys).dump());
  REQUIRE(parsed);
  return *std::move(parsed);
}

/// An RSA key `r` and a P-256 key `e`.
jwk_set both() {
  return keys_of({test::jwk_of(test::rsa_key(), "r"), test::jwk_of(test::ec_key(), "e")});
}

EVP_PKEY& key_for(alg algorithm) {
  return algorithm == alg::es256 ? test::ec_key() : test::rsa_key();
}

std::string good(alg algorithm) {
  const auto* kid = algorithm == alg::es256 ? "e" : "r";
  return test::signed_jwt(key_for(algorithm), algorithm, {{"kid", kid}}, claims());
}

/// The code that a token is refused with; it must be refused.
errc refusal(std::string_view jwt, const jwk_set& keys) {
  auto verified = verify_id_token(jwt, keys);
  REQUIRE_FALSE(verified);
  CHECK(ERR_peek_error() == 0);
  return verified.error().code;
}

std::size_t usable(const json& key) {
  return keys_of(json::array({key})).size();
}

json with(json key, const char* name, json value) {
  key[name] = std::move(value);
  return key;
}

} // namespace

TEST_CASE("a key is read with its name, algorithm and issuer", "[jwks]") {
  auto key = test::jwk_of(test::rsa_key(), "r");
  key.update({{"alg", "RS256"},
              {"use", "sig"},
              {"issuer", "https://login.microsoftonline.com/{tenantid}/v2.0"},
              {"x5c", {"MIIC"}},
              {"x5t", "t"}});
  auto keys = keys_of(json::array({key}));
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].kid == "r");
  CHECK(keys[0].alg == "RS256");
  CHECK(keys[0].issuer == "https://login.microsoftonline.com/{tenantid}/v2.0");
  CHECK(EVP_PKEY_eq(keys[0].key.get(), &test::rsa_key()) == 1);
}

TEST_CASE("keys of no use are skipped, and those beside them are not", "[jwks]") {
  auto rsa = test::jwk_of(test::rsa_key(), "r");
  auto ec = test::jwk_of(test::ec_key(), "e");
  auto p384 = test::make_ec_key("P-384");
  auto off_curve = with(ec, "x", ec["y"]);
  json keys = {json{{"kty", "oct"}, {"k", "c2VjcmV0"}},
               json{{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "AAAA"}},
               json{{"kty", 7}},
               json::array(),
               "text",
               with(rsa, "use", "enc"),
               with(rsa, "kid", 7),
               with(rsa, "issuer", json::array({"https://id.example"})),
               with(rsa, "n", "!"),
               with(rsa, "n", ""),
               with(rsa, "e", "AQ"),
               with(rsa, "e", "AA"),
               with(rsa, "e", rsa["n"]),
               with(ec, "crv", "P-384"),
               with(ec, "x", "AAAA"),
               test::jwk_of(*p384, "p384"),
               off_curve,
               ec};
  auto found = keys_of(keys);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kid == "e");
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("an RSA key must have a size that is safe and cheap", "[jwks]") {
  auto small = test::make_rsa_key(1'024);
  CHECK(usable(test::jwk_of(*small, "s")) == 0);
  CHECK(usable(test::jwk_of(test::rsa_key(), "r")) == 1);
  auto huge = test::jwk_of(test::rsa_key(), "r");
  huge["n"] = base64url(std::string(max_rsa_bits / 8, '\xff'));
  CHECK(usable(huge) == 1);
  huge["n"] = base64url("\x01" + std::string(max_rsa_bits / 8, '\xff'));
  CHECK(usable(huge) == 0);
}

TEST_CASE("what is no JWK set is refused", "[jwks]") {
  for (const auto* text : {"", "x", "[]", "{}", R"({"keys":{}})", R"({"keys":"x"})"}) {
    auto parsed = parse_jwks(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == errc::token_unavailable);
  }
  CHECK(parse_jwks(R"({"keys":[]})")->empty());
}

TEST_CASE("a set is taken up to its limit of keys", "[jwks]") {
  json keys = json::array();
  for (std::size_t i = 0; i < max_keys; ++i)
    keys.push_back({{"kty", "oct"}});
  CHECK(parse_jwks(set_of(keys).dump()));
  keys.push_back({{"kty", "oct"}});
  CHECK_FALSE(parse_jwks(set_of(keys).dump()));
}

TEST_CASE("a token signed with RS256, PS256 or ES256 is taken", "[jwks]") {
  auto keys = both();
  for (auto algorithm : {alg::rs256, alg::ps256, alg::es256}) {
    CHECK(verify_id_token(good(algorithm), keys));
    CHECK_FALSE(names_unknown_key(good(algorithm), keys));
  }
}

TEST_CASE("a changed byte in claims or signature is found", "[jwks]") {
  auto keys = both();
  for (auto algorithm : {alg::rs256, alg::ps256, alg::es256}) {
    auto jwt = good(algorithm);
    auto first = jwt.find('.');
    auto last = jwt.rfind('.');
    for (auto at : {first + 20, last + 1, last + 40}) {
      auto changed = jwt;
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      CHECK_FALSE(verify_id_token(changed, keys));
    }
    auto other = claims();
    other["sub"] = "t";
    auto swapped = jwt;
    swapped.replace(first, last - first, "." + base64url(other.dump()));
    CHECK(refusal(swapped, keys) == errc::sign_in_required);
  }
}

TEST_CASE("a signature cut or grown is refused", "[jwks]") {
  auto keys = both();
  for (auto algorithm : {alg::rs256, alg::ps256, alg::es256}) {
    auto jwt = good(algorithm);
    CHECK(refusal(jwt.substr(0, jwt.size() - 4), keys) == errc::sign_in_required);
    CHECK(refusal(jwt.substr(0, jwt.rfind('.') + 1), keys) == errc::sign_in_required);
    CHECK_FALSE(verify_id_token(jwt + "AAAA", keys));
    CHECK_FALSE(verify_id_token(jwt.substr(0, jwt.rfind('.')), keys));
    CHECK_FALSE(verify_id_token(jwt + ".AAAA", keys));
  }
}

TEST_CASE("an ES256 signature of two zeros or in DER is refused", "[jwks]") {
  auto keys = both();
  auto jwt = good(alg::es256);
  auto content = jwt.substr(0, jwt.rfind('.') + 1);
  CHECK(refusal(content + base64url(std::string(64, '\0')), keys) == errc::sign_in_required);
  CHECK(refusal(content + base64url("\x30\x06\x02\x01\x01\x02\x01\x01"), keys)
        == errc::sign_in_required);
}

TEST_CASE("a key that the set does not have can be told from all else", "[jwks]") {
  auto keys = both();
  auto jwt = test::signed_jwt(test::rsa_key(), alg::rs256, {{"kid", "R"}}, claims());
  CHECK(refusal(jwt, keys) == errc::token_unavailable);
  CHECK(names_unknown_key(jwt, keys));
  CHECK(names_unknown_key(jwt, {}));
  jwt = test::signed_jwt(test::rsa_key(), alg::rs256, {{"kid", "R"}, {"alg", "none"}}, claims());
  CHECK_FALSE(names_unknown_key(jwt, keys));
  CHECK_FALSE(names_unknown_key("x.y.z", keys));
}

TEST_CASE("a token without a kid is taken from the only key there is", "[jwks]") {
  auto jwt = test::signed_jwt(test::rsa_key(), alg::rs256, json::object(), claims());
  auto only = keys_of(json::array({test::jwk_of(test::rsa_key(), "r")}));
  CHECK(verify_id_token(jwt, only));
  CHECK(refusal(jwt, both()) == errc::token_unavailable);
  jwt = test::signed_jwt(test::rsa_key(), alg::rs256, {{"kid", 7}}, claims());
  CHECK(refusal(jwt, only) == errc::token_unavailable);
}

TEST_CASE("of two keys with one name the one that signed is found", "[jwks]") {
  auto other = test::make_rsa_key();
  auto keys = keys_of({test::jwk_of(*other, "r"), test::jwk_of(test::ec_key(), "r"),
                       test::jwk_of(test::rsa_key(), "r")});
  CHECK(verify_id_token(good(alg::rs256), keys));
  keys.pop_back();
  CHECK(refusal(good(alg::rs256), keys) == errc::sign_in_required);
}

TEST_CASE("a key signs with no other algorithm than its own", "[jwks]") {
  auto keys = both();
  auto forged = [&](alg by, const char* kid, const char* name) {
    return test::signed_jwt(key_for(by), by, {{"kid", kid}, {"alg", name}}, claims());
  };
  // RSA in the header, EC key by name, and the other way about.
  CHECK(refusal(forged(alg::es256, "e", "RS256"), keys) == errc::sign_in_required);
  CHECK(refusal(forged(alg::rs256, "r", "ES256"), keys) == errc::sign_in_required);
  CHECK(refusal(forged(alg::rs256, "e", "RS256"), keys) == errc::sign_in_required);
  // One padding under the other's name.
  CHECK(refusal(forged(alg::rs256, "r", "PS256"), keys) == errc::sign_in_required);
  CHECK(refusal(forged(alg::ps256, "r", "RS256"), keys) == errc::sign_in_required);
}

TEST_CASE("a key with an alg is for this alg only", "[jwks]") {
  auto key = test::jwk_of(test::rsa_key(), "r");
  CHECK(verify_id_token(good(alg::ps256), keys_of(json::array({with(key, "alg", "PS256")}))));
  CHECK(refusal(good(alg::ps256), keys_of(json::array({with(key, "alg", "RS256")})))
        == errc::sign_in_required);
}

TEST_CASE("no signature, and every algorithm but three, is refused", "[jwks]") {
  auto keys = both();
  for (const auto* name : {"none", "None", "HS256", "RS512", "ES384", "EdDSA", "rs256", ""}) {
    auto jwt =
        test::signed_jwt(test::rsa_key(), alg::rs256, {{"kid", "r"}, {"alg", name}}, claims());
    CHECK(refusal(jwt, keys) == errc::sign_in_required);
    CHECK(refusal(jwt.substr(0, jwt.rfind('.') + 1), keys) == errc::sign_in_required);
  }
}

TEST_CASE("the public key is no shared secret", "[jwks]") {
  unsigned char* der = nullptr;
  auto size = i2d_PUBKEY(&test::rsa_key(), &der);
  REQUIRE(size > 0);
  auto content = base64url(R"({"alg":"HS256","kid":"r"})") + "." + base64url(claims().dump());
  std::array<unsigned char, 32> mac{};
  REQUIRE(HMAC(EVP_sha256(), der, size, reinterpret_cast<const unsigned char*>(content.data()),
               content.size(), mac.data(), nullptr)
          != nullptr);
  OPENSSL_free(der);
  auto jwt = content + "." + base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
  CHECK(refusal(jwt, both()) == errc::sign_in_required);
}

TEST_CASE("a header that must be understood is refused", "[jwks]") {
  auto jwt = test::signed_jwt(test::rsa_key(), alg::rs256,
                              {{"kid", "r"}, {"crit", {"b64"}}, {"b64", false}}, claims());
  CHECK(refusal(jwt, both()) == errc::sign_in_required);
}

TEST_CASE("what is no id_token, or too long, is refused", "[jwks]") {
  auto keys = both();
  auto jwt = good(alg::rs256);
  auto no_issuer = test::signed_jwt(test::rsa_key(), alg::rs256, {{"kid", "r"}}, {{"sub", "s"}});
  for (const auto& text : {std::string{}, std::string{"."}, std::string{".."}, std::string{"a.b.c"},
                           "!" + jwt, jwt + "!", no_issuer, std::string(max_token_bytes, '.'),
                           jwt + std::string(max_token_bytes, 'A')})
    CHECK(refusal(text, keys) == errc::token_unavailable);
}

TEST_CASE("a key with an issuer signs for this issuer only", "[jwks]") {
  auto key = test::jwk_of(test::rsa_key(), "r");
  auto of_issuer = [&](const char* issuer) {
    return keys_of(json::array({with(key, "issuer", issuer)}));
  };
  CHECK(verify_id_token(good(alg::rs256), of_issuer("https://id.example")));
  CHECK(refusal(good(alg::rs256), of_issuer("https://id.example/")) == errc::sign_in_required);
}

TEST_CASE("Microsoft's issuer of a key stands for the token's own tenant", "[jwks]") {
  auto key = with(test::jwk_of(test::rsa_key(), "r"), "issuer",
                  "https://login.microsoftonline.com/{tenantid}/v2.0");
  auto keys = keys_of(json::array({key}));
  auto token = [&](const std::string& of, const std::string& tid) {
    auto payload = claims();
    payload["iss"] = "https://login.microsoftonline.com/" + of + "/v2.0";
    payload["tid"] = tid;
    return test::signed_jwt(test::rsa_key(), alg::rs256, {{"kid", "r"}}, payload);
  };
  CHECK(verify_id_token(token(tenant, tenant), keys));
  CHECK(refusal(token(tenant, "9188040d-6c67-4c5b-b112-36a304b66dad"), keys)
        == errc::sign_in_required);
  CHECK(refusal(token(tenant, ""), keys) == errc::sign_in_required);
  CHECK(refusal(token("x/../y", "x/../y"), keys) == errc::sign_in_required);
  // The key of one tenant does not sign for another.
  keys = keys_of(json::array(
      {with(key, "issuer",
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0")}));
  CHECK(refusal(token(tenant, tenant), keys) == errc::sign_in_required);
}
