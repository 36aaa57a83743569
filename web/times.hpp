#pragma once

#include "messages/values/records.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::web {

/// `2026-03-01T12:00:00Z` (RFC 3339).
[[nodiscard]] std::string to_iso8601(wall_time time);

/// `2026-03-01`.
[[nodiscard]] std::string to_iso8601_date(wall_time time);

/// Reads `2026-03-01T12:00:00Z`, or `2026-03-01` as midnight UTC; nothing for
/// any other text.
[[nodiscard]] std::optional<wall_time> parse_iso8601(std::string_view text);

} // namespace mailfleet::web
