#include "protocols/pop3/reply.hpp"

#include <algorithm>

namespace mailfleet::pop3 {

namespace {

/// Takes `word` off the front if it stands there as a whole word.
bool take_word(std::string_view& line, std::string_view word) {
  bool is_there =
      line.starts_with(word) && (line.size() == word.size() || line[word.size()] == ' ');
  if (is_there)
    line.remove_prefix(std::min(line.size(), word.size() + 1));
  return is_there;
}

std::string take_code(std::string_view& text) {
  auto end = text.find(']');
  if (!text.starts_with('[') || end == text.npos)
    return {};
  std::string code{text.substr(1, end - 1)};
  text.remove_prefix(end + 1);
  text.remove_prefix(text.starts_with(' ') ? 1 : 0);
  return code;
}

} // namespace

result<pop3_reply> read_reply(std::string_view line) {
  pop3_reply read;
  if (take_word(line, "+OK"))
    read.status = reply_status::ok;
  else if (take_word(line, "-ERR"))
    read.status = reply_status::err;
  else if (take_word(line, "+"))
    read.status = reply_status::go_on;
  else
    // Its bytes are not quoted: a server that is confused may repeat what it was sent.
    return failure{errc::protocol_violation, "the server sent what is no POP3 reply, a line of "
                                                 + std::to_string(line.size()) + " bytes"};
  // In a greeting of Exchange brackets hold something else: only a refusal has codes.
  if (read.status == reply_status::err)
    read.code = take_code(line);
  read.text = line;
  return read;
}

} // namespace mailfleet::pop3
