#include "jobs/addresses.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace mailfleet::jobs;

TEST_CASE("addresses are the same without the case of ASCII letters", "[addresses]") {
  CHECK(same_address("Ann@Example.COM", "ann@example.com"));
  CHECK_FALSE(same_address("ann@example.com", "ann@example.co"));
  CHECK_FALSE(same_address("\xc3\x84@example.com", "\xc3\xa4@example.com"));
}

TEST_CASE("a list of names minds the case only of those that are the same else", "[addresses]") {
  std::vector<std::string> names{"\xc3\xa4", "b", "Box2", "box1", "a10", "a", "B", "box"};
  std::ranges::sort(names, stands_before);
  CHECK(names == std::vector<std::string>{"a", "a10", "B", "b", "box", "box1", "Box2", "\xc3\xa4"});
  CHECK_FALSE(stands_before("a", "a"));
}
