#include "protocols/smtp/capabilities.hpp"

#include "protocols/imap/tokens.hpp"
#include "protocols/smtp/session_limits.hpp"

#include <algorithm>

namespace mailfleet::smtp {

namespace {

using imap::same_word;
using imap::take_word;

void add_names(std::vector<std::string>& to, std::string_view names) {
  while (!names.empty()) {
    std::string name{take_word(names)};
    for (auto& c : name)
      if (c >= 'a' && c <= 'z')
        c = static_cast<char>(c - 'a' + 'A');
    if (!name.empty() && to.size() < max_capabilities
        && std::find(to.begin(), to.end(), name) == to.end())
      to.push_back(std::move(name));
  }
}

void add_line(capabilities& to, std::string_view line) {
  auto rest = line;
  auto word = take_word(rest);
  if (same_word(word, "SIZE")) {
    to.size = true;
    auto most = imap::read_number64(take_word(rest));
    to.max_bytes = most && *most > 0 ? most : std::nullopt;
  } else if (same_word(word, "PIPELINING")) {
    to.pipelining = true;
  } else if (same_word(word, "8BITMIME")) {
    to.eight_bit = true;
  } else if (same_word(word, "SMTPUTF8")) {
    to.smtputf8 = true;
  } else if (same_word(word, "DSN")) {
    to.delivery_status = true;
  } else if (same_word(word, "STARTTLS")) {
    to.starttls = true;
  } else if (same_word(word, "ENHANCEDSTATUSCODES")) {
    to.enhanced_status_codes = true;
  } else {
    add_mechanisms(to.mechanisms, line);
  }
}

} // namespace

void add_mechanisms(std::vector<std::string>& to, std::string_view line) {
  constexpr std::string_view old_auth = "AUTH=";
  auto rest = line;
  auto word = take_word(rest);
  if (same_word(word, "AUTH"))
    add_names(to, rest);
  else if (same_word(word.substr(0, old_auth.size()), old_auth))
    add_names(to, line.substr(old_auth.size()));
}

std::vector<std::string_view> capabilities::offered() const {
  return {mechanisms.begin(), mechanisms.end()};
}

capabilities read_capabilities(const smtp_reply& answer) {
  capabilities read;
  for (std::size_t at = 1; at < answer.lines.size() && at <= max_capabilities; ++at)
    add_line(read, answer.lines[at]);
  return read;
}

} // namespace mailfleet::smtp
