#pragma once

#include <string_view>

namespace mailfleet::mime {

/// Looks at all of it: that is quicker than to stop at the first byte that is not.
[[nodiscard]] inline bool is_ascii(std::string_view bytes) noexcept {
  unsigned char all = 0;
  for (auto c : bytes)
    all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

} // namespace mailfleet::mime
