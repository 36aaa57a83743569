#pragma once

#include "messages/values/times.hpp"

#include <string>

namespace mailfleet {

/// `2026-03-01T12:00:00Z` (RFC 3339).
[[nodiscard]] std::string to_iso8601(wall_time time);

/// `2026-03-01`.
[[nodiscard]] std::string to_iso8601_date(wall_time time);

} // namespace mailfleet
