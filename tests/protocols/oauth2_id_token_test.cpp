#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/id_token.hpp"
#include "protocols/oauth2/limits.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace mailfleet;
using namespace mailfleet::oauth2;
using namespace std::chrono_literals;

namespace {

const wall_time expiry{1'800'000'000s};
constexpr const char* tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

nlohmann::json claims() {
  return {{"iss", "https://id.example"},
          {"sub", "s"},
          {"aud", "app"},
          {"nonce", "n"},
          {"exp", 1'800'000'000}};
}

std::string jwt(const nlohmann::json& payload) {
  return base64url(R"({"alg":"RS256"})") + "." + base64url(payload.dump()) + ".c2ln";
}

id_expectation expectation() {
  return {"https://id.example", "app", "n", ""};
}

bool valid(const nlohmann::json& payload, const id_expectation& expected,
           wall_time now = expiry - 1h) {
  auto decoded = decode_id_token(jwt(payload));
  REQUIRE(decoded);
  return static_cast<bool>(validate_id_token(*decoded, expected, now));
}

} // namespace

TEST_CASE("the claims of an id_token are read", "[oauth2]") {
  auto payload = claims();
  payload.update({{"tid", tenant},
                  {"oid", "o"},
                  {"azp", "app"},
                  {"aud", {"app", "other", 7}},
                  {"preferred_username", "box@example.com"},
                  {"email", "alias@example.com"}});
  auto found = decode_id_token(jwt(payload));
  REQUIRE(found);
  CHECK(found->issuer == "https://id.example");
  CHECK(found->subject == "s");
  CHECK(found->audience == std::vector<std::string>{"app", "other"});
  CHECK(found->authorized_party == "app");
  CHECK(found->nonce == "n");
  CHECK(found->expires_at == expiry);
  CHECK(found->tenant == tenant);
  CHECK(found->object_id == "o");
  CHECK(found->preferred_username == "box@example.com");
  CHECK(found->email == "alias@example.com");
}

TEST_CASE("what is no id_token is refused", "[oauth2]") {
  for (const auto& text :
       {std::string{}, std::string{"a"}, std::string{"a.b"}, std::string{"a.b.c.d"},
        std::string{"a.!!.c"}, "a." + base64url("[]") + ".c", "a." + base64url("{}") + ".c",
        "a." + base64url(R"({"iss":"i","exp":5})") + ".c",
        "a." + base64url(R"({"iss":"i","sub":"s","exp":-5})") + ".c",
        "a." + base64url(R"({"iss":"i","sub":"s","exp":1e300})") + ".c",
        "a." + base64url(R"({"iss":"i","sub":"s","exp":"5"})") + ".c",
        jwt(claims()) + std::string(max_token_bytes, 'x')}) {
    auto found = decode_id_token(text);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == errc::token_unavailable);
  }
}

TEST_CASE("a matching id_token is valid", "[oauth2]") {
  CHECK(valid(claims(), expectation()));
}

TEST_CASE("another issuer, audience or nonce is refused", "[oauth2]") {
  for (const auto& [name, value] : {std::pair{"iss", "https://id.example/"},
                                    std::pair{"aud", "app2"}, std::pair{"nonce", "m"}}) {
    auto payload = claims();
    payload[name] = value;
    CHECK_FALSE(valid(payload, expectation()));
    payload = claims();
    if (std::string_view{name} != "iss") {
      payload.erase(name);
      CHECK_FALSE(valid(payload, expectation()));
    }
  }
}

TEST_CASE("a sign-in without a nonce is never valid", "[oauth2]") {
  auto expected = expectation();
  expected.nonce = "";
  auto payload = claims();
  payload["nonce"] = "";
  CHECK_FALSE(valid(payload, expected));
}

TEST_CASE("a sign-in on another device has no nonce", "[oauth2]") {
  auto expected = expectation();
  expected.nonce.reset();
  CHECK(valid(claims(), expected));
}

TEST_CASE("a callback's issuer is compared with the form, any tenant in its place", "[oauth2]") {
  constexpr auto form = "https://login.microsoftonline.com/{tenantid}/v2.0";
  CHECK(is_issuer_of_form("https://login.microsoftonline.com/t-1/v2.0", form));
  CHECK_FALSE(is_issuer_of_form("https://login.microsoftonline.com//v2.0", form));
  CHECK_FALSE(is_issuer_of_form("https://login.microsoftonline.com/a/b/v2.0", form));
  CHECK_FALSE(is_issuer_of_form("https://evil.example/t-1/v2.0", form));
  CHECK_FALSE(is_issuer_of_form("", form));
  CHECK(is_issuer_of_form("https://id.example", "https://id.example"));
  CHECK_FALSE(is_issuer_of_form("https://id.example/", "https://id.example"));
}

TEST_CASE("several audiences need us as the authorized party", "[oauth2]") {
  auto payload = claims();
  payload["aud"] = {"app", "other"};
  CHECK_FALSE(valid(payload, expectation()));
  payload["azp"] = "app";
  CHECK(valid(payload, expectation()));
  payload["azp"] = "other";
  CHECK_FALSE(valid(payload, expectation()));
  payload["aud"] = "app";
  CHECK_FALSE(valid(payload, expectation()));
}

TEST_CASE("an id_token is taken until its expiry and the skew of clocks", "[oauth2]") {
  CHECK(valid(claims(), expectation(), expiry + id_token_skew - 1s));
  CHECK_FALSE(valid(claims(), expectation(), expiry + id_token_skew));
}

TEST_CASE("Microsoft's issuer names the token's own tenant", "[oauth2]") {
  auto expected = expectation();
  expected.issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";
  auto payload = claims();
  payload["iss"] = std::string{"https://login.microsoftonline.com/"} + tenant + "/v2.0";
  CHECK_FALSE(valid(payload, expected));
  payload["tid"] = tenant;
  CHECK(valid(payload, expected));
  payload["tid"] = "9188040d-6c67-4c5b-b112-36a304b66dad";
  CHECK_FALSE(valid(payload, expected));
  payload["tid"] = "x/../y";
  payload["iss"] = "https://login.microsoftonline.com/x/../y/v2.0";
  CHECK_FALSE(valid(payload, expected));
}

TEST_CASE("only the configured tenant is admitted, whatever the case", "[oauth2]") {
  auto expected = expectation();
  expected.tenant = "AAAABBBB-0000-CCCC-1111-DDDD2222EEEE";
  auto payload = claims();
  CHECK_FALSE(valid(payload, expected));
  payload["tid"] = tenant;
  CHECK(valid(payload, expected));
  payload["tid"] = "9188040d-6c67-4c5b-b112-36a304b66dad";
  CHECK_FALSE(valid(payload, expected));
}

TEST_CASE("an account is named by the first name that there is", "[oauth2]") {
  id_claims found;
  found.subject = "s\n";
  CHECK(account_name(found) == "s?");
  found.object_id = "o";
  CHECK(account_name(found) == "o");
  found.email = "e@example.com";
  CHECK(account_name(found) == "e@example.com");
  found.preferred_username = "p@example.com";
  CHECK(account_name(found) == "p@example.com");
}
