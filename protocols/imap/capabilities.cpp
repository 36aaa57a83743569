#include "protocols/imap/capabilities.hpp"

#include "protocols/imap/limits.hpp"
#include "protocols/imap/tokens.hpp"

#include <algorithm>

namespace mailfleet::imap {

capabilities::capabilities(std::string_view list) {
  while (!list.empty() && names_.size() < max_capabilities)
    if (auto name = take_word(list); !name.empty())
      names_.emplace_back(name);
}

bool capabilities::has(std::string_view name) const noexcept {
  return std::any_of(names_.begin(), names_.end(),
                     [&](const auto& known) { return same_word(known, name); });
}

std::vector<std::string_view> capabilities::mechanisms() const {
  constexpr std::string_view mark = "AUTH=";
  std::vector<std::string_view> found;
  for (std::string_view name : names_)
    if (same_word(name.substr(0, mark.size()), mark))
      found.push_back(name.substr(mark.size()));
  return found;
}

} // namespace mailfleet::imap
