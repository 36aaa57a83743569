#include "storage/codec.hpp"
#include "tests/storage/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;

namespace {

std::vector<record> all_samples() {
  auto samples = sample_puts(ann, "x");
  samples.emplace_back(sample_outgoing(ann, "x"));
  samples.emplace_back(event_record{{"tenant-x", 3, 4, 5}, 6, 7, sample_event(ann, "x")});
  auto audit = sample_audit("x");
  audit.number = 8;
  samples.emplace_back(audit);
  return samples;
}

std::string bytes_of(const record& from) {
  encoded_record encoded;
  encode(from, encoded);
  return std::string{encoded.head.data(), encoded.head.size()}.append(encoded.body);
}

} // namespace

TEST_CASE("every record comes back with all its fields", "[codec]") {
  for (const auto& sample : all_samples()) {
    auto decoded = decode(key_of(sample).in, bytes_of(sample));
    REQUIRE(decoded);
    CHECK(same(*decoded, sample));
  }
}

TEST_CASE("a record with nothing set comes back too", "[codec]") {
  for (const record& empty :
       {record{provider_record{}}, record{mailbox_record{}}, record{grant_record{}},
        record{cursor_record{}}, record{message_record{}}, record{event_record{}},
        record{audit_record{}}, record{owed_action_record{}}, record{outbox_record{}}}) {
    auto decoded = decode(key_of(empty).in, bytes_of(empty));
    REQUIRE(decoded);
    CHECK(same(*decoded, empty));
  }
}

