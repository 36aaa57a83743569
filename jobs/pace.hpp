#pragma once

#include "jobs/restart_policy.hpp"

#include <chrono>
#include <cstddef>
#include <deque>

namespace mailfleet::jobs {

/// Keeps what is begun within a rate: in no second, wherever it begins, are there more
/// than so many.
class pace {
public:
  /// `per_second` is at least 1.
  explicit pace(std::size_t per_second) : per_second_{per_second} {}

  /// How long to wait before the next may begin; zero: it may now.
  [[nodiscard]] std::chrono::milliseconds wait(steady_time now) const;

  /// One begins.
  void take(steady_time now);

private:
  std::size_t per_second_;
  /// When the last `per_second_` began.
  std::deque<steady_time> begun_;
};

} // namespace mailfleet::jobs
