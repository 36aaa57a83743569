#include "messages/values/url.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace mailfleet;

TEST_CASE("an address is taken apart", "[url]") {
  auto found = parse_url("HTTPS://User@Login.Example.COM:8443/Path/x?a=b&c#frag");
  REQUIRE(found);
  CHECK(found->scheme == "https");
  CHECK(found->host == "login.example.com");
  CHECK(found->port == 8443);
  CHECK(found->path == "/Path/x");
  CHECK(found->query == "a=b&c");
  CHECK(found->has_user_info);
  CHECK(found->has_fragment);
}

TEST_CASE("what an address lacks is absent", "[url]") {
  auto found = parse_url("https://example.com");
  REQUIRE(found);
  CHECK_FALSE(found->port);
  CHECK(found->path.empty());
  CHECK_FALSE(found->query);
  CHECK_FALSE(found->has_user_info);
  CHECK_FALSE(found->has_fragment);
  CHECK(parse_url("https://example.com?")->query == "");
}

TEST_CASE("an IPv6 host stands in brackets", "[url]") {
  auto found = parse_url("http://[::1]:9000/cb");
  REQUIRE(found);
  CHECK(found->host == "::1");
  CHECK(found->port == 9000);
  CHECK_FALSE(parse_url("http://::1/"));
  CHECK_FALSE(parse_url("http://[::1/"));
  CHECK_FALSE(parse_url("http://[::1]x/"));
  CHECK_FALSE(parse_url("http://[example.com]/"));
}

TEST_CASE("what is no absolute address is refused", "[url]") {
  for (const auto* text : {"",
                           "example.com",
                           "/path",
                           "https:/example.com",
                           "https://",
                           "https:///path",
                           "1http://example.com",
                           "https://exa mple.com",
                           "https://example.com/a b",
                           "https://example.com/\r\n",
                           "https://example.com/\x7f",
                           "https://ex\xc3\xa4mple.com/",
                           "https://example.com/\"",
                           "https://example.com/%4",
                           "https://example.com/%zz",
                           "https://example.com:/",
                           "https://example.com:0/",
                           "https://example.com:65536/",
                           "https://example.com:80x/",
                           "https://-a.example/",
                           "https://a..b/",
                           "https://1.2.3/"})
    CHECK_FALSE(parse_url(text));
  CHECK(parse_url("https://example.com:65535/"));
  CHECK_FALSE(parse_url("https://example.com/" + std::string(9'000, 'a')));
}

TEST_CASE("only loopback hosts do without TLS", "[url]") {
  CHECK(is_loopback("localhost"));
  CHECK(is_loopback("LOCALHOST"));
  CHECK(is_loopback("127.0.0.1"));
  CHECK(is_loopback("127.255.0.9"));
  CHECK(is_loopback("::1"));
  CHECK_FALSE(is_loopback("127.evil.example"));
  CHECK_FALSE(is_loopback("localhost.example"));
  CHECK_FALSE(is_loopback("128.0.0.1"));
  CHECK(is_confidential(*parse_url("https://example.com/")));
  CHECK(is_confidential(*parse_url("http://127.0.0.1:1/")));
  CHECK_FALSE(is_confidential(*parse_url("http://example.com/")));
  CHECK_FALSE(is_confidential(*parse_url("ftp://localhost/")));
  CHECK_FALSE(is_confidential(*parse_url("http://localhost@example.com/")));
}

TEST_CASE("a host is a name of RFC 1123 or an address", "[url]") {
  CHECK(is_host("outlook.office365.com"));
  CHECK(is_host("3com.com"));
  CHECK(is_host("mail"));
  CHECK(is_host("192.0.2.1"));
  CHECK(is_host("2001:db8::1"));
  CHECK(is_host(std::string(63, 'a') + ".example"));
  CHECK_FALSE(is_host(std::string(64, 'a') + ".example"));
  CHECK_FALSE(is_host("a_b.example"));
  CHECK_FALSE(is_host("a.example."));
  CHECK_FALSE(is_host("256.0.2.1"));
  CHECK_FALSE(is_host("0x7f.1"));
  CHECK_FALSE(is_host("2001:db8::g"));
  std::string long_name;
  while (long_name.size() < 250)
    long_name += "abcd.";
  CHECK(is_host(long_name.substr(0, 249) + "aaaa"));
  CHECK_FALSE(is_host(long_name.substr(0, 249) + "aaaaa"));
}
