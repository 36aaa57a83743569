#include "tests/support/testbed.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet::tests;

TEST_CASE("a testbed gives tokens, with their lifetime, on request", "[testbed]") {
  const testbed bed;
  const auto address = bed.address("support-mint");
  const auto token =
      bed.mint(address, {.lifetime = std::chrono::seconds{77}, .with_refresh_token = true});
  CHECK_FALSE(token.access_token.empty());
  CHECK_FALSE(token.refresh_token.empty());
  CHECK(token.expires_in == std::chrono::seconds{77});
  CHECK(bed.mint(address).refresh_token.empty());
}

TEST_CASE("what a testbed was told is over with the object that told it", "[testbed]") {
  {
    const testbed bed;
    bed.set({{"access_token_ttl", 5}});
    CHECK(bed.mint("support-set").expires_in == std::chrono::seconds{5});
  }
  const testbed bed;
  CHECK(bed.mint("support-set").expires_in == std::chrono::seconds{3600});
  CHECK(bed.fired("token") == 0);
}

TEST_CASE("a testbed refuses what it does not know, in words", "[testbed]") {
  const testbed bed;
  CHECK_THROWS_WITH(bed.set({{"no_such_setting", 1}}), Catch::Contains("no_such_setting"));
  CHECK_THROWS_WITH(bed.set_fault("nowhere", {{"status", 500}}), Catch::Contains("nowhere"));
}

TEST_CASE("a delivered message is in the mailbox when the call returns", "[testbed]") {
  const testbed bed;
  CHECK_NOTHROW(bed.deliver(bed.address("support-deliver"), "Subject: hello\n\nbody\n"));
}
