#include "messages/values/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace mailfleet {

std::string to_iso8601_date(wall_time time) {
  auto day = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(time)};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text.data();
}

std::string to_iso8601(wall_time time) {
  auto clock = std::chrono::hh_mm_ss{time - std::chrono::floor<std::chrono::days>(time)};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "T%02d:%02d:%02dZ",
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return to_iso8601_date(time) + text.data();
}

} // namespace mailfleet
