#include "jobs/owed_schedule.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace std::chrono_literals;

namespace {

using numbers = std::deque<std::uint32_t>;
const wall_time now{std::chrono::seconds{1'700'000'000}};
const std::vector<owed_message> owed{{2, 1}, {5, 1}, {9, 2}};

} // namespace

TEST_CASE("what nothing is known of is due at once, in order", "[owed]") {
  CHECK(owed_schedule{}.due(owed, now) == numbers{2, 5, 9});
}

TEST_CASE("a refused message rests for a while", "[owed]") {
  owed_schedule schedule;
  schedule.refused(2, now);
  CHECK(schedule.due(owed, now + 1min) == numbers{5, 9});
  CHECK(schedule.due(owed, now + 15min) == numbers{2, 5, 9});
}

TEST_CASE("a message that breaks sessions never stands before another", "[owed]") {
  owed_schedule schedule;
  schedule.broke(2, now);
  CHECK(schedule.due(owed, now + 59min) == numbers{5, 9});
  CHECK(schedule.due(owed, now + 1h) == numbers{5, 9, 2});
}

TEST_CASE("a person can have all of them at once", "[owed]") {
  owed_schedule schedule;
  schedule.broke(2, now);
  schedule.refused(5, now);
  schedule.wake();
  CHECK(schedule.due(owed, now) == numbers{5, 9, 2});
}
