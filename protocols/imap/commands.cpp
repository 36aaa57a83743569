#include "protocols/imap/commands.hpp"

#include "protocols/imap/tokens.hpp"

#include <algorithm>

namespace mailfleet::imap {

namespace {

std::string text_of(uid_range messages) {
  auto text = std::to_string(messages.first);
  if (messages.last != messages.first)
    text += messages.last == 0 ? ":*" : ":" + std::to_string(messages.last);
  return text;
}

std::string fields_item(std::string_view fields) {
  return " (UID BODY.PEEK[HEADER.FIELDS (" + std::string{fields} + ")])";
}

} // namespace

std::string list_command(uid_range messages) {
  return "UID FETCH " + text_of(messages) + " (UID RFC822.SIZE)";
}

std::string fetch_command(uid_range messages) {
  return "UID FETCH " + text_of(messages) + " (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])";
}

result<secret> login_command(std::string_view user, const secret& password) {
  std::string text;
  // At once: a string that grows leaves copies of the password behind.
  text.reserve(2 * (user.size() + password.reveal().size()) + 16);
  text.append("LOGIN");
  for (auto word : {user, password.reveal()}) {
    text.append(" \"");
    for (auto c : word) {
      auto byte = static_cast<unsigned char>(c);
      if (byte == 0 || byte >= 0x80 || c == '\r' || c == '\n')
        return failure{errc::invalid_argument,
                       "the server takes LOGIN only, which cannot carry this user name or "
                       "password: it holds characters beyond ASCII"};
      if (c == '"' || c == '\\')
        text.push_back('\\');
      text.push_back(c);
    }
    text.push_back('"');
  }
  return secret{std::move(text)};
}

std::string folders_command(const capabilities& able) {
  if (able.has("SPECIAL-USE"))
    return "LIST \"\" \"*\" RETURN (SPECIAL-USE)";
  return able.has("XLIST") ? "XLIST \"\" \"*\"" : "LIST \"\" \"*\"";
}

result<std::string> header_search_command(std::string_view field, std::string_view text) {
  bool can_be_said =
      !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
  if (!can_be_said)
    return failure{errc::invalid_argument, "what is searched for in " + std::string{field}
                                               + " is empty or holds characters beyond ASCII"};
  return "UID SEARCH HEADER " + std::string{field} + " " + quoted(text);
}

std::string fetch_fields_command(std::span<const std::uint32_t> uids, std::string_view fields) {
  std::string text = "UID FETCH ";
  for (auto uid : uids)
    text += (uid == uids.front() ? "" : ",") + std::to_string(uid);
  return text + fields_item(fields);
}

std::string fetch_last_fields_command(std::uint32_t first, std::uint32_t last,
                                      std::string_view fields) {
  return "FETCH " + std::to_string(first) + ":" + std::to_string(last) + fields_item(fields);
}

} // namespace mailfleet::imap
