#pragma once

#include "actors/mailbox_memory.hpp"
#include "jobs/ingest.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <optional>

namespace mailfleet {

/// What a mailbox shows of itself: its state, its trouble and its counters, to
/// its supervisor, to the event log and to the operator's log.
class mailbox_face {
public:
  mailbox_face(mailbox_actor::pointer self, const mailbox_surroundings& around,
               const mailbox_memory& memory)
    : self_{self}, around_{around}, memory_{memory} {}

  /// Shows another state. `watching` and `paused` end any trouble.
  void enter(mailbox_state state);

  /// Shows what is wrong; the same trouble keeps the time it began.
  void complain(diagnosis trouble);
  void calm() {
    trouble_.reset();
  }

  /// Counts what became durable.
  void count(const jobs::ingest_step& step);

  [[nodiscard]] mailbox_state state() const noexcept {
    return state_;
  }
  [[nodiscard]] mailbox_view view() const;

  /// Shows the supervisor what it looks like.
  void publish();

private:
  void log_state() const;
  void append_event();

  mailbox_actor::pointer self_;
  const mailbox_surroundings& around_;
  const mailbox_memory& memory_;
  mailbox_state state_ = mailbox_state::connecting;
  std::optional<diagnosis> trouble_;
  std::uint64_t fetched_ = 0;
  std::uint64_t fetched_bytes_ = 0;
  std::optional<wall_time> last_arrival_;
};

} // namespace mailfleet
