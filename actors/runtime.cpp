#include "actors/runtime.hpp"

#include "actors/fleet.hpp"
#include "actors/from_outside.hpp"
#include "actors/limits.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

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

} // namespace

struct runtime::parts {
  runtime_config config;
  caf::actor_system system{config};
  fleet_actor root;
  std::mutex stopping;
  std::atomic<bool> stopped = false;
};

runtime::runtime(world outside, fleet_settings settings, std::string version,
                 std::function<void(failure)> on_fatal)
  : parts_{std::make_unique<parts>()} {
  forget_system forget;
  parts_->root = parts_->system.spawn(fleet, std::move(outside), std::move(settings),
                                      std::move(version), std::move(on_fatal));
}

runtime::~runtime() {
  stop();
  parts_->root = nullptr;
}

void runtime::ask(std::string actor, control_command command,
                  std::function<void(result<control_answer>)> done) {
  if (parts_->stopped)
    return done(failure{errc::shutting_down, "mailfleet stops; ask again when it is back"});
  forget_system forget;
  // One short-lived actor a question: many open requests on one actor are quadratic.
  parts_->system.spawn([root = parts_->root,
                        request = control_request{std::move(actor), std::move(command)},
                        done = std::move(done)](caf::event_based_actor* self) mutable {
    auto waiting = std::make_shared<decltype(done)>(std::move(done));
    auto tell = [waiting](result<control_answer> answer) {
      if (auto once = std::exchange(*waiting, nullptr))
        once(std::move(answer));
    };
    // An actor that ends breaks no promise it gave (CAF 0.17.6): a question that is
    // still open, such as for the next event, would hold up the stop.
    self->set_down_handler([self, tell](const caf::down_msg&) {
      tell(failure{errc::shutting_down, "mailfleet stops; ask again when it is back"});
      self->quit();
    });
    self->monitor(root);
    self->request(root, control_timeout * 2, std::move(request))
        .then([tell](control_answer& answer) { tell(std::move(answer)); },
              [tell](const caf::error& what) { tell(as_failure(what)); });
  });
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
}

} // namespace mailfleet
