#include "web/times.hpp"

#include <array>
#include <charconv>

namespace mailfleet::web {

namespace {

/// Reads exactly `digits` digits off the front of `text`.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) {
  auto part = text.substr(0, digits);
  if (part.size() != digits || part.find_first_not_of("0123456789") != part.npos)
    return std::nullopt;
  unsigned value = 0;
  std::from_chars(part.data(), part.data() + part.size(), value);
  text.remove_prefix(digits);
  return value;
}

/// Numbers of fixed width, each before the mark of the same place in `marks`.
template <std::size_t Count>
std::optional<std::array<unsigned, Count>> take_numbers(std::string_view& text,
                                                        std::string_view marks) {
  std::array<unsigned, Count> values{};
  for (std::size_t i = 0; i < Count; ++i) {
    auto value = take_number(text, i == 0 && marks.front() == '-' ? 4 : 2);
    if (!value)
      return std::nullopt;
    values[i] = *value;
    if (i < marks.size() && marks[i] != '\0') {
      if (!text.starts_with(marks[i]))
        return std::nullopt;
      text.remove_prefix(1);
    }
  }
  return values;
}

/// How far a place is ahead of UTC, of `Z`, `+02:00` or `-05:30`.
std::optional<std::chrono::minutes> offset_of(std::string_view text) {
  if (text == "Z")
    return std::chrono::minutes{0};
  bool behind = text.starts_with('-');
  if (!behind && !text.starts_with('+'))
    return std::nullopt;
  text.remove_prefix(1);
  auto offset = take_numbers<2>(text, ":");
  if (!offset || !text.empty() || (*offset)[0] > 23 || (*offset)[1] > 59)
    return std::nullopt;
  auto ahead = std::chrono::hours{(*offset)[0]} + std::chrono::minutes{(*offset)[1]};
  return behind ? -ahead : ahead;
}

} // namespace

std::optional<wall_time> parse_iso8601(std::string_view text) {
  auto date = take_numbers<3>(text, "--");
  if (!date)
    return std::nullopt;
  auto day =
      std::chrono::year_month_day{std::chrono::year{static_cast<int>((*date)[0])},
                                  std::chrono::month{(*date)[1]}, std::chrono::day{(*date)[2]}};
  if (!day.ok())
    return std::nullopt;
  wall_time midnight = std::chrono::sys_days{day};
  if (text.empty())
    return midnight;
  if (!text.starts_with('T'))
    return std::nullopt;
  text.remove_prefix(1);
  auto clock = take_numbers<3>(text, "::");
  auto ahead = offset_of(text);
  if (!clock || !ahead || (*clock)[0] > 23 || (*clock)[1] > 59 || (*clock)[2] > 59)
    return std::nullopt;
  return midnight + std::chrono::hours{(*clock)[0]} + std::chrono::minutes{(*clock)[1]}
         + std::chrono::seconds{(*clock)[2]} - *ahead;
}

} // namespace mailfleet::web
