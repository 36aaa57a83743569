#pragma once

#include <algorithm>
#include <string_view>

namespace mailfleet::protocols {

/// What stands before the first CR, LF or NUL; all of it if there is none. Every byte of every
/// mail passes here: `find_first_of` asks once a byte whether it is one of the three.
[[nodiscard]] inline std::string_view plain_run(std::string_view bytes) noexcept {
  const auto* end = std::find_if(bytes.data(), bytes.data() + bytes.size(),
                                 [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return bytes.substr(0, static_cast<std::size_t>(end - bytes.data()));
}

} // namespace mailfleet::protocols
