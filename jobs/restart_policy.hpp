#pragma once

#include "jobs/limits.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace mailfleet::jobs {

/// A point on the actors' monotonic clock.
using steady_time = std::chrono::steady_clock::time_point;

/// What a supervisor remembers of one child.
struct restart_history {
  /// Ends of the child, the latest last; `ends` of them are set.
  std::array<steady_time, immediate_restarts> recent{};
  std::uint8_t ends = 0;
  /// How often the wait was doubled; 0 and `waiting` false: not yet in waits.
  std::uint8_t doublings = 0;
  bool waiting = false;
  /// When the child was last started again.
  steady_time restarted_at{};
  bool operator==(const restart_history&) const = default;
};

struct restart_decision {
  std::chrono::milliseconds delay{0};
  /// To be kept in place of the old one.
  restart_history history;
};

/// A child ended at `now`: when it is started again. At once while it ended at
/// most `immediate_restarts` times in `restart_window`; after that
/// `restart_wait_first`, doubled each time up to `restart_wait_max`, with up to a
/// quarter of jitter. A child that ran for `restart_quiet_period` begins anew.
/// `fraction` is random, in [0, 1).
[[nodiscard]] restart_decision decide_restart(const restart_history& history, steady_time now,
                                              double fraction);

} // namespace mailfleet::jobs
