#include "protocols/oauth2/bounded_json.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/limits.hpp"
#include "protocols/oauth2/pkce.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace mailfleet::oauth2;
using namespace std::chrono_literals;

namespace {

std::string encoded(std::string_view text) {
  std::string to;
  append_encoded(to, text);
  return to;
}

std::string nested(int depth) {
  std::string text = R"({"a":)";
  for (int i = 1; i < depth; ++i)
    text += '[';
  text += '1';
  for (int i = 1; i < depth; ++i)
    text += ']';
  return text + '}';
}

} // namespace

TEST_CASE("base64url has the URL alphabet and no padding", "[oauth2]") {
  CHECK(base64url("") == "");
  CHECK(base64url("f") == "Zg");
  CHECK(base64url("fo") == "Zm8");
  CHECK(base64url("foo") == "Zm9v");
  CHECK(base64url("\xfb\xff\xbf") == "-_-_");
}

TEST_CASE("base64url reads back every length and every byte", "[oauth2]") {
  std::string bytes;
  for (int i = 0; i < 257; ++i) {
    CHECK(decode_base64url(base64url(bytes)) == bytes);
    bytes.push_back(static_cast<char>(i));
  }
}

TEST_CASE("base64url refuses padding, other alphabets and odd lengths", "[oauth2]") {
  for (const auto* text : {"Zg==", "Zm+v", "Zm/v", "Z", "Zm9vZ", "Zm 9", "Zm9.", "Zm~v"})
    CHECK_FALSE(decode_base64url(text));
}

TEST_CASE("a secret with reserved characters is encoded exactly", "[oauth2]") {
  CHECK(encoded("[6gyXA5S20@MN+WRXAJ]I-TO7g1:h2P8")
        == "%5B6gyXA5S20%40MN%2BWRXAJ%5DI-TO7g1%3Ah2P8");
  CHECK(encoded("a b&c=d%e~_.-") == "a%20b%26c%3Dd%25e~_.-");
  CHECK(encoded(std::string("\0\xff\n", 3)) == "%00%FF%0A");
}

TEST_CASE("form values decode, broken escapes do not", "[oauth2]") {
  CHECK(decode_form("a+b%2Bc%2f") == "a b+c/");
  CHECK(decode_form("") == "");
  for (const auto* text : {"%", "%4", "a%", "%zz", "%4g", "%g4"})
    CHECK_FALSE(decode_form(text));
}

TEST_CASE("the challenge is that of RFC 7636 appendix B", "[oauth2]") {
  CHECK(s256_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST_CASE("a verifier is made of all its random bytes and has 43 characters", "[oauth2]") {
  auto pair = make_pkce(std::string(pkce_random_bytes, '\x5a'));
  CHECK(pair.verifier.reveal().size() == 43);
  CHECK(pair.challenge == s256_challenge(pair.verifier.reveal()));
  auto other = make_pkce(std::string(pkce_random_bytes - 1, '\x5a') + 'x');
  CHECK(other.verifier.reveal() != pair.verifier.reveal());
}

TEST_CASE("JSON is read up to the depth limit and no deeper", "[oauth2]") {
  CHECK(parse_object(nested(max_json_depth)));
  CHECK_FALSE(parse_object(nested(max_json_depth + 1)));
  CHECK_FALSE(parse_object(std::string(100'000, '[')));
}

TEST_CASE("JSON is read up to the size limit and no longer", "[oauth2]") {
  std::string frame = R"({"a":""})";
  std::string fits = R"({"a":")" + std::string(max_document_bytes - frame.size(), 'x') + R"("})";
  CHECK(parse_object(fits));
  CHECK_FALSE(parse_object(fits + " "));
}

TEST_CASE("only objects of valid JSON are taken", "[oauth2]") {
  for (const auto* text :
       {"", "[]", "1", "\"x\"", "{", "{}x", "{\"a\":\"\xff\"}", "<html></html>"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_object(text));
  }
}

TEST_CASE("a number beyond all others is as much as may be", "[oauth2]") {
  auto object = parse_object(R"({"much":1e999,"less":-1e999})");
  REQUIRE(object);
  CHECK(seconds_member(*object, "much", 1h) == 1h);
  CHECK_FALSE(seconds_member(*object, "less", 1h));
}

TEST_CASE("a mark of the byte order is passed over", "[oauth2]") {
  auto object = parse_object("\xEF\xBB\xBF{\"a\":\"x\"}");
  REQUIRE(object);
  CHECK(text_member(*object, "a", 1) == "x");
}

TEST_CASE("what was read outlives the bytes and other documents", "[oauth2]") {
  std::string text = R"({"a":")" + std::string(5'000, 'x') + R"(\u0041","b":[1,2,3]})";
  auto object = parse_object(text);
  text.assign(text.size(), 'y');
  CHECK(parse_object(R"({"a":"other"})"));
  REQUIRE(object);
  CHECK(text_member(*object, "a", 6'000) == std::string(5'000, 'x') + "A");
  CHECK(list_member(*object, "b")->size() == 3);
}

TEST_CASE("of a repeated name the last value counts", "[oauth2]") {
  auto object = parse_object(R"({"a":"first","a":"last"})");
  REQUIRE(object);
  CHECK(text_member(*object, "a", 10) == "last");
}

TEST_CASE("a text beyond its limit counts as absent", "[oauth2]") {
  auto object = parse_object(R"({"a":"1234","b":7})");
  REQUIRE(object);
  CHECK(text_member(*object, "a", 4) == "1234");
  CHECK(text_member(*object, "a", 3).empty());
  CHECK(text_member(*object, "b", 3).empty());
  CHECK(text_member(*object, "c", 3).empty());
}

TEST_CASE("seconds are positive, bounded, and may be a string", "[oauth2]") {
  auto seconds = [](const std::string& value) {
    return seconds_member(*parse_object(R"({"s":)" + value + "}"), "s", 100s);
  };
  CHECK(seconds("60") == 60s);
  CHECK(seconds("60.9") == 60s);
  CHECK(seconds("\"60\"") == 60s);
  CHECK(seconds("1") == 1s);
  CHECK(seconds("99") == 99s);
  CHECK(seconds("100") == 100s);
  CHECK(seconds("101") == 100s);
  CHECK(seconds("9223372036854775808") == 100s);
  CHECK(seconds("\"99999999999999999999999\"") == 100s);
  CHECK(seconds("1e300") == 100s);
  for (const auto* value : {"0", "-1", "0.5", "\"\"", "\"-5\"", "\"6x\"", "\" 6\"", "null", "true",
                            "[]", "-9223372036854775808"})
    CHECK_FALSE(seconds(value));
}
