#pragma once

#include "jobs/oauth_faults.hpp"
#include "messages/values/ids.hpp"
#include "messages/values/records.hpp"

#include <optional>

namespace mailfleet::jobs {

/// A provider's trouble that concerns all its mailboxes: one alarm, and one of them
/// asks again for all. Open until a provider-wide fault closes it, at once if it names
/// a wait or a cause, else at the second in a row: one lost connection is no outage.
/// Then one request, the probe, is admitted after each wait, until one is answered
/// otherwise.
class outage_gate {
public:
  /// Whether `owner` may ask now. The one that may while the gate is closed is the
  /// probe, and must tell how it ended. `hurry`: a person asks, who need not wait. A
  /// clock that was set back ends a wait.
  [[nodiscard]] bool admit(entity_id owner, wall_time now, bool hurry = false);

  /// A request of `owner` ended in a provider-wide fault: closes the gate, or keeps it
  /// closed for longer if it was the probe's. Whether it is closed. `fraction` is
  /// random, in [0, 1).
  bool close(entity_id owner, const token_fault& fault, wall_time now, double fraction);

  /// A request was answered, be it that one mailbox was refused: opens the gate.
  /// Whether it was closed.
  bool open();

  /// The probe will not tell any more: its mailbox is gone.
  void forget(entity_id owner);

  [[nodiscard]] bool is_closed() const {
    return fault_.has_value();
  }
  /// While it is closed: why, since when, and when the next probe is admitted.
  [[nodiscard]] const token_fault& fault() const {
    return *fault_;
  }
  [[nodiscard]] wall_time since() const {
    return since_;
  }
  [[nodiscard]] wall_time until() const {
    return until_;
  }

private:
  std::optional<token_fault> fault_;
  std::optional<entity_id> probe_;
  unsigned failures_ = 0;
  /// Faults in a row while it is open.
  unsigned strikes_ = 0;
  wall_time since_{};
  wall_time closed_at_{};
  wall_time until_{};
};

} // namespace mailfleet::jobs
