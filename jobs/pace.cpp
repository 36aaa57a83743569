#include "jobs/pace.hpp"

#include <algorithm>

namespace mailfleet::jobs {

using namespace std::chrono_literals;

std::chrono::milliseconds pace::wait(steady_time now) const {
  if (begun_.size() < per_second_)
    return 0ms;
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(begun_.front() + 1s - now), 0ms);
}

void pace::take(steady_time now) {
  if (begun_.size() == per_second_)
    begun_.pop_front();
  begun_.push_back(now);
}

} // namespace mailfleet::jobs
