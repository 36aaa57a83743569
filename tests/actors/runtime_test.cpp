#include "actors/runtime.hpp"
#include "tests/support/fleet_fixture.hpp"

#include <atomic>
#include <future>
#include <thread>
#include <vector>

using namespace mailfleet;
using namespace mailfleet::test;

// The only actor test on real threads: it is about them.

namespace {

result<control_answer> ask_and_wait(runtime& fleet, control_command command) {
  std::promise<result<control_answer>> answer;
  fleet.ask("uid 0", std::move(command),
            [&answer](result<control_answer> outcome) { answer.set_value(std::move(outcome)); });
  return answer.get_future().get();
}

} // namespace

TEST_CASE("a runtime answers any thread, and may be destroyed on another", "[runtime]") {
  scripted_world world;
  auto fleet = std::make_unique<runtime>(world.ports(), fleet_settings{}, "1.2.3",
                                         [](const failure&) { FAIL("nothing is fatal here"); });
  bool answered_elsewhere = false;
  std::thread{[&] { answered_elsewhere = bool{ask_and_wait(*fleet, report_status{})}; }}.join();
  CHECK(answered_elsewhere);
  std::thread{[&] { fleet.reset(); }}.join();
  CHECK_FALSE(fleet);
}

TEST_CASE("a stopped runtime refuses, and stopping again does nothing", "[runtime]") {
  scripted_world world;
  runtime fleet{world.ports(), fleet_settings{}, "1.2.3", [](const failure&) {}};
  fleet.stop();
  fleet.stop();
  auto answer = ask_and_wait(fleet, report_status{});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::shutting_down);
}

TEST_CASE("questions that are still open do not hold up the stop, and are answered", "[runtime]") {
  scripted_world world;
  // More than one for each actor that asks.
  std::vector<std::promise<result<control_answer>>> answers(20);
  {
    runtime fleet{world.ports(), fleet_settings{}, "1.2.3", [](const failure&) {}};
    REQUIRE(ask_and_wait(fleet, report_status{}));
    list_events follow;
    follow.wait = std::chrono::hours{1};
    for (auto& answer : answers)
      fleet.ask("uid 0", follow, [&answer](result<control_answer> outcome) {
        answer.set_value(std::move(outcome));
      });
    REQUIRE(ask_and_wait(fleet, report_status{}));
  }
  for (auto& answer : answers) {
    auto outcome = answer.get_future().get();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == errc::shutting_down);
  }
}

TEST_CASE("questions of many threads are each answered once", "[runtime]") {
  scripted_world world;
  runtime fleet{world.ports(), fleet_settings{}, "1.2.3", [](const failure&) {}};
  constexpr unsigned askers = 4;
  constexpr unsigned each = 250;
  std::atomic<unsigned> answered = 0;
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < askers; ++number)
    threads.emplace_back([&] {
      for (unsigned count = 0; count < each; ++count)
        answered += ask_and_wait(fleet, report_status{}) ? 1 : 0;
    });
  for (auto& one : threads)
    one.join();
  CHECK(answered == askers * each);
}
