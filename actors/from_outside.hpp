#pragma once

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/logger.hpp>
#include <caf/send.hpp>

#include <utility>

namespace mailfleet {

/// Ends a thread's tie to the actor system. Every call into CAF leaves a reference
/// to the system's logger in the calling thread, and the system does not end
/// before the last is gone (CAF 0.17.6): threads that outlive it must let go.
struct forget_system {
  forget_system() = default;
  forget_system(const forget_system&) = delete;
  forget_system& operator=(const forget_system&) = delete;
  ~forget_system() {
    caf::logger::set_current_actor_system(nullptr);
  }
};

/// Sends a message to an actor from a port's thread. An actor that has ended
/// meanwhile gets nothing, and is not kept alive by who may still call.
template <class Handle, class Message>
void send_from_outside(const caf::weak_actor_ptr& to, Message message) {
  forget_system forget;
  if (auto receiver = caf::actor_cast<Handle>(to))
    caf::anon_send(receiver, std::move(message));
}

} // namespace mailfleet
