#pragma once

#include "messages/values/time_text.hpp"

#include <optional>
#include <string_view>

namespace mailfleet::web {

/// Reads `2026-03-01T12:00:00Z`, or `2026-03-01` as midnight UTC; nothing for
/// any other text.
[[nodiscard]] std::optional<wall_time> parse_iso8601(std::string_view text);

} // namespace mailfleet::web
