#include "messages/values/byte_budget.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;

TEST_CASE("credit comes back when its owner goes", "[byte_budget]") {
  auto budget = byte_budget::make(100);
  {
    auto taken = budget->try_take(60);
    REQUIRE(taken);
    CHECK(budget->used() == 60);
    CHECK_FALSE(budget->try_take(41));
    CHECK(budget->try_take(40));
  }
  CHECK(budget->used() == 0);
}

TEST_CASE("a child's credit draws on its parent, and a refusal leaves both whole",
          "[byte_budget]") {
  auto process = byte_budget::make(100);
  auto one = byte_budget::make(80, process);
  auto other = byte_budget::make(80, process);
  auto taken = one->try_take(70);
  REQUIRE(taken);
  CHECK_FALSE(other->try_take(31));
  CHECK(other->used() == 0);
  CHECK(process->used() == 70);
  CHECK(other->try_take(30));
}

TEST_CASE("an amount above the limit is granted when nothing else is out", "[byte_budget]") {
  auto budget = byte_budget::make(10);
  auto large = budget->try_take(50);
  REQUIRE(large);
  CHECK_FALSE(budget->try_take(1));
  large.reset();
  CHECK(budget->try_take(1));
}

TEST_CASE("a waiter is woken once, by the budget or its parent", "[byte_budget]") {
  auto process = byte_budget::make(100);
  auto one = byte_budget::make(100, process);
  auto other = byte_budget::make(100, process);
  auto taken = one->try_take(100);
  int woken = 0;
  other->when_returned([&] { ++woken; });
  taken.reset();
  CHECK(woken == 1);
  other->try_take(1).reset();
  CHECK(woken == 1);
}

TEST_CASE("credit moved away is given back once", "[byte_budget]") {
  auto budget = byte_budget::make(10);
  auto first = budget->try_take(4);
  REQUIRE(first);
  credit second = std::move(*first);
  first.reset();
  CHECK(budget->used() == 4);
  second = credit{};
  CHECK(budget->used() == 0);
}
