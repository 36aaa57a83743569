#include "messages/values/ids.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;

TEST_CASE("an id reads back what it wrote", "[ids]") {
  CHECK(to_string(entity_id{0xabc}) == "000000000abc");
  CHECK(parse_entity_id("000000000abc") == entity_id{0xabc});
  CHECK(parse_entity_id(to_string(entity_id{max_entity_id})) == entity_id{max_entity_id});
}

TEST_CASE("what is not an id is refused", "[ids]") {
  for (auto text : {"", "abc", "000000000ABC", "000000000000", "0000000000abc", "00000000 abc"})
    CHECK_FALSE(parse_entity_id(text));
}

TEST_CASE("a message key reads back what it wrote", "[ids]") {
  message_key key{entity_id{7}, 1, 1700000000, 42};
  CHECK(to_string(key) == "000000000007-1-1700000000-42");
  CHECK(parse_message_key(to_string(key)) == key);
  for (auto text : {"", "000000000007", "000000000007-1-2", "000000000007-1-2-3-4",
                    "000000000007-1-2--3", "000000000007-1-2-4294967296"})
    CHECK_FALSE(parse_message_key(text));
}
