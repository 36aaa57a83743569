#include "jobs/fields.hpp"
#include "jobs/limits.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace mailfleet;
using namespace mailfleet::jobs;

namespace {

bool ok(const result<void>& checked) {
  return static_cast<bool>(checked);
}

std::string repeated(std::size_t count) {
  return std::string(count, 'a');
}

} // namespace

TEST_CASE("a name is safe in a command line", "[fields]") {
  for (const auto* name : {"office", "Office-2.eu_1", "7", "aaaabbbbccc", "aaaabbbbccccd"})
    CHECK(ok(check_name("name", name)));
  for (const auto* name :
       {"", "-x", ".x", "_x", "a b", "a/b", "a@b", "caf\xc3\xa9", "a\n", "aaaabbbbcccc"})
    CHECK_FALSE(ok(check_name("name", name)));
  CHECK(ok(check_name("name", repeated(max_name_bytes))));
  CHECK_FALSE(ok(check_name("name", repeated(max_name_bytes + 1))));
}

TEST_CASE("a refusal names field, fault and cure, and no value", "[fields]") {
  auto checked = check_visible("client_id", "canary\n", 100);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == errc::invalid_argument);
  CHECK(checked.error().detail
        == "client_id has control bytes or characters beyond ASCII; copy it again, without line "
           "ends");
}

TEST_CASE("visible text is bounded and has no blanks at its ends", "[fields]") {
  CHECK(ok(check_visible("x", repeated(5), 5)));
  CHECK_FALSE(ok(check_visible("x", repeated(6), 5)));
  for (const auto* text : {"", " a", "a ", "a\x1f", "a\x7f", "\xc3\xa9"})
    CHECK_FALSE(ok(check_visible("x", text, 100)));
  CHECK(ok(check_visible("x", "[6gyXA5S20@MN+WRXAJ]I-TO7g1:h2P8 ~", 100)));
}

TEST_CASE("a redirect URI can be registered", "[fields]") {
  for (const auto* uri : {"https://motionserverhost/api/cloudProviders/oauth2/microsoft/callback",
                          "https://motionserverhost:9000/callback", "http://localhost:9000/cb",
                          "http://127.0.0.1/cb", "http://[::1]:80/cb", "https://host/cb?x=1"})
    CHECK(ok(check_redirect_uri("redirect_uri", uri)));
  for (const auto* uri :
       {"", "http://motionserverhost/api/cloudProviders/oauth2/microsoft/callback", "/cb",
        "https://host", "https://host/cb#x", "https://u@host/cb", "https://*.host/cb",
        "https://host/*", "ftp://host/cb", "https://host/a b", "http://localhost.example/cb",
        "javascript:alert(1)"})
    CHECK_FALSE(ok(check_redirect_uri("redirect_uri", uri)));
  std::string start = "https://host/";
  CHECK(ok(check_redirect_uri("r", start + repeated(max_redirect_uri_bytes - start.size()))));
  CHECK_FALSE(
      ok(check_redirect_uri("r", start + repeated(max_redirect_uri_bytes - start.size() + 1))));
}

TEST_CASE("the http redirect of the seed is told how to do it right", "[fields]") {
  auto checked = check_redirect_uri("redirect_uri", "http://motionserverhost/callback");
  REQUIRE_FALSE(checked);
  CHECK(checked.error().detail.find("use https://") != std::string::npos);
  CHECK(checked.error().detail.find("[::1]") == std::string::npos);
}

TEST_CASE("a discovery address is whole and https", "[fields]") {
  CHECK(ok(check_discovery_url("d", "https://id.example/.well-known/openid-configuration")));
  CHECK(ok(check_discovery_url("d", "http://127.0.0.1:4000/.well-known/openid-configuration")));
  for (const auto* url :
       {"", "https://id.example", "http://id.example/.well-known/openid-configuration",
        "https://id.example/.well-known/openid-configuration?x",
        "https://id.example/.well-known/openid-configuration#x",
        "https://u:p@id.example/.well-known/openid-configuration",
        "https://id.example/x?/.well-known/openid-configuration"})
    CHECK_FALSE(ok(check_discovery_url("d", url)));
}

TEST_CASE("a tenant is a GUID, a domain, or one of three words", "[fields]") {
  for (const auto* tenant : {"aaaabbbb-0000-cccc-1111-dddd2222eeee", "contoso.onmicrosoft.com",
                             "organizations", "common", "consumers"})
    CHECK(ok(check_tenant("tenant_id", tenant)));
  for (const auto* tenant : {"", "contoso", "Common", "10.0.0.1", "::1", "a b.com", "../x.com",
                             "https://contoso.com", "contoso.com/"})
    CHECK_FALSE(ok(check_tenant("tenant_id", tenant)));
}

TEST_CASE("a scope has the characters of RFC 6749", "[fields]") {
  CHECK(ok(check_scope("scopes", "https://outlook.office.com/IMAP.AccessAsUser.All")));
  CHECK(ok(check_scope("scopes", "!#[]~")));
  for (const auto* scope : {"", "a b", "a\"", "a\\", "a\n", "\xc3\xa9", "a\x7f"})
    CHECK_FALSE(ok(check_scope("scopes", scope)));
  CHECK(ok(check_scope("scopes", repeated(max_scope_bytes))));
  CHECK_FALSE(ok(check_scope("scopes", repeated(max_scope_bytes + 1))));
}

