#pragma once

#include "messages/values/times.hpp"

#include <string>

/// Times in the words that people read. All are UTC.
namespace mailfleet::jobs {

/// The day: `2026-01-31`.
[[nodiscard]] std::string date_text(wall_time time);

/// The second, as the API writes it: `2026-01-31T12:00:00Z`.
[[nodiscard]] std::string moment_text(wall_time time);

} // namespace mailfleet::jobs
