#pragma once

#include <chrono>

namespace mailfleet {

/// UTC, whole seconds. What is durable counts by it: it outlives the process, a
/// monotonic time does not.
using wall_time = std::chrono::sys_seconds;

} // namespace mailfleet
