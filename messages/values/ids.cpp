#include "messages/values/ids.hpp"

#include <array>
#include <charconv>

namespace mailfleet {

namespace {

constexpr std::size_t id_digits = 12;

template <class Number>
std::optional<Number> number_in(std::string_view text, int base) {
  Number value{};
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failed != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

} // namespace

std::string to_string(entity_id id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(id_digits, '0');
  for (auto position = text.rbegin(); position != text.rend(); ++position, id.value >>= 4)
    *position = digits[id.value & 0xf];
  return text;
}

std::optional<entity_id> parse_entity_id(std::string_view text) {
  if (text.size() != id_digits || text.find_first_not_of("0123456789abcdef") != text.npos)
    return std::nullopt;
  auto value = number_in<std::uint64_t>(text, 16);
  if (!value || *value == 0)
    return std::nullopt;
  return entity_id{*value};
}

std::string to_string(const message_key& key) {
  return to_string(key.mailbox) + '-' + std::to_string(key.folder) + '-'
         + std::to_string(key.validity) + '-' + std::to_string(key.number);
}

std::optional<message_key> parse_message_key(std::string_view text) {
  auto mailbox = parse_entity_id(text.substr(0, id_digits));
  if (!mailbox)
    return std::nullopt;
  text.remove_prefix(id_digits);
  std::array<std::uint32_t, 3> numbers{};
  for (auto& number : numbers) {
    if (!text.starts_with('-'))
      return std::nullopt;
    text.remove_prefix(1);
    auto length = std::min(text.find('-'), text.size());
    auto value = number_in<std::uint32_t>(text.substr(0, length), 10);
    if (!value)
      return std::nullopt;
    number = *value;
    text.remove_prefix(length);
  }
  if (!text.empty())
    return std::nullopt;
  return message_key{*mailbox, numbers[0], numbers[1], numbers[2]};
}

} // namespace mailfleet
