#pragma once

#include "messages/actors.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <catch2/catch.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace mailfleet::test {

struct deterministic_config : caf::actor_system_config {
  /// Elsewhere, for what CAF makes of all message types takes long to compile.
  deterministic_config();
};

/// An actor system without threads: messages move when the test says so, and
/// time passes only through `pass`.
class actor_fixture {
public:
  actor_fixture() = default;
  actor_fixture(const actor_fixture&) = delete;
  actor_fixture& operator=(const actor_fixture&) = delete;

  /// Stops every actor of the test: a pending timeout or promise would keep it
  /// alive, and the actor system would wait for it forever.
  ~actor_fixture();

  template <class... Ts>
  auto spawn(Ts&&... xs) {
    auto handle = sys.spawn(std::forward<Ts>(xs)...);
    adopt(handle);
    return handle;
  }

  /// Stops `handle` with the others when the test ends.
  template <class Handle>
  void adopt(const Handle& handle) {
    spawned_.push_back(caf::actor_cast<caf::actor>(handle));
  }

  void settle() {
    sched.run();
  }

  void pass(caf::timespan interval) {
    sched.advance_time(interval);
    settle();
  }

  /// Sends a request whose answer is read later with `answer`.
  template <class Handle, class... Ts>
  auto ask(const Handle& receiver, Ts... xs) {
    auto response = self->request(receiver, caf::infinite, std::move(xs)...);
    settle();
    return response;
  }

  bool answered() {
    return self->has_next_message();
  }

  template <class T, class Response>
  T answer(Response& response) {
    REQUIRE(answered()); // a receive on an empty mailbox would block forever
    std::optional<T> content;
    response.receive([&](T& x) { content = std::move(x); },
                     [&](caf::error& err) { FAIL(to_string(as_failure(err))); });
    return *std::move(content);
  }

  template <class T, class Response>
  failure refusal(Response& response) {
    REQUIRE(answered());
    failure what;
    response.receive([&](T&) { FAIL("expected a failure"); },
                     [&](caf::error& err) { what = as_failure(err); });
    return what;
  }

  caf::detail::test_actor_clock& clock() {
    return sched.clock();
  }

  deterministic_config config;
  caf::actor_system sys{config};
  caf::scheduler::test_coordinator& sched =
      dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  caf::scoped_actor self{sys, true};

private:
  std::vector<caf::actor> spawned_;
};

} // namespace mailfleet::test
