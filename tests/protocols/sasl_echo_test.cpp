#include "protocols/sasl/base64.hpp"
#include "protocols/sasl/echo.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::sasl;

TEST_CASE("a credential is found as it is and within any base64") {
  const secret credential{"pass-word"};
  CHECK(repeats("LOGIN \"u\" \"pass-word\" is unknown", credential));
  for (std::string before : {"", "u", "us", "usr", "user=u\x01"})
    for (std::string after : {"", "\x01", "\x01\x01"}) {
      CAPTURE(before, after.size());
      CHECK(repeats("BAD " + encode_base64(before + "pass-word" + after), credential));
    }
}

TEST_CASE("other words do not hold it, and no credential is held by none") {
  CHECK_FALSE(repeats("Invalid credentials (Failure)", secret{"pass-word"}));
  CHECK_FALSE(repeats("Invalid credentials (Failure)", secret{}));
}
