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

TEST_CASE("a long credential is found where its end was cut off") {
  std::string token;
  for (int count = 0; count < 300; ++count)
    token += static_cast<char>('a' + count * 7 % 26);
  auto line = encode_base64("user=ann@example.com\x01"
                            "auth=Bearer "
                            + token + "\x01\x01");
  CHECK(repeats("BAD " + token.substr(0, 100), secret{token}));
  CHECK(repeats("BAD " + line.substr(0, 100), secret{token}));
  CHECK_FALSE(repeats("BAD " + line.substr(0, 20), secret{token}));
}

TEST_CASE("words that repeat the credential are left out") {
  CHECK(unrepeated("BAD pass-word", secret{"pass-word"}) == repeated_words);
  CHECK(unrepeated("BAD", secret{"pass-word"}) == "BAD");
}

TEST_CASE("other words do not hold it, and no credential is held by none") {
  CHECK_FALSE(repeats("Invalid credentials (Failure)", secret{"pass-word"}));
  CHECK_FALSE(repeats("Invalid credentials (Failure)", secret{}));
}
