#include "protocols/sasl/echo.hpp"

#include "protocols/sasl/base64.hpp"
#include "protocols/sasl/limits.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::sasl {

namespace {

/// Whether the words hold the text, or a piece of a long one: servers cut what they repeat.
bool holds(std::string_view words, std::string_view text) {
  if (text.size() < echo_piece_bytes)
    return words.find(text) != std::string_view::npos;
  for (std::size_t at = 0; at + echo_piece_bytes <= text.size(); at += echo_piece_bytes)
    if (words.find(text.substr(at, echo_piece_bytes)) != std::string_view::npos)
      return true;
  return false;
}

} // namespace

bool repeats(std::string_view words, const secret& credential) {
  constexpr std::size_t quantum = 4;
  auto text = credential.reveal();
  if (text.empty())
    return false;
  if (holds(words, text))
    return true;
  // Inside a longer text it begins at any of three places of base64's quantum; what
  // its neighbours share is cut off.
  for (std::size_t before = 0; before < 3; ++before) {
    secret form{encode_base64(std::string(before, ' ').append(text))};
    auto core = form.reveal().substr(before == 0 ? 0 : quantum);
    if ((before + text.size()) % 3 != 0)
      core.remove_suffix(std::min(core.size(), quantum));
    if (core.size() >= quantum && holds(words, core))
      return true;
  }
  return false;
}

std::string unrepeated(std::string words, const secret& credential) {
  return repeats(words, credential) ? std::string{repeated_words} : std::move(words);
}

} // namespace mailfleet::sasl
