#pragma once

#include "actors/world.hpp"
#include "messages/ports/control_door.hpp"

#include <functional>
#include <memory>
#include <string>

namespace mailfleet {

/// The running fleet for those who know no actors: a program's `main`, an
/// embedding host. Every function may be called from any thread.
class runtime : public control_door {
public:
  /// Starts the actors. The ports must outlive the runtime. `on_fatal` is called
  /// at most once, on any thread, when the fleet cannot go on; it must not call
  /// back into the runtime.
  runtime(world outside, fleet_settings settings, std::string version,
          std::function<void(failure)> on_fatal);

  /// `stop`, then waits for every actor.
  ~runtime() override;
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  /// After `stop` the answer is `errc::shutting_down`.
  void ask(std::string actor, control_command command,
           std::function<void(result<control_answer>)> done) override;

  /// Ends everything in good order and waits until it is done. Idempotent.
  void stop();

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace mailfleet
