#include "protocols/oauth2/discovery.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace mailfleet;
using oauth2::parse_discovery;

namespace {

constexpr std::string_view address = "https://id.example/.well-known/openid-configuration";

nlohmann::json document() {
  return {{"issuer", "https://id.example"},
          {"authorization_endpoint", "https://id.example/authorize"},
          {"token_endpoint", "https://id.example/token"},
          {"jwks_uri", "https://id.example/keys"},
          {"code_challenge_methods_supported", {"plain", "S256"}},
          {"authorization_response_iss_parameter_supported", true}};
}

} // namespace

TEST_CASE("a discovery document gives its endpoints", "[oauth2]") {
  auto found = parse_discovery(document().dump(), address);
  REQUIRE(found);
  CHECK(found->issuer == "https://id.example");
  CHECK(found->authorization_endpoint == "https://id.example/authorize");
  CHECK(found->token_endpoint == "https://id.example/token");
  CHECK(found->jwks_uri == "https://id.example/keys");
  CHECK(found->revocation_endpoint.empty());
  CHECK(found->s256_advertised);
  CHECK(found->iss_in_callback);
}

TEST_CASE("optional members of a discovery document may be absent", "[oauth2]") {
  auto text = document();
  text.erase("code_challenge_methods_supported");
  text.erase("authorization_response_iss_parameter_supported");
  auto found = parse_discovery(text.dump(), address);
  REQUIRE(found);
  CHECK_FALSE(found->s256_advertised);
  CHECK_FALSE(found->iss_in_callback);
}

TEST_CASE("needed members of a discovery document may not be absent", "[oauth2]") {
  for (const auto* name : {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"}) {
    auto text = document();
    text.erase(name);
    auto found = parse_discovery(text.dump(), address);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == errc::provider_misconfigured);
    CHECK(found.error().detail.find(name) != std::string::npos);
  }
}

TEST_CASE("endpoints are https, or http on loopback", "[oauth2]") {
  for (const auto* name :
       {"authorization_endpoint", "token_endpoint", "jwks_uri", "revocation_endpoint"}) {
    for (const auto* refused : {"http://id.example/x", "ftp://id.example/x", "/x", "",
                                "https://user@id.example/x", "https://id.example/x#y"}) {
      auto text = document();
      text[name] = refused;
      CHECK_FALSE(parse_discovery(text.dump(), address));
    }
    auto text = document();
    text[name] = "http://127.0.0.1:4000/x";
    CHECK(parse_discovery(text.dump(), address));
  }
}

TEST_CASE("the issuer is the address without the well-known part", "[oauth2]") {
  auto with = [](std::string_view issuer, std::string_view fetched_from) {
    auto text = document();
    text["issuer"] = issuer;
    return static_cast<bool>(parse_discovery(text.dump(), fetched_from));
  };
  CHECK(with("https://id.example", address));
  CHECK(with("https://id.example/", address));
  CHECK_FALSE(with("https://id.example.evil.example", address));
  CHECK_FALSE(with("https://ID.example", address));
  CHECK_FALSE(with("https://id.example/x", address));
  CHECK_FALSE(with("http://id.example", address));
  CHECK_FALSE(with("https://id.example", "https://id.example/other"));
}

TEST_CASE("Microsoft's template issuer stands for one segment of the path", "[oauth2]") {
  auto with = [](std::string_view issuer, const std::string& base) {
    auto text = document();
    text["issuer"] = issuer;
    return static_cast<bool>(
        parse_discovery(text.dump(), base + "/.well-known/openid-configuration"));
  };
  constexpr std::string_view issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";
  CHECK(with(issuer, "https://login.microsoftonline.com/common/v2.0"));
  CHECK(with(issuer, "https://login.microsoftonline.com/organizations/v2.0"));
  CHECK_FALSE(with(issuer, "https://login.microsoftonline.com/v2.0"));
  CHECK_FALSE(with(issuer, "https://login.microsoftonline.com//v2.0"));
  CHECK_FALSE(with(issuer, "https://login.microsoftonline.com/a/b/v2.0"));
  CHECK_FALSE(with(issuer, "https://login.evil.example/common/v2.0"));
  CHECK_FALSE(with("{tenantid}", "https://login.evil.example/common/v2.0"));
  CHECK_FALSE(with("https://{tenantid}", "https://login.evil.example"));
}

TEST_CASE("what is no discovery document may be one later", "[oauth2]") {
  for (const auto* body : {"", "<html>502</html>", "[]", "{"}) {
    auto found = parse_discovery(body, address);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == errc::token_unavailable);
  }
}

TEST_CASE("Microsoft's discovery names its directory's host", "[oauth2]") {
  auto text = document();
  text["msgraph_host"] = "graph.microsoft.com";
  CHECK(parse_discovery(text.dump(), address)->graph_host == "graph.microsoft.com");
  text["msgraph_host"] = "localhost:8443";
  CHECK(parse_discovery(text.dump(), address)->graph_host == "localhost:8443");
  for (const auto* none :
       {"", "a/b", "user@host", "host?x", "host#x", "a b", "http://host", "h:0x"}) {
    text["msgraph_host"] = none;
    CHECK(parse_discovery(text.dump(), address)->graph_host.empty());
  }
  text["msgraph_host"] = 7;
  CHECK(parse_discovery(text.dump(), address)->graph_host.empty());
}
