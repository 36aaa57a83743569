#include "storage/key_ring.hpp"
#include "storage/seal.hpp"
#include "tests/storage/support.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;

namespace {

struct fixture {
  gcm_cipher cipher;
  seeded_random random{3};
  data_key key{ann.value, 1, "default", cipher_key{random.bytes(key_bytes)}};
  value_place place{3, "place"};

  std::string seal(std::uint64_t version, std::string_view text) {
    std::string out;
    REQUIRE(seal_value(cipher, random, key, place, version, text, {}, out));
    return out;
  }
  errc open(const data_key& with, value_place where, std::string_view sealed) {
    auto opened = open_value(cipher, with, where, sealed);
    return opened ? errc{} : opened.error().code;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a value opens to what was sealed, of one run or two", "[seal]") {
  std::string out;
  REQUIRE(seal_value(cipher, random, key, place, 7, "head", std::string(20'000, 'b'), out));
  auto opened = open_value(cipher, key, place, out);
  REQUIRE(opened);
  CHECK(*opened == "head" + std::string(20'000, 'b'));
  CHECK(*open_value(cipher, key, place, seal(1, "")) == "");
  CHECK(read_value_header(out)->version == 7);
  CHECK(out.find("head") == std::string::npos);
}

TEST_CASE_METHOD(fixture, "the cipher agrees with the published test vector", "[seal]") {
  // NIST GCM test case 13 (AES-256, empty text) and 14 (one block of zeros).
  std::string out;
  REQUIRE(cipher.seal(cipher_key{std::string(32, '\0')}, std::string(12, '\0'), {}, {}, out));
  auto hex = [](std::string_view bytes) {
    std::string text;
    for (auto byte : bytes) {
      text.push_back("0123456789abcdef"[static_cast<unsigned char>(byte) >> 4]);
      text.push_back("0123456789abcdef"[static_cast<unsigned char>(byte) & 0xf]);
    }
    return text;
  };
  CHECK(hex(out) == "530f8afbc74536b9a963b4f1c4cb738b");
  out.clear();
  std::string zeros(16, '\0');
  REQUIRE(cipher.seal(cipher_key{std::string(32, '\0')}, std::string(12, '\0'), {}, {zeros}, out));
  CHECK(hex(out) == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST_CASE_METHOD(fixture, "a value opens only where, and as whose, it was sealed", "[seal]") {
  auto sealed = seal(7, "text");
  CHECK(open(key, place, sealed) == errc{});
  CHECK(open(key, {4, "place"}, sealed) == errc::storage_corrupt);
  CHECK(open(key, {3, "other"}, sealed) == errc::storage_corrupt);
  auto other = key;
  other.tenant = "another";
  CHECK(open(other, place, sealed) == errc::storage_corrupt);
  other = key;
  other.owner = bob.value;
  CHECK(open(other, place, sealed) == errc::storage_corrupt);
  other = key;
  other.number = 2;
  CHECK(open(other, place, sealed) == errc::storage_corrupt);
  other = key;
  other.key = cipher_key{random.bytes(key_bytes)};
  CHECK(open(other, place, sealed) == errc::storage_corrupt);
}

TEST_CASE_METHOD(fixture, "every bit of a sealed value is guarded", "[seal]") {
  auto sealed = seal(7, "text");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = sealed;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      REQUIRE(open(key, place, changed) != errc{});
    }
  }
  for (std::size_t length = 0; length < sealed.size(); ++length)
    REQUIRE(open(key, place, sealed.substr(0, length)) == errc::storage_corrupt);
}

TEST_CASE_METHOD(fixture, "an older value cannot pose as the newer version", "[seal]") {
  auto older = seal(7, "text");
  auto newer = seal(8, "text");
  // The clear version, bytes 5 to 12, is part of what the tag covers.
  auto posing = newer.substr(0, 13) + older.substr(13);
  CHECK(open(key, place, posing) == errc::storage_corrupt);
}

TEST_CASE_METHOD(fixture, "a newer seal format is refused by name", "[seal]") {
  auto sealed = seal(7, "text");
  sealed[0] = 2;
  CHECK(open(key, place, sealed) == errc::storage_newer_format);
  sealed[0] = 0;
  CHECK(open(key, place, sealed) == errc::storage_corrupt);
}

TEST_CASE_METHOD(fixture, "no nonce is used twice", "[seal]") {
  CHECK(seal(7, "text") != seal(7, "text"));
}

TEST_CASE_METHOD(fixture, "a wrapped key opens for its owner and number only", "[seal]") {
  cipher_key wrapping{random.bytes(key_bytes)};
  auto wrapped = wrap_key(cipher, random, wrapping, key);
  REQUIRE(wrapped);
  CHECK(wrapped->find(key.key.reveal()) == std::string::npos);
  auto opened = unwrap_key(cipher, wrapping, key.owner, key.number, *wrapped);
  REQUIRE(opened);
  CHECK(opened->key == key.key);
  CHECK(opened->tenant == key.tenant);
  CHECK_FALSE(unwrap_key(cipher, wrapping, key.owner + 1, key.number, *wrapped));
  CHECK_FALSE(unwrap_key(cipher, wrapping, key.owner, key.number + 1, *wrapped));
  cipher_key other{random.bytes(key_bytes)};
  CHECK_FALSE(unwrap_key(cipher, other, key.owner, key.number, *wrapped));
}

TEST_CASE_METHOD(fixture, "the check value tells the key that made it", "[seal]") {
  cipher_key wrapping{random.bytes(key_bytes)};
  auto check = make_check_value(cipher, random, wrapping);
  REQUIRE(check);
  CHECK(opens_check_value(cipher, wrapping, *check));
  CHECK_FALSE(opens_check_value(cipher, cipher_key{random.bytes(key_bytes)}, *check));
  CHECK_FALSE(opens_check_value(cipher, wrapping, ""));
}

TEST_CASE_METHOD(fixture, "a retired key opens until it is forgotten", "[seal]") {
  key_ring ring;
  CHECK(ring.next_number(ann.value) == 1);
  ring.add(key);
  CHECK(ring.next_number(ann.value) == 2);
  CHECK(ring.next_number(bob.value) == 1);
  CHECK(ring.current(ann.value, "default"));
  CHECK_FALSE(ring.current(ann.value, "another"));
  auto retired = ring.retire(ann.value);
  REQUIRE(retired.size() == 1);
  CHECK_FALSE(ring.current(ann.value, "default"));
  CHECK(ring.find(ann.value, 1));
  ring.forget(*retired.front());
  CHECK_FALSE(ring.find(ann.value, 1));
}
