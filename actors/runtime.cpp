#include "actors/runtime.hpp"

#include "actors/fleet.hpp"
#include "actors/from_outside.hpp"
#include "actors/limits.hpp"
#include "actors/questions.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace mailfleet {

namespace {

struct runtime_config : caf::actor_system_config {
  runtime_config() {
    // CAF would read a file of this name from the current directory.
    config_file_path = "/dev/null";
    set("logger.verbosity", caf::atom("quiet"));
    // The default policy polls: each idle worker wakes every 50 us for a while
    // after each message, and every 10 ms for ever. This one waits for work.
    set("scheduler.policy", caf::atom("sharing"));
    // Actors never block, and the network, the writer and the readers have threads of their own:
    // more workers only wake each other for messages that one would take in passing. CAF would
    // take four at least.
    set("scheduler.max-threads", std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2));
    add_message_types<caf::id_block::mailfleet>();
  }
};

failure stops() {
  return {errc::shutting_down, "mailfleet stops; ask again when it is back"};
}

/// Puts questions to the fleet. No request has a time-out of its own: CAF keeps each to its end,
/// and wakes a thread for it. What is late is found every `late_questions_wait`.
caf::behavior asker(caf::event_based_actor* self, const fleet_actor& root,
                    const std::shared_ptr<questions>& open) {
  // An actor that ends breaks no promise it gave (CAF 0.17.6): a question that is
  // still open, such as for the next event, would hold up the stop.
  self->set_down_handler([self, open](const caf::down_msg&) {
    open->settle_for_good(stops());
    self->quit();
  });
  self->monitor(root);
  return {
      [self, root, open](std::uint64_t number, control_request& what) {
        self->request(root, until_answered, std::move(what))
            .then([open, number](control_answer& how) { open->settle(number, std::move(how)); },
                  [open, number](const caf::error& why) { open->settle(number, as_failure(why)); });
      },
      [self, open](caf::tick_atom) {
        open->expire(std::chrono::steady_clock::now() - control_timeout * 2);
        self->delayed_send(self, late_questions_wait, caf::tick_atom::value);
      },
  };
}

} // namespace

struct runtime::parts {
  runtime_config config;
  caf::actor_system system{config};
  fleet_actor root;
  std::shared_ptr<questions> open = std::make_shared<questions>();
  std::vector<caf::actor> askers;
  std::atomic<std::size_t> next_asker = 0;
  std::mutex stopping;
  std::atomic<bool> stopped = false;
};

runtime::runtime(world outside, fleet_settings settings, std::string version,
                 std::function<void(failure)> on_fatal)
  : parts_{std::make_unique<parts>()} {
  forget_system forget;
  parts_->root = parts_->system.spawn(fleet, std::move(outside), std::move(settings),
                                      std::move(version), std::move(on_fatal));
  for (std::size_t count = 0; count < askers; ++count)
    parts_->askers.push_back(parts_->system.spawn(asker, parts_->root, parts_->open));
  // One looks for what is late, for all.
  caf::anon_send(parts_->askers.front(), caf::tick_atom::value);
}

runtime::~runtime() {
  stop();
  parts_->askers.clear();
  parts_->root = nullptr;
}

void runtime::ask(std::string actor, control_command command,
                  std::function<void(result<control_answer>)> done) {
  if (parts_->stopped)
    return done(stops());
  auto number = parts_->open->add(std::move(done), std::chrono::steady_clock::now());
  if (!number)
    return;
  forget_system forget;
  caf::anon_send(parts_->askers[parts_->next_asker++ % askers], *number,
                 control_request{std::move(actor), std::move(command)});
}

void runtime::stop() {
  std::lock_guard guard{parts_->stopping};
  if (parts_->stopped.exchange(true))
    return;
  forget_system forget;
  std::promise<void> stopped;
  parts_->system.spawn([root = parts_->root, &stopped](caf::event_based_actor* self) {
    self->request(root, caf::infinite, stop_fleet{})
        .then([&stopped](const fleet_stopped&) { stopped.set_value(); },
              [&stopped](const caf::error&) { stopped.set_value(); });
  });
  stopped.get_future().wait();
  // Whom the fleet told of its end as the last may be gone before he hears it.
  parts_->open->settle_for_good(stops());
}

} // namespace mailfleet
