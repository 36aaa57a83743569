#pragma once

#include "messages/values/control.hpp"

#include <functional>
#include <string>

namespace mailfleet {

/// The one door for control messages, as those outside the actors see it: the
/// HTTP front, the C ABI, an embedding program. May be called from any thread;
/// the callback is called exactly once, on a thread of the runtime, and must
/// not block.
class control_door {
public:
  virtual ~control_door() = default;

  /// `actor` names who asks, for the audit log: `uid 0`, `browser 127.0.0.1`.
  virtual void ask(std::string actor, control_command command,
                   std::function<void(result<control_answer>)> done) = 0;
};

} // namespace mailfleet
