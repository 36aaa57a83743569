#pragma once

#include "messages/values/server_probe.hpp"

#include <functional>

namespace mailfleet {

/// Looks at servers: connects, and logs in to POP3 and SMTP servers where a credential is
/// given; then leaves in good order. Nothing is changed there.
class login_probe {
public:
  virtual ~login_probe() = default;

  /// May be called from any thread and never blocks; the callback comes once, on a thread
  /// of the implementation, and not at all when the network's loop has stopped.
  virtual void probe(server_probe what, std::function<void(probe_report)> done) = 0;
};

} // namespace mailfleet
