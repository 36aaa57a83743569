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

TEST_CASE("under https the cookie belongs to the host alone") {
  binding_cookie cookie{"https://motion.example.org"};
  CHECK(cookie.set(secret{"v"})
        == "__Host-mailfleet_sign_in=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure");
  CHECK(cookie.find("__Host-mailfleet_sign_in=v").reveal() == "v");
  CHECK(cookie.find("mailfleet_sign_in=v").empty());
}

TEST_CASE("on plain loopback the cookie is one that browsers keep") {
  binding_cookie cookie{"http://127.0.0.1:8025"};
  CHECK(cookie.set(secret{"v"})
        == "mailfleet_sign_in=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=600");
  CHECK(cookie.clear() == "mailfleet_sign_in=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST_CASE("the cookie is found among others, and not if it is there twice") {
  binding_cookie cookie{"http://localhost"};
  CHECK(cookie.find("a=1; mailfleet_sign_in=v=w; b=2").reveal() == "v=w");
  CHECK(cookie.find("a=mailfleet_sign_in=v").empty());
  CHECK(cookie.find("mailfleet_sign_in2=v;mailfleet_sign_in").empty());
  CHECK(cookie.find("mailfleet_sign_in=v; mailfleet_sign_in=w").empty());
  CHECK(cookie.find("").empty());
  CHECK(cookie.find(";;; =").empty());
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
