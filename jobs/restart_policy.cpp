#include "jobs/restart_policy.hpp"

#include <algorithm>

namespace mailfleet::jobs {

namespace {

using std::chrono::milliseconds;

/// A quarter of jitter on top stays below `restart_wait_max`.
constexpr milliseconds longest_base = restart_wait_max * 4 / 5;

milliseconds waited(std::uint8_t doublings, double fraction) {
  auto base = restart_wait_first;
  for (; doublings > 0 && base < longest_base; --doublings)
    base *= 2;
  base = std::min(base, longest_base);
  auto jitter = static_cast<double>(base.count()) / 4 * fraction;
  return base + milliseconds{static_cast<milliseconds::rep>(jitter)};
}

/// Forgets the ends that lie outside the window.
void forget_old(restart_history& history, steady_time now) {
  auto first = history.recent.begin();
  auto end = std::remove_if(first, first + history.ends,
                            [&](steady_time at) { return now - at >= restart_window; });
  history.ends = static_cast<std::uint8_t>(end - first);
}

} // namespace

restart_decision decide_restart(const restart_history& history, steady_time now, double fraction) {
  auto next = history;
  if (next.waiting && now - next.restarted_at >= restart_quiet_period)
    next = {};
  forget_old(next, now);
  if (!next.waiting && next.ends < immediate_restarts) {
    next.recent[next.ends++] = now;
    next.restarted_at = now;
    return {milliseconds{0}, next};
  }
  auto delay = waited(next.doublings, fraction);
  next.waiting = true;
  // Sixteen doublings of the first wait are past the longest already.
  next.doublings = static_cast<std::uint8_t>(std::min(next.doublings + 1, 16));
  next.restarted_at = now + delay;
  return {delay, next};
}

} // namespace mailfleet::jobs