TEST_CASE("the body of a chunk is not copied when it is encoded", "[codec]") {
  auto chunk = small_body(ann, 1, std::string(1'000, 'b'));
  encoded_record encoded;
  encode(chunk, encoded);
  CHECK(encoded.body.data() == chunk.bytes->bytes.data());
  CHECK(encoded.head.size() < 100);
}

TEST_CASE("fields that a later program added at the end are skipped", "[codec]") {
  for (const auto& sample : all_samples()) {
    auto decoded = decode(key_of(sample).in, bytes_of(sample) + "added later");
    REQUIRE(decoded);
    CHECK(same(*decoded, sample));
  }
}

TEST_CASE("a newer format is refused by name, no format is corrupt", "[codec]") {
  for (const auto& sample : all_samples()) {
    auto bytes = bytes_of(sample);
    bytes[1] = 2;
    CHECK(decode(key_of(sample).in, bytes).error().code == errc::storage_newer_format);
    bytes[1] = 0;
    CHECK(decode(key_of(sample).in, bytes).error().code == errc::storage_corrupt);
  }
}

TEST_CASE("a record of another type than its family's is corrupt", "[codec]") {
  auto bytes = bytes_of(cursor_of(ann, 1, 1));
  for (auto in : all_families)
    if (in != family::cursors)
      CHECK(decode(in, bytes).error().code == errc::storage_corrupt);
}

TEST_CASE("a record that is cut anywhere is corrupt, but before a field that came later",
          "[codec]") {
  const std::map<family, int> later_fields{
      {family::providers, 5}, {family::mailboxes, 5}, {family::messages, 4}};
  for (const auto& sample : all_samples()) {
    auto in = key_of(sample).in;
    auto bytes = bytes_of(sample);
    int whole = 0;
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      auto decoded = decode(in, bytes.substr(0, length));
      if (decoded)
        ++whole;
      else
        REQUIRE(decoded.error().code == errc::storage_corrupt);
    }
    CHECK(whole == (later_fields.contains(in) ? later_fields.at(in) : 0));
  }
}

TEST_CASE("every kind of event comes back", "[codec]") {
  event_record event;
  event.number = 1;
  int kinds = 0;
  for (int number = 1; number < 256; ++number) {
    event.what.kind = static_cast<event_kind>(number);
    bool exists = to_string(event.what.kind) != "unknown";
    auto decoded = decode(family::events, bytes_of(event));
    CHECK(static_cast<bool>(decoded) == exists);
    kinds += exists ? 1 : 0;
  }
  CHECK(kinds == static_cast<int>(event_kind::mail_complained));
}

TEST_CASE("decoding is total on mutated records", "[codec]") {
  std::mt19937 engine{20'240'101};
  auto pick = [&](std::size_t below) { return static_cast<std::size_t>(engine()) % below; };
  auto samples = all_samples();
  std::size_t refused = 0;
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto& sample = samples[pick(samples.size())];
    auto bytes = bytes_of(sample);
    for (auto changes = 1 + pick(4); changes != 0; --changes)
      bytes[2 + pick(bytes.size() - 2)] = static_cast<char>(pick(256));
    if (pick(4) == 0)
      bytes.resize(pick(bytes.size()));
    auto decoded = decode(key_of(sample).in, bytes);
    decoded ? ++accepted : ++refused;
    if (!decoded)
      REQUIRE(decoded.error().code == errc::storage_corrupt);
  }
  // Both ways are taken: the mutations are neither harmless nor hopeless.
  CHECK(refused > 1'000);
  CHECK(accepted > 1'000);
}

TEST_CASE("decoding is total on noise", "[codec]") {
  seeded_random random{9};
  for (std::size_t round = 0; round < 5'000; ++round) {
    auto bytes = random.bytes(round % 300);
    for (auto in : all_families) {
      if (bytes.size() >= 2) {
        bytes[0] = static_cast<char>(in);
        bytes[1] = 1;
      }
      auto decoded = decode(in, bytes);
      if (!decoded)
        REQUIRE(decoded.error().code == errc::storage_corrupt);
    }
  }
}

TEST_CASE("a list that claims more elements than there are bytes is corrupt", "[codec]") {
  auto cursor = cursor_of(ann, 1, 1);
  auto bytes = bytes_of(cursor);
  // The count of `owed` stands before the last field, four bytes each.
  for (std::size_t at = bytes.size() - 8; at < bytes.size() - 4; ++at)
    bytes[at] = '\xff';
  CHECK(decode(family::cursors, bytes).error().code == errc::storage_corrupt);
}

TEST_CASE("keys come back, and their bytes sort as they do", "[codec]") {
  std::mt19937_64 engine{5};
  constexpr std::array<std::uint32_t, 6> numbers{0, 1, 255, 256, 65'536, 0xffff'ffff};
  constexpr std::array<std::uint64_t, 5> owners{1, 255, 256, 0x1'0000'0000, max_entity_id};
  auto pick = [&] { return numbers[engine() % numbers.size()]; };
  std::vector<record_key> keys;
  for (int count = 0; count < 300; ++count)
    keys.push_back(
        {family::bodies, owners[engine() % owners.size()], pick(), pick(), pick(), pick()});
  for (const auto& left : keys) {
    auto decoded = decode_key(left.in, encode_key(left));
    REQUIRE(decoded);
    CHECK(*decoded == left);
    for (const auto& right : keys)
      REQUIRE((encode_key(left) < encode_key(right)) == (left < right));
  }
}

TEST_CASE("each family has a name, a number and a length of key", "[codec]") {
  std::vector<std::string_view> names;
  for (auto in : all_families) {
    names.push_back(name_of(in));
    auto bytes = encode_key({.in = in, .owner = 1});
    CHECK(decode_key(in, bytes));
    CHECK(decode_key(in, bytes + "x").error().code == errc::storage_corrupt);
    CHECK(decode_key(in, bytes.substr(1)).error().code == errc::storage_corrupt);
  }
  CHECK(names.front() == "providers");
  CHECK(names[6] == "owed_actions");
  CHECK(names.back() == "audit");
  CHECK(name_of(static_cast<family>(13)) == "unknown");
}

TEST_CASE("a key with parts that its family lacks is not well formed", "[codec]") {
  CHECK(is_well_formed({.in = family::mailboxes, .owner = 1}));
  CHECK_FALSE(is_well_formed({.in = family::mailboxes, .owner = 0}));
  CHECK_FALSE(is_well_formed({.in = family::mailboxes, .owner = 1, .folder = 1}));
  CHECK(is_well_formed({.in = family::cursors, .owner = 1, .folder = 1}));
  CHECK_FALSE(is_well_formed({.in = family::cursors, .owner = 1, .number = 1}));
  CHECK(is_well_formed({.in = family::messages, .owner = 1, .number = 1}));
  CHECK_FALSE(is_well_formed({.in = family::messages, .owner = 1, .part = 1}));
  CHECK(is_well_formed({.in = family::bodies, .owner = 1, .part = 1}));
}
