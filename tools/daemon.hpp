#pragma once

#include "messages/ports/log.hpp"
#include "messages/values/result.hpp"
#include "tools/daemon_config.hpp"

#include <functional>
#include <memory>

namespace mailfleet::tools {

/// Everything that `mailfleetd run` runs: the one place where ports meet their
/// implementations.
class daemon {
public:
  /// Opens the store, starts the actors, and listens. `on_fatal` is called at
  /// most once, on any thread, when the fleet cannot go on.
  [[nodiscard]] static result<std::unique_ptr<daemon>> start(const daemon_config& config,
                                                             std::shared_ptr<log_port> log,
                                                             std::function<void(failure)> on_fatal);

  /// Stops in good order: no more requests, sessions log out, commits finish.
  ~daemon();
  daemon(const daemon&) = delete;
  daemon& operator=(const daemon&) = delete;

private:
  struct parts;
  explicit daemon(std::unique_ptr<parts> inside);

  std::unique_ptr<parts> parts_;
};

} // namespace mailfleet::tools
