#include "messages/values/errors.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;

TEST_CASE("a code's name leads back to the code", "[errors]") {
  for (auto code : {errc::invalid_argument, errc::dns_failed, errc::server_busy,
                    errc::sign_in_required, errc::storage_locked, errc::internal})
    CHECK(errc_of(to_string(code)) == code);
  CHECK(errc_of("no such name") == errc::internal);
}

TEST_CASE("trouble of the network is temporary, a refused credential is not", "[errors]") {
  CHECK(is_temporary(errc::connection_lost));
  CHECK(is_temporary(errc::token_throttled));
  CHECK_FALSE(is_temporary(errc::authentication_failed));
  CHECK_FALSE(is_temporary(errc::storage_failed));
}

TEST_CASE("a refused field names field, fault and cure", "[errors]") {
  auto what = bad_field("port", "is 0", "give a number from 1 to 65535");
  CHECK(to_string(what) == "invalid_argument: port is 0; give a number from 1 to 65535");
}

TEST_CASE("a server's words cannot move the terminal's cursor", "[errors]") {
  CHECK(printable("a\x1b[2Jb\r\n") == "a?[2Jb??");
  CHECK(printable("\xc2\x9bK") == "?K");
  CHECK(printable("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(printable("\xff\xc3") == "??");
  CHECK(printable("abcdef", 3) == "abc...");
}
