#include "protocols/imap/dates.hpp"

#include "protocols/imap/tokens.hpp"

#include <array>

namespace mailfleet::imap {

namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Takes up to and including `mark`; all that is left if there is none.
std::string_view take_to(std::string_view& rest, char mark) {
  auto length = std::min(rest.find(mark), rest.size());
  auto part = rest.substr(0, length);
  rest.remove_prefix(std::min(length + 1, rest.size()));
  return part;
}

std::optional<unsigned> number_in(std::string_view digits, std::size_t most_digits, unsigned most) {
  auto value = digits.size() <= most_digits ? read_number(digits) : std::nullopt;
  return value && *value <= most ? value : std::nullopt;
}

std::optional<std::chrono::sys_days> read_day(std::string_view text) {
  if (text.starts_with(' '))
    text.remove_prefix(1);
  auto day = number_in(take_to(text, '-'), 2, 31);
  auto name = take_to(text, '-');
  auto year = number_in(text, 4, 9999);
  if (!day || !year || text.size() != 4)
    return std::nullopt;
  for (unsigned month = 0; month < months.size(); ++month) {
    if (!same_word(months[month], name))
      continue;
    auto date = std::chrono::year{static_cast<int>(*year)} / static_cast<int>(month + 1)
                / static_cast<int>(*day);
    return date.ok() ? std::optional{std::chrono::sys_days{date}} : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::chrono::seconds> read_time(std::string_view text) {
  auto hour = number_in(take_to(text, ':'), 2, 23);
  auto minute = number_in(take_to(text, ':'), 2, 59);
  auto second = number_in(text, 2, 60);
  if (!hour || !minute || !second)
    return std::nullopt;
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

std::optional<std::chrono::seconds> read_zone(std::string_view text) {
  if (text.size() != 5 || (text.front() != '+' && text.front() != '-'))
    return std::nullopt;
  auto hours = number_in(text.substr(1, 2), 2, 23);
  auto minutes = number_in(text.substr(3, 2), 2, 59);
  if (!hours || !minutes)
    return std::nullopt;
  std::chrono::seconds east = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
  return text.front() == '-' ? -east : east;
}

} // namespace

std::optional<wall_time> read_date_time(std::string_view text) {
  // The date may begin with a space of its own.
  auto second = text.find(' ', 1);
  if (second == text.npos)
    return std::nullopt;
  auto day = read_day(text.substr(0, second));
  auto rest = text.substr(second + 1);
  auto time = read_time(take_to(rest, ' '));
  auto zone = read_zone(rest);
  if (!day || !time || !zone)
    return std::nullopt;
  return wall_time{*day} + *time - *zone;
}

std::string write_date(wall_time day) {
  std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(day)};
  auto year = std::to_string(static_cast<int>(date.year()));
  year.insert(0, year.size() < 4 ? 4 - year.size() : 0, '0');
  return std::to_string(static_cast<unsigned>(date.day())) + '-'
         + std::string{months[static_cast<unsigned>(date.month()) - 1]} + '-' + year;
}

} // namespace mailfleet::imap
