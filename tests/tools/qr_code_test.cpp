#include "tools/mailfleet/qr_code.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using mailfleet::tools::qr_code;

namespace {

using modules = std::vector<std::vector<bool>>;

/// What a camera would see: true where a module is dark.
modules seen(std::string_view shown) {
  modules rows;
  for (std::size_t at = 0; at < shown.size();) {
    auto line = shown.substr(at, shown.find('\n', at) - at);
    at += line.size() + 1;
    line.remove_prefix(line.find('m') + 1);
    line = line.substr(0, line.find('\x1b'));
    std::vector<bool> upper, lower;
    while (!line.empty()) {
      auto width = line.starts_with(' ') ? 1u : 3u;
      auto cell = line.substr(0, width);
      upper.push_back(cell == "█" || cell == "▀");
      lower.push_back(cell == "█" || cell == "▄");
      line.remove_prefix(width);
    }
    rows.push_back(upper);
    rows.push_back(lower);
  }
  return rows;
}

/// The square in the corners of every code (ISO/IEC 18004 6.3.3), at this place.
bool has_finder(const modules& code, std::size_t top, std::size_t left) {
  for (std::size_t y = 0; y < 7; ++y)
    for (std::size_t x = 0; x < 7; ++x) {
      bool ring = y == 0 || y == 6 || x == 0 || x == 6;
      bool core = y >= 2 && y <= 4 && x >= 2 && x <= 4;
      if (code.at(top + y).at(left + x) != (ring || core))
        return false;
    }
  return true;
}

} // namespace

TEST_CASE("a text becomes a code that fits a terminal", "[qr_code]") {
  constexpr std::size_t quiet = 2;
  auto code = seen(qr_code("https://microsoft.com/devicelogin"));
  auto width = code.front().size();
  // Version 3 has 29 modules.
  REQUIRE(width == 29 + 2 * quiet);
  REQUIRE(code.size() >= width);
  CHECK(has_finder(code, quiet, quiet));
  CHECK(has_finder(code, quiet, width - quiet - 7));
  CHECK(has_finder(code, width - quiet - 7, quiet));
  CHECK_FALSE(has_finder(code, width - quiet - 7, width - quiet - 7));
  for (std::size_t x = 0; x < width; ++x) {
    CHECK_FALSE(code[0][x]);
    CHECK_FALSE(code[1][x]);
  }
}

TEST_CASE("a text that no code holds gives none", "[qr_code]") {
  CHECK(qr_code(std::string(5'000, 'x')).empty());
}
