#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/jwks.hpp"
#include "protocols/oauth2/signing.hpp"
#include "tests/support/signing_keys.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace mailfleet;
using namespace mailfleet::oauth2;
using alg = signature_algorithm;

namespace {

/// Made with `openssl genrsa`.
constexpr const char* foreign_modulus =
    "xiCtOXTm1IDdMYChwgd9hMqlitWGb_JAofFd7N8bRGYG1j96qatQyU2ZV87Nq06AEwDAjjwNZADlUt0Ps6Ovd94OArtc"
    "CpZbv8aDwySupePcruQJztO2Z9qgh8EZXZahSIUB_cNHXDvq12Dr586Gl7XgqUiQIwHGKGAIHQWUWXpeVps1t89vmv8z"
    "Fde5aPvmRRQXLfdXpHzLXYsOAUoQGOQ7g0iws4WZ04m44RaGk53y2miiC4TaPM4yDgHzC9zfxkh176HNkkfJODcG_HDP"
    "mtnC_BnLiaxSfP1JvRfsvlkCFxYp95lT2bRoIcVdWKW0zOwHux7uIapi8ZC1R-Tu9w";

/// Signed with `openssl dgst -sha256 -sign`.
constexpr const char* foreign_rs256 =
    "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogImsifQ.eyJpc3MiOiJqb2UiLCJzdWIiOiJzIiwiZXhwIjoxMzAwODE5Mzgw"
    "fQ.lWnLHaoW115QB4xE9LVb6-etOmeXqXubVZd5nesLlTpGYLrdAtKoWQL5ybtQKVpzToUR-l-Mx3Fq4VECe6nBUK0qg"
    "BTM9U9wzwJR-i3yoNVVD7Q4jY4Q7Wwq9dMZ7hE6MdSKWAESzvQVofovkk3nR3sk0AMcHpl4Z5uBB6noROoySciYlA9kS"
    "imSXelYn4HR_IM3uY3lH6W8x9F2HY5fVGJWvhin801oI71gBO6C_kqcTFYnpxr720G0PZigvcaIyDk466NDiROZ4I6-n"
    "LUrtJvs8W6ytpZF2pGHQOK25BnUmb8r6SR2pJGSIkzV4nB3A1iyEC-6-8p7LVFqHoVpaA";

/// The same with `-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32`.
constexpr const char* foreign_ps256 =
    "eyJhbGciOiAiUFMyNTYiLCAia2lkIjogImsifQ.eyJpc3MiOiJqb2UiLCJzdWIiOiJzIiwiZXhwIjoxMzAwODE5Mzgw"
    "fQ.Hlcd86Z21PUPCsbdPp0BZOaG2CsQNzJqbzUhVb9Bf05UaJxcR7IZxGXjflaRXqtJMrt13DJi9_DPHT9GPc48A1fQO"
    "u2TexHDpVpp4TSmu9va24ju98ba0UTuS3tWAtsjlzpD_wQQvwKSRnsuyOgo7_Y59WpyePZye6LvEYFuGygFuhgfDO-ij"
    "mKEx0JSx8whuc3vdeh3_UcHXopR9PXivhO4BQTO33s3XQUa7MJrlf-UzT5dxgjMarxYdhNKz5MxJANzmNy-5FO7FBUhC"
    "RAaY-SZyWU0Sv-3IZm9DUodQOY-Vx9dg_GAEiBYwQBTF-LiNHgTxcbJ97D5k0fTMDiszw";

/// Key and token of RFC 7515 A.3.
constexpr const char* rfc_x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr const char* rfc_y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr const char* rfc_es256 =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmN"
    "vbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQ"
    "xfKTUJqPP3-Kg6NU1Q";

/// Whether the only key of a set signed the compact token.
bool signed_by(const nlohmann::json& key, alg algorithm, std::string_view jwt) {
  auto keys = parse_jwks(nlohmann::json{{"keys", {key}}}.dump());
  REQUIRE(keys);
  REQUIRE(keys->size() == 1);
  auto last = jwt.rfind('.');
  auto signature = decode_base64url(jwt.substr(last + 1));
  REQUIRE(signature);
  return verifies(*keys->front().key, algorithm, jwt.substr(0, last), *signature);
}

} // namespace

TEST_CASE("signatures that other programs made are taken", "[signing]") {
  nlohmann::json rsa{{"kty", "RSA"}, {"n", foreign_modulus}, {"e", "AQAB"}};
  CHECK(signed_by(rsa, alg::rs256, foreign_rs256));
  CHECK(signed_by(rsa, alg::ps256, foreign_ps256));
  CHECK_FALSE(signed_by(rsa, alg::ps256, foreign_rs256));
  nlohmann::json ec{{"kty", "EC"}, {"crv", "P-256"}, {"x", rfc_x}, {"y", rfc_y}};
  CHECK(signed_by(ec, alg::es256, rfc_es256));
}

TEST_CASE("a signature has the length that the algorithm fixes", "[signing]") {
  // r and s have leading zeros now and then: the length must not depend on them.
  for (int i = 0; i < 600; ++i) {
    auto text = std::to_string(i);
    auto signature = sign(test::ec_key(), alg::es256, text);
    REQUIRE(signature);
    REQUIRE(signature->size() == 64);
    REQUIRE(verifies(test::ec_key(), alg::es256, text, *signature));
  }
  CHECK(sign(test::rsa_key(), alg::ps256, "x")->size() == 256);
}

TEST_CASE("a key signs with the algorithms of its kind only", "[signing]") {
  CHECK_FALSE(sign(test::ec_key(), alg::rs256, "x"));
  CHECK_FALSE(sign(test::ec_key(), alg::ps256, "x"));
  CHECK_FALSE(sign(test::rsa_key(), alg::es256, "x"));
  auto p384 = test::make_ec_key("P-384");
  CHECK_FALSE(sign(*p384, alg::es256, "x"));
  auto small = test::make_rsa_key(1'024);
  CHECK_FALSE(sign(*small, alg::rs256, "x"));
}

TEST_CASE("an algorithm has one name", "[signing]") {
  for (auto algorithm : {alg::rs256, alg::ps256, alg::es256})
    CHECK(signature_algorithm_of(to_string(algorithm)) == algorithm);
  CHECK_FALSE(signature_algorithm_of("ps256"));
  CHECK(to_string(static_cast<alg>(9)) == "unknown");
}

TEST_CASE("a key is described by kind and size", "[signing]") {
  CHECK(describe(test::rsa_key()) == "RSA of 2048 bits");
  CHECK(describe(test::ec_key()) == "EC on prime256v1");
}
