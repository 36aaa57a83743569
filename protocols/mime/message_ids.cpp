#include "protocols/mime/message_ids.hpp"

#include "protocols/mime/limits.hpp"

#include <algorithm>
#include <unordered_set>

namespace mailfleet::mime {

namespace {

void trim_thread(std::vector<std::string>& ids) {
  if (ids.size() > max_references)
    ids.erase(ids.begin() + 1,
              ids.begin() + 1 + static_cast<std::ptrdiff_t>(ids.size() - max_references));
}

} // namespace

bool is_sound_message_id(std::string_view id) {
  if (id.size() < 5 || id.size() > max_message_id_bytes || !id.starts_with('<')
      || !id.ends_with('>'))
    return false;
  auto inside = id.substr(1, id.size() - 2);
  auto is_allowed = [](char c) {
    return c > 0x20 && c < 0x7F && c != '<' && c != '>' && c != '"' && c != '(' && c != ')'
           && c != ',' && c != ';' && c != '\\';
  };
  auto at = inside.find('@');
  return std::ranges::all_of(inside, is_allowed) && at != inside.npos && at > 0
         && at + 1 < inside.size() && at == inside.rfind('@');
}

std::vector<std::string> message_ids_in(std::string_view value) {
  std::vector<std::string> found;
  std::unordered_set<std::string_view> seen;
  for (auto begin = value.find('<'); begin != value.npos; begin = value.find('<', begin + 1)) {
    auto end = value.find_first_of("<>", begin + 1);
    if (end == value.npos)
      break;
    auto id = value.substr(begin, end + 1 - begin);
    if (value[end] == '>' && is_sound_message_id(id) && seen.insert(id).second)
      found.emplace_back(id);
  }
  trim_thread(found);
  return found;
}

std::vector<std::string> thread_of(std::string_view references, std::string_view in_reply_to) {
  auto ids = message_ids_in(references);
  for (auto& id : message_ids_in(in_reply_to))
    if (std::ranges::find(ids, id) == ids.end())
      ids.push_back(std::move(id));
  trim_thread(ids);
  return ids;
}

std::string with_brackets(std::string_view id) {
  if (id.starts_with('<'))
    return std::string{id};
  return std::string{"<"}.append(id).append(">");
}

} // namespace mailfleet::mime
