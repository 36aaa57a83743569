#include "jobs/date_text.hpp"

#include <chrono>
#include <cstdint>

namespace mailfleet::jobs {

namespace {

std::string two_digits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

} // namespace

std::string date_text(wall_time time) {
  std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
  return std::to_string(static_cast<int>(day.year())) + '-'
         + two_digits(static_cast<unsigned>(day.month())) + '-'
         + two_digits(static_cast<unsigned>(day.day()));
}

std::string moment_text(wall_time time) {
  std::chrono::hh_mm_ss clock{
      std::chrono::floor<std::chrono::seconds>(time - std::chrono::floor<std::chrono::days>(time))};
  return date_text(time) + 'T' + two_digits(clock.hours().count()) + ':'
         + two_digits(clock.minutes().count()) + ':' + two_digits(clock.seconds().count()) + 'Z';
}

} // namespace mailfleet::jobs
