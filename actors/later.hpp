#pragma once

#include <chrono>
#include <utility>

namespace mailfleet {

/// Sends a message to the actor itself after `wait`; without a wait it does not
/// go through the clock.
template <class Self, class Message>
void send_later(Self* self, std::chrono::milliseconds wait, Message message) {
  if (wait.count() <= 0)
    self->send(self, std::move(message));
  else
    self->delayed_send(self, wait, std::move(message));
}

} // namespace mailfleet
