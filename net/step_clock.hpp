#pragma once

#include <algorithm>
#include <chrono>

namespace mailfleet::net {

/// The end of a step: no later than this, however the server drips.
class step_clock {
public:
  explicit step_clock(std::chrono::milliseconds lasts)
    : ends_{std::chrono::steady_clock::now() + lasts} {}

  /// At least 1 ms, so that what has arrived already is still read.
  [[nodiscard]] std::chrono::milliseconds left() const {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        ends_ - std::chrono::steady_clock::now());
    return std::max(left, std::chrono::milliseconds{1});
  }

  [[nodiscard]] bool over() const {
    return std::chrono::steady_clock::now() >= ends_;
  }

private:
  std::chrono::steady_clock::time_point ends_;
};

} // namespace mailfleet::net
