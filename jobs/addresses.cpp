#include "jobs/addresses.hpp"

#include <algorithm>

namespace mailfleet::jobs {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

bool same_address(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool stands_before(std::string_view a, std::string_view b) {
  if (same_address(a, b))
    return a < b;
  auto byte = [](char c) { return static_cast<unsigned char>(lower(c)); };
  return std::ranges::lexicographical_compare(a, b, {}, byte, byte);
}

} // namespace mailfleet::jobs
