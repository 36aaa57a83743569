#pragma once

#include "messages/values/records.hpp"

namespace mailfleet {

/// Wall-clock time, for what outlives the process: token expiry, display.
/// Waiting is done by the actors' monotonic clock. Callable from any thread.
class clock {
public:
  virtual ~clock() = default;
  [[nodiscard]] virtual wall_time now() const = 0;
};

} // namespace mailfleet
