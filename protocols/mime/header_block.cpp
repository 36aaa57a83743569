#include "protocols/mime/header_block.hpp"

#include "protocols/imap/tokens.hpp"
#include "protocols/mime/limits.hpp"

#include <algorithm>

namespace mailfleet::mime {

std::string_view trimmed(std::string_view text) {
  auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

namespace {

/// `wanted` says by a field's name whether it is kept.
template <class Wanted>
std::vector<header_field> take_block(std::string_view& text, Wanted wanted) {
  std::vector<header_field> fields;
  std::size_t kept = 0;
  // Whether a continuation belongs to the last field kept.
  bool open = false;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.empty())
      break;
    kept += line.size();
    if (kept > max_header_section_bytes) {
      open = false;
      continue;
    }
    if (line.front() == ' ' || line.front() == '\t') {
      if (open)
        fields.back().value.append(" ").append(trimmed(line));
      continue;
    }
    auto colon = line.find(':');
    open = colon != line.npos && colon > 0 && fields.size() < max_header_fields;
    if (!open)
      continue;
    auto name = trimmed(line.substr(0, colon));
    open = wanted(name);
    if (open)
      fields.push_back({std::string{name}, std::string{trimmed(line.substr(colon + 1))}});
  }
  return fields;
}

} // namespace

std::vector<header_field> take_header_block(std::string_view& text) {
  return take_block(text, [](std::string_view) { return true; });
}

std::vector<header_field> take_header_block(std::string_view& text,
                                            std::span<const std::string_view> names) {
  return take_block(text, [names](std::string_view name) {
    return std::ranges::any_of(names, [name](auto one) { return imap::same_word(name, one); });
  });
}

std::string_view value_of(const std::vector<header_field>& fields, std::string_view name) {
  auto found = std::ranges::find_if(
      fields, [&](const auto& field) { return imap::same_word(field.name, name); });
  return found == fields.end() ? std::string_view{} : std::string_view{found->value};
}

bool has_field(const std::vector<header_field>& fields, std::string_view name) {
  return std::ranges::any_of(fields,
                             [&](const auto& field) { return imap::same_word(field.name, name); });
}

} // namespace mailfleet::mime