TEST_CASE("an address has one at-sign, and nothing that moves a cursor or ends a field",
          "[fields]") {
  for (const auto* address :
       {"box@example.com", "o'hara+x@example.com", "a@localhost", "\xc3\xa9t\xc3\xa9@example.com",
        "a@xn--bcher-kva.example", "a@192.0.2.1"})
    CHECK(ok(check_address("address", address)));
  for (const auto* address :
       {"", "box", "@example.com", "box@", "a@b@c", "a b@example.com", "a@exa mple.com",
        "a\x01@example.com", "a@example.com\r\n", "<a@example.com>", "\"a\"@example.com",
        "a,b@example.com", "a@example.com.", "a@-x.example", "a@::1", "\xff@example.com",
        "a\xc2\x85@example.com", "a@b\xc3\xbc/x",
        "a@b\xc3\xbc"
        "cher.example"})
    CHECK_FALSE(ok(check_address("address", address)));
}

TEST_CASE("an address has the lengths of RFC 5321", "[fields]") {
  CHECK(ok(check_address("a", repeated(max_local_part_bytes) + "@example.com")));
  CHECK_FALSE(ok(check_address("a", repeated(max_local_part_bytes + 1) + "@example.com")));
  auto domain = repeated(60) + "." + repeated(60) + "." + repeated(60) + ".";
  auto rest = max_address_bytes - domain.size() - 11;
  CHECK(ok(check_address("a", repeated(10) + "@" + domain + repeated(rest))));
  CHECK_FALSE(ok(check_address("a", repeated(11) + "@" + domain + repeated(rest))));
}

TEST_CASE("a proxy is named by scheme, host and port", "[fields]") {
  for (const auto* url : {"", "direct", "http://proxy:3128", "http://proxy:3128/",
                          "socks5://10.0.0.1:1080", "socks5h://[::1]:1080"})
    CHECK(ok(check_proxy("proxy", {url, {}, {}, {}})));
  for (const auto* url :
       {"proxy:3128", "http://proxy", "https://proxy:1", "socks4://proxy:1", "http://u:p@proxy:1",
        "http://proxy:1/x", "http://proxy:1?x", "http://proxy:0", "none"})
    CHECK_FALSE(ok(check_proxy("proxy", {url, {}, {}, {}})));
}

TEST_CASE("a proxy's credentials and exceptions are checked", "[fields]") {
  auto with = [](std::string user, std::string password, std::vector<std::string> no_proxy) {
    return ok(check_proxy("proxy", {"http://proxy:3128", std::move(user),
                                    secret{std::move(password)}, std::move(no_proxy)}));
  };
  CHECK(with("u", "p:q", {"host", ".example.com", "10.0.0.1", "::1"}));
  CHECK(with("u", "", {}));
  CHECK_FALSE(with("", "p", {}));
  CHECK_FALSE(with("u:v", "p", {}));
  CHECK_FALSE(with("u\n", "p", {}));
  CHECK_FALSE(with("u", "p\n", {}));
  for (const auto* entry : {"", ".", "*", "a b", "http://x"})
    CHECK_FALSE(with("", "", {entry}));
  CHECK(with("", "", std::vector<std::string>(max_no_proxy, "host")));
  CHECK_FALSE(with("", "", std::vector<std::string>(max_no_proxy + 1, "host")));
}

TEST_CASE("a server has a host, and a pin is a SHA-256", "[fields]") {
  endpoint server;
  CHECK(ok(check_endpoint("imap", server)));
  server.port = 993;
  CHECK_FALSE(ok(check_endpoint("imap", server)));
  server.host = "imap.example";
  CHECK(ok(check_endpoint("imap", server)));
  for (const auto* host : {"imap.example:993", "https://imap.example", "a b", "[::1]"}) {
    server.host = host;
    CHECK_FALSE(ok(check_endpoint("imap", server)));
  }
  server.host = "imap.example";
  server.pin_sha256 = std::string(64, 'A');
  CHECK(ok(check_endpoint("imap", server)));
  for (const auto& pin : {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g')}) {
    server.pin_sha256 = pin;
    CHECK_FALSE(ok(check_endpoint("imap", server)));
  }
}

TEST_CASE("a pin is refused for Microsoft and Google", "[fields]") {
  endpoint server;
  server.pin_sha256 = std::string(64, 'a');
  for (const auto* host : {"outlook.office365.com", "imap.gmail.com"}) {
    server.host = host;
    auto checked = check_endpoint("imap", server);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().detail.starts_with("imap.pin_sha256 is refused"));
  }
}

TEST_CASE("a file is named by an absolute path", "[fields]") {
  CHECK(ok(check_file("ca_file", "")));
  CHECK(ok(check_file("ca_file", "/etc/ssl/my ca.pem")));
  CHECK_FALSE(ok(check_file("ca_file", "ca.pem")));
  CHECK_FALSE(ok(check_file("ca_file", "/a\nb")));
  CHECK(ok(check_file("ca_file", "/" + repeated(max_path_bytes - 1))));
  CHECK_FALSE(ok(check_file("ca_file", "/" + repeated(max_path_bytes))));
}
