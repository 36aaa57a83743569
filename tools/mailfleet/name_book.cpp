#include "tools/mailfleet/name_book.hpp"

#include "tools/mailfleet/session.hpp"
#include "tools/mailfleet/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace mailfleet::tools {

using nlohmann::ordered_json;

namespace {

/// The hexadecimal digits of an id.
constexpr std::size_t id_digits = 12;

} // namespace

bool is_id(std::string_view text) {
  return text.size() == id_digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

const std::string& name_book::name_of(const std::string& id) {
  auto known = names_.find(id);
  if (known != names_.end())
    return known->second;
  auto& name = names_.emplace(id, id).first->second;
  if (!is_id(id))
    return name;
  constexpr std::array<std::pair<const char*, const char*>, 2> places{
      {{"/mailboxes/", "address"}, {"/providers/", "name"}}};
  for (const auto& [place, field] : places) {
    auto answer = with_.look_up(place + id);
    if (!answer)
      continue;
    if (auto found = text_at(ordered_json::parse(*answer, nullptr, false), field); found != "-") {
      name = found;
      break;
    }
  }
  return name;
}

std::string name_book::subject(const std::string& logged) {
  auto id = logged.substr(0, id_digits);
  if (!is_id(id))
    return logged;
  auto rest = logged.substr(id_digits);
  const auto& name = name_of(id);
  if (rest.starts_with('-'))
    return name == id ? logged : logged + " (" + name + ")";
  // `ID` or, of a client secret, `ID NUMBER`.
  return rest.empty() || rest.starts_with(' ') ? name + rest : logged;
}

} // namespace mailfleet::tools
