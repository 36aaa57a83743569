#include "web/callback_routes.hpp"
#include "web/limits.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::web;

namespace {

unsigned status_of(std::string_view method, std::string_view target) {
  auto found = route_callback(method, target);
  CAPTURE(method, target);
  REQUIRE(std::holds_alternative<no_route>(found));
  return std::get<no_route>(found).status;
}

} // namespace

TEST_CASE("the callback keeps its query as it came") {
  auto found =
      route_callback("GET", "/api/cloudProviders/oauth2/microsoft/callback?code=a%2Bb&state=c+d");
  REQUIRE(std::holds_alternative<complete_route>(found));
  CHECK(std::get<complete_route>(found).query == "code=a%2Bb&state=c+d");
}

TEST_CASE("a ticket keeps its limit") {
  auto with_length = [](std::size_t length) {
    return route_callback("GET", "/sign-in/" + std::string(length, 't'));
  };
  CHECK(std::holds_alternative<open_route>(with_length(max_ticket_bytes)));
  CHECK(std::holds_alternative<no_route>(with_length(max_ticket_bytes + 1)));
  CHECK(std::holds_alternative<no_route>(with_length(0)));
}

TEST_CASE("only the four addresses are there, for GET alone") {
  CHECK(std::holds_alternative<page_route>(route_callback("GET", "/sign-in/done")));
  CHECK(std::holds_alternative<page_route>(route_callback("GET", "/sign-in/failed?x=1")));
  for (auto target :
       {"/", "/sign-in", "/sign-in/a/b", "/api/v1/status", "/api/cloudProviders/oauth2//callback",
        "/api/cloudProviders/oauth2/callback", "/api/cloudProviders/oauth2/a/callback/"})
    CHECK(status_of("GET", target) == 404);
  for (auto method : {"POST", "HEAD", "OPTIONS", "DELETE"}) {
    CHECK(status_of(method, "/sign-in/ticket") == 405);
    CHECK(status_of(method, "/api/cloudProviders/oauth2/microsoft/callback") == 405);
  }
  for (auto target : {"http://host/sign-in/done", "sign-in/done", "*", "/%zz", "/\x01"})
    CHECK(status_of("GET", target) == 400);
}

// The first 16 digits of the SHA-256 of `s`.
constexpr std::string_view visit_s = "043a718774c572bd";

TEST_CASE("a query and an address lead to the same visit by their state") {
  CHECK(visit_of("code=c&state=s") == visit_s);
  CHECK(visit_of("state=%73&code=c") == visit_s);
  CHECK(visit_of(query_of("https://idp.example/auth?x=1&state=s&nonce=n")) == visit_s);
  CHECK(visit_of("state=t") != visit_s);
}

TEST_CASE("without one state there is no visit") {
  for (auto query : {"", "code=c", "state", "state=", "state=s&state=s", "state=&state=s",
                     "State=s", "xstate=s"})
    CHECK(visit_of(query).empty());
  CHECK(query_of("not an address").empty());
  CHECK(query_of("https://idp.example/auth").empty());
}

TEST_CASE("under https the cookie belongs to the host alone") {
  binding_cookie cookie{"https://motion.example.org"};
  CHECK(cookie.set(visit_s, secret{"v"})
        == "__Host-mailfleet-043a718774c572bd=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; "
           "Secure");
  CHECK(cookie.find(visit_s, "__Host-mailfleet-043a718774c572bd=v").reveal() == "v");
  CHECK(cookie.find(visit_s, "mailfleet-043a718774c572bd=v").empty());
}

TEST_CASE("on plain loopback the cookie is one that browsers keep") {
  binding_cookie cookie{"http://127.0.0.1:8025"};
  CHECK(cookie.set("1", secret{"v"})
        == "mailfleet-1=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=600");
  CHECK(cookie.clear("1") == "mailfleet-1=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST_CASE("a visit's cookie is found among others, and not if it is there twice") {
  binding_cookie cookie{"http://localhost"};
  CHECK(cookie.find("1", "a=1; mailfleet-2=u; mailfleet-1=v=w; b=2").reveal() == "v=w");
  CHECK(cookie.find("1", "a=mailfleet-1=v").empty());
  CHECK(cookie.find("1", "mailfleet-12=v;mailfleet-1").empty());
  CHECK(cookie.find("1", "mailfleet-1=v; mailfleet-1=w").empty());
  CHECK(cookie.find("1", "").empty());
  CHECK(cookie.find("1", ";;; =").empty());
}

TEST_CASE("a browser with too many open visits gives up the oldest") {
  binding_cookie cookie{"http://localhost"};
  std::string field = "mailfleet-other=1; mailfleet-0123456789ABCDEF=2; a=3";
  for (std::size_t i = 0; i + 1 < max_visit_cookies; ++i)
    field += "; mailfleet-" + std::string(14, 'a') + std::to_string(10 + i) + "=v";
  CHECK(cookie.surplus(field).empty());
  CHECK(cookie.surplus("").empty());
  CHECK(cookie.surplus(field + "; mailfleet-043a718774c572bd=v")
        == std::vector<std::string>{std::string(14, 'a') + "10"});
}

TEST_CASE("a browser is sent to https, or to loopback") {
  CHECK(is_safe_location("https://login.microsoftonline.com/t/authorize?x=y%20z"));
  CHECK(is_safe_location("http://127.0.0.1:3000/auth"));
  CHECK(is_safe_location("http://localhost:3000/auth"));
  CHECK_FALSE(is_safe_location("http://login.example/auth"));
  CHECK_FALSE(is_safe_location("http://localhost.evil.example/"));
  CHECK_FALSE(is_safe_location("javascript:alert(1)"));
  CHECK_FALSE(is_safe_location("/relative"));
  CHECK_FALSE(is_safe_location("https://host/\r\nSet-Cookie: x=y"));
  CHECK_FALSE(is_safe_location(""));
}
