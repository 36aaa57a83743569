#include "jobs/spread.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet::jobs;

TEST_CASE("each of many has its slot, and jitter stays inside it", "[spread]") {
  CHECK(spread(0, 10, 0) == 0ms);
  CHECK(spread(0, 10, 0.99) < 100ms);
  CHECK(spread(1, 10, 0) == 100ms);
  CHECK(spread(7, 10, 0.5) == 750ms);
  CHECK(spread(3, 0.5, 0) == 6s);
}

TEST_CASE("ten thousand mailboxes have begun within two minutes", "[spread]") {
  CHECK(start_delay(0, 0) == 0ms);
  CHECK(start_delay(9'999, 0.999) <= 2min);
  CHECK(start_delay(9'999, 0.999) > 1min);
}

TEST_CASE("mailboxes that resume are spread over the time all need", "[spread]") {
  CHECK(resume_delay(1, 0.999) < 1s);
  CHECK(resume_delay(1'000, 0) == 0ms);
  CHECK(resume_delay(1'000, 0.5) == 25s);
  CHECK(resume_delay(0, 0.5) == 0ms);
}

TEST_CASE("what is due within one tick ends on the same one", "[spread]") {
  steady_time base{10'000ms};
  CHECK(to_next_tick(base, 0ms, 250ms) == 0ms);
  CHECK(to_next_tick(base, 250ms, 250ms) == 250ms);
  CHECK(to_next_tick(base, 251ms, 250ms) == 500ms);
  CHECK(to_next_tick(base + 100ms, 200ms, 250ms) == 400ms);
  CHECK(to_next_tick(base + 249ms, 1ms, 250ms) == 1ms);
  // Finer than a millisecond: never before its time, never more than a tick late.
  auto odd = base + std::chrono::microseconds{1};
  CHECK(to_next_tick(odd, 250ms, 250ms) == 500ms);
}
