#include "tools/mailfleet/event_text.hpp"

#include "jobs/diagnosis.hpp"
#include "tools/mailfleet/text.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace mailfleet::tools {

using nlohmann::ordered_json;

namespace {

/// Fields whose value says by itself what it is.
constexpr std::array<std::string_view, 2> plain_fields{"state", "kind"};

std::string words_of(const std::string& field, const ordered_json& detail) {
  const auto& value = detail.at(field);
  auto text = text_at(detail, field);
  // What is not so, and what only a program compares, tells a person nothing.
  if (text == "-" || field == "sha256" || (value.is_boolean() && !value.get<bool>()))
    return {};
  auto name = field;
  std::ranges::replace(name, '_', ' ');
  if (value.is_boolean())
    return name;
  if (field == "size" || field == "bytes")
    return size_text(number_at(detail, field));
  if (field == "code") {
    const auto* row = jobs::find_diagnosis(text);
    return row ? fmt::format("{}: {}", text, row->what) : text;
  }
  if (std::ranges::find(plain_fields, field) != plain_fields.end())
    return text;
  return fmt::format("{} {}", name, text);
}

} // namespace

std::string detail_text(const ordered_json& event) {
  auto detail = event.find("detail");
  if (detail == event.end() || !detail->is_object())
    return {};
  std::string told;
  for (const auto& [field, value] : detail->items())
    if (auto words = words_of(field, *detail); !words.empty())
      told.append(told.empty() ? "" : ", ").append(words);
  return told;
}

} // namespace mailfleet::tools
