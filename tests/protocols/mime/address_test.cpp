#include "protocols/mime/address.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using mime::read_address;

namespace {

std::string read(std::string_view address) {
  auto found = read_address("to", address);
  return found ? found->text() + (found->needs_smtputf8 ? " utf8" : "") : "refused";
}

} // namespace

TEST_CASE("Addresses are read as they go over the wire", "[mime]") {
  CHECK(read("ann@example.com") == "ann@example.com");
  CHECK(read("ann+tag.x=y@sub.example.com") == "ann+tag.x=y@sub.example.com");
  CHECK(read("ann..b.@example.com") == "ann..b.@example.com");
  CHECK(read("ann@[192.0.2.1]") == "ann@[192.0.2.1]");
  CHECK(read("ann@[IPv6:2001:db8::1]") == "ann@[IPv6:2001:db8::1]");
}

TEST_CASE("Domains in other scripts become A-labels, local parts are flagged", "[mime]") {
  CHECK(read("ann@bücher.example") == "ann@xn--bcher-kva.example");
  CHECK(read("ann@BÜCHER.example") == "ann@xn--bcher-kva.example");
  CHECK(read("ann@faß.example") == "ann@xn--fa-hia.example");
  CHECK(read("änn@bücher.example") == "änn@xn--bcher-kva.example utf8");
  CHECK(read("ann@a b\u2028ü.example") == "refused");
}

TEST_CASE("What could end a command or a header is no address", "[mime]") {
  using namespace std::string_view_literals;
  for (auto bad : {""sv,
                   "ann"sv,
                   "@example.com"sv,
                   "ann@"sv,
                   "a@b@example.com"sv,
                   "ann@example.com\r\nRCPT TO:<x@y>"sv,
                   "a\nn@example.com"sv,
                   "a\0n@example.com"sv,
                   "a n@example.com"sv,
                   "<ann@example.com>"sv,
                   "\"a b\"@example.com"sv,
                   "ann@exam ple.com"sv,
                   "ann@-example.com"sv,
                   "ann@example..com"sv,
                   "ann@[192.0.2]"sv,
                   "ann@[x]"sv,
                   "a,b@example.com"sv,
                   "ann@example.com:25"sv,
                   "\xff@example.com"sv,
                   "ann\x7f@example.com"sv,
                   "ann@2001:db8::1"sv,
                   "ann@[IPv6:192.0.2.1]"sv})
    CHECK(read(bad) == "refused");
  auto failure = read_address("cc[3].address", "x").error();
  CHECK(failure.code == errc::invalid_argument);
  CHECK(failure.detail.starts_with("cc[3].address has not exactly one '@'"));
}

TEST_CASE("Addresses keep the limits of RFC 5321", "[mime]") {
  CHECK(read(std::string(64, 'a') + "@example.com") != "refused");
  CHECK(read(std::string(65, 'a') + "@example.com") == "refused");
  std::string domain;
  for (int labels = 0; labels < 3; ++labels)
    domain += std::string(60, 'd') + ".";
  domain += "example";
  CHECK(domain.size() == 190);
  CHECK(read(std::string(63, 'a') + "@" + domain) != "refused");
  CHECK(read(std::string(64, 'a') + "@" + domain) == "refused");
}
