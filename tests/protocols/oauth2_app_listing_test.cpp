#include "protocols/oauth2/app_listing.hpp"
#include "protocols/oauth2/limits.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace mailfleet;
using namespace mailfleet::oauth2;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

/// As Graph answers (https://learn.microsoft.com/graph/api/resources/passwordcredential).
json listing() {
  return {{"@odata.context", "https://graph.microsoft.com/v1.0/$metadata#applications"},
          {"passwordCredentials",
           {{{"customKeyIdentifier", nullptr},
             {"displayName", "runner-2026"},
             {"endDateTime", "2027-01-15T08:00:00.6394857Z"},
             {"hint", "[6g"},
             {"keyId", "f0b0b335-1d71-4883-8f98-567911bfdca6"},
             {"secretText", nullptr}}}},
          {"keyCredentials", json::array()}};
}

app_credential only_certificate(const std::string& identifier) {
  auto document = listing();
  document["passwordCredentials"] = json::array();
  document["keyCredentials"] = {
      {{"customKeyIdentifier", identifier}, {"endDateTime", "2027-01-15T08:00:00Z"}}};
  return parse_app_listing(document.dump())->front();
}

std::optional<std::chrono::sys_seconds> end_from(const std::string& text) {
  auto document = listing();
  document["passwordCredentials"][0]["endDateTime"] = text;
  return parse_app_listing(document.dump())->front().ends_at;
}

} // namespace

TEST_CASE("a listing gives hint and end of each secret", "[oauth2]") {
  auto found = parse_app_listing(listing().dump());
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().what == app_credential::kind::secret);
  CHECK(found->front().hint == "[6g");
  CHECK(found->front().ends_at == std::chrono::sys_seconds{1'800'000'000s});
}

TEST_CASE("a certificate's digest is read in hexadecimal and in base64", "[oauth2]") {
  const std::string bytes = "\x64\x43\xe9\x3f\xff\x8a\x25\xed\x9f\x54\x30\x4d\x68\xf3\x4e\x4c\x3a"
                            "\x09\x31\xa7";
  CHECK(only_certificate("ZEPpP/+KJe2fVDBNaPNOTDoJMac=").thumbprint == bytes);
  CHECK(only_certificate("6443E93FFF8A25ED9F54304D68F34E4C3A0931A7").thumbprint == bytes);
  CHECK(only_certificate("6443e93fff8a25ed9f54304d68f34e4c3a0931a7").thumbprint == bytes);
  CHECK(only_certificate("!!").thumbprint.empty());
  CHECK(only_certificate("").thumbprint.empty());
}

TEST_CASE("an end that cannot be read is not known", "[oauth2]") {
  for (const auto* text :
       {"", "2027", "2027-01-15", "2027-01-15T08:00:00", "2027-02-30T08:00:00Z",
        "2027-01-15T24:00:00Z", "2027-01-15T08:00:00+02:00", "2027-01-15T08:00:00.x1Z",
        "2027-01-15 08:00:00Z", "+027-01-15T08:00:00Z", "9999999999-01-15T08:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(end_from(text));
  }
  CHECK(end_from("2027-01-15T08:00:00Z"));
}

TEST_CASE("an entry that is none is left out, a document that is none is refused", "[oauth2]") {
  auto odd = listing();
  odd["passwordCredentials"] = {1, "x", nullptr, {{"hint", 7}, {"endDateTime", false}}};
  auto found = parse_app_listing(odd.dump());
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().hint.empty());
  CHECK_FALSE(found->front().ends_at);
  for (const auto* text : {"", "<html></html>", "[]", "{}", R"({"passwordCredentials":[]})",
                           R"({"passwordCredentials":{},"keyCredentials":[]})"})
    CHECK(parse_app_listing(text).error().code == errc::token_unavailable);
}

TEST_CASE("a listing is bounded", "[oauth2]") {
  auto document = listing();
  document["passwordCredentials"] = std::vector<json>(max_app_credentials, {{"hint", "abc"}});
  CHECK(parse_app_listing(document.dump())->size() == max_app_credentials);
  document["passwordCredentials"].push_back({{"hint", "abc"}});
  CHECK_FALSE(parse_app_listing(document.dump()));
}

TEST_CASE("the directory's own words are kept for people", "[oauth2]") {
  CHECK(directory_words(R"({"error":{"code":"Authorization_RequestDenied",)"
                        R"("message":"Insufficient privileges\u0007.","innerError":)"
                        R"({"request-id":"11-22"}}})")
        == "Authorization_RequestDenied: Insufficient privileges?. request-id 11-22");
  for (const auto* text : {"", "<html>", "{}", R"({"error":"x"})"})
    CHECK(directory_words(text).empty());
}

TEST_CASE("the listing is asked for by the app's id, at the directory's host", "[oauth2]") {
  CHECK(app_listing_url("graph.microsoft.com", "1-2")
        == "https://graph.microsoft.com/v1.0/applications(appId='1-2')"
           "?$select=passwordCredentials,keyCredentials");
  CHECK(app_listing_url("h", "a'b").find("a%27b") != std::string::npos);
  CHECK(directory_scope("graph.microsoft.us") == "https://graph.microsoft.us/.default");
}
