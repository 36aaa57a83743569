#include "protocols/sasl/echo.hpp"

#include "protocols/sasl/base64.hpp"

#include <algorithm>
#include <string>

namespace mailfleet::sasl {

bool repeats(std::string_view words, const secret& credential) {
  constexpr std::size_t quantum = 4;
  auto text = credential.reveal();
  if (text.empty())
    return false;
  if (words.find(text) != std::string_view::npos)
    return true;
  // Inside a longer text it begins at any of three places of base64's quantum; what
  // its neighbours share is cut off.
  for (std::size_t before = 0; before < 3; ++before) {
    secret form{encode_base64(std::string(before, ' ').append(text))};
    auto core = form.reveal().substr(before == 0 ? 0 : quantum);
    if ((before + text.size()) % 3 != 0)
      core.remove_suffix(std::min(core.size(), quantum));
    if (core.size() >= quantum && words.find(core) != std::string_view::npos)
      return true;
  }
  return false;
}

} // namespace mailfleet::sasl
