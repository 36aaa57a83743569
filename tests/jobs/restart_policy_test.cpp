#include "jobs/restart_policy.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet::jobs;
using std::chrono::milliseconds;

namespace {

/// A child, its supervisor's memory, and a clock.
struct child {
  steady_time now = steady_time{} + 1h;
  restart_history history;

  /// Ends after having run for `life`; answers the wait.
  milliseconds end_after(milliseconds life, double fraction = 0) {
    now += life;
    auto decided = decide_restart(history, now, fraction);
    history = decided.history;
    now += decided.delay;
    return decided.delay;
  }
};

} // namespace

TEST_CASE("a child is started at once three times, and then waits", "[restart_policy]") {
  child it;
  CHECK(it.end_after(1s) == 0ms);
  CHECK(it.end_after(1s) == 0ms);
  CHECK(it.end_after(1s) == 0ms);
  CHECK(it.end_after(1s) == 1s);
}

TEST_CASE("ends older than the window do not count", "[restart_policy]") {
  child inside;
  child outside;
  for (int i = 0; i < 3; ++i) {
    inside.end_after(0ms);
    outside.end_after(0ms);
  }
  CHECK(inside.end_after(restart_window - 1ms) > 0ms);
  CHECK(outside.end_after(restart_window) == 0ms);
}

TEST_CASE("a child that ends once a window for ever never waits", "[restart_policy]") {
  child it;
  for (int i = 0; i < 100; ++i)
    CHECK(it.end_after(21s) == 0ms);
}

TEST_CASE("the wait doubles and never passes its maximum", "[restart_policy]") {
  child it;
  for (int i = 0; i < 3; ++i)
    it.end_after(0ms);
  for (auto expected : {1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 512s, 720s, 720s})
    CHECK(it.end_after(0ms) == expected);
  CHECK(it.end_after(0ms, 0.999999) <= restart_wait_max);
  for (int i = 0; i < 300; ++i)
    CHECK(it.end_after(0ms) == 720s);
}

TEST_CASE("jitter adds up to a quarter", "[restart_policy]") {
  child it;
  for (int i = 0; i < 3; ++i)
    it.end_after(0ms);
  CHECK(decide_restart(it.history, it.now, 0).delay == 1'000ms);
  CHECK(decide_restart(it.history, it.now, 0.5).delay == 1'125ms);
  CHECK(decide_restart(it.history, it.now, 0.9999).delay < 1'250ms);
}

TEST_CASE("a child that stayed up for the quiet period begins anew", "[restart_policy]") {
  child it;
  for (int i = 0; i < 5; ++i)
    it.end_after(0ms);
  auto other = it;
  CHECK(it.end_after(restart_quiet_period - 1ms) == 4s);
  CHECK(other.end_after(restart_quiet_period) == 0ms);
  CHECK(other.end_after(0ms) == 0ms);
}
