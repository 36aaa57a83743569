#include "jobs/spread.hpp"

namespace mailfleet::jobs {

namespace {

std::chrono::milliseconds seconds_of(double seconds) {
  return std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(seconds * 1'000)};
}

} // namespace

std::chrono::milliseconds spread(std::size_t index, double per_second, double fraction) {
  return seconds_of((static_cast<double>(index) + fraction) / per_second);
}

std::chrono::milliseconds start_delay(std::size_t index, double fraction) {
  return spread(index, starts_per_second, fraction);
}

std::chrono::milliseconds resume_delay(std::size_t count, double fraction) {
  return seconds_of(static_cast<double>(count) * fraction / resumes_per_second);
}

std::chrono::milliseconds to_next_tick(steady_time now, std::chrono::milliseconds wait,
                                       std::chrono::milliseconds tick) {
  if (wait.count() <= 0)
    return wait;
  auto end = (now + wait).time_since_epoch();
  auto past = end % tick;
  auto on_tick = past.count() == 0 ? end : end - past + tick;
  return std::chrono::ceil<std::chrono::milliseconds>(on_tick - now.time_since_epoch());
}

} // namespace mailfleet::jobs
