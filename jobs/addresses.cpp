#include "jobs/addresses.hpp"

#include <algorithm>

namespace mailfleet::jobs {

bool same_address(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace mailfleet::jobs
