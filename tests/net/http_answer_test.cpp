#include "net/http_answer.hpp"
#include "net/limits.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace mailfleet::net;

TEST_CASE("header names arrive in lower case and values without blanks", "[http_answer]") {
  http_answer answer{10};
  REQUIRE(answer.add_header("HTTP/1.1 200 OK\r\n"));
  REQUIRE(answer.add_header("Retry-After: \t120 \r\n"));
  REQUIRE(answer.add_header("\r\n"));
  REQUIRE(answer.response().headers.size() == 1);
  CHECK(answer.response().headers[0].first == "retry-after");
  CHECK(answer.response().headers[0].second == "120");
}

TEST_CASE("the headers of an interim answer are forgotten", "[http_answer]") {
  http_answer answer{10};
  REQUIRE(answer.add_header("HTTP/1.1 100 Continue\r\n"));
  REQUIRE(answer.add_header("early: yes\r\n"));
  REQUIRE(answer.add_header("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.response().headers.empty());
}

TEST_CASE("the number of headers has a limit", "[http_answer]") {
  http_answer answer{10};
  for (std::size_t i = 0; i < max_http_headers; ++i)
    REQUIRE(answer.add_header("a: b\r\n"));
  CHECK(answer.excess().empty());
  CHECK_FALSE(answer.add_header("a: b\r\n"));
  CHECK(answer.excess() == "it has too many headers");
}

TEST_CASE("the bytes of all headers have a limit, interim answers included", "[http_answer]") {
  http_answer answer{10};
  REQUIRE(answer.add_header("HTTP/1.1 100 Continue\r\n"));
  auto left = max_http_header_bytes - std::string_view{"HTTP/1.1 100 Continue\r\n"}.size();
  REQUIRE(answer.add_header("a: " + std::string(left - 3, 'x')));
  CHECK_FALSE(answer.add_header("\n"));
  CHECK_FALSE(answer.excess().empty());
}

TEST_CASE("a body fills its limit and does not pass it", "[http_answer]") {
  http_answer answer{4};
  REQUIRE(answer.add_body("abc"));
  REQUIRE(answer.add_body("d"));
  CHECK_FALSE(answer.add_body("e"));
  CHECK(answer.response().body == "abcd");
  CHECK(answer.excess() == "its body is too long");
}
