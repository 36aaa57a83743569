#pragma once

#include <chrono>
#include <utility>

namespace mailfleet {

/// Sends a message to an actor after `wait`; without a wait it does not go through the
/// clock.
template <class Self, class Handle, class Message>
void send_later(Self* self, const Handle& to, std::chrono::milliseconds wait, Message message) {
  if (wait.count() <= 0)
    self->send(to, std::move(message));
  else
    self->delayed_send(to, wait, std::move(message));
}

/// Sends a message to the actor itself after `wait`.
template <class Self, class Message>
void send_later(Self* self, std::chrono::milliseconds wait, Message message) {
  send_later(self, self, wait, std::move(message));
}

} // namespace mailfleet
