#include "protocols/smtp/reply.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mailfleet::smtp {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Three digits, of which the first is 2 to 5; 0 for anything else.
int read_code(std::string_view line) {
  bool is_code = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1])
                 && is_digit(line[2]);
  return is_code ? (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0') : 0;
}

/// One to three digits in front (RFC 3463 section 2); they are taken off.
std::optional<std::uint16_t> take_number(std::string_view& text) {
  constexpr std::size_t most_digits = 3;
  std::uint16_t number = 0;
  auto read =
      std::from_chars(text.data(), text.data() + std::min(text.size(), most_digits), number);
  if (read.ec != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return number;
}

bool take_dot(std::string_view& text) {
  bool is_there = text.starts_with('.');
  text.remove_prefix(is_there ? 1 : 0);
  return is_there;
}

/// Takes the enhanced status off a line's text, if it begins with one of this kind.
std::optional<enhanced_status> take_enhanced(std::string_view& text, int code) {
  auto word = text.substr(0, text.find(' '));
  auto status = read_enhanced_status(word);
  if (!status || status->kind != code / 100)
    return std::nullopt;
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return status;
}

} // namespace

std::string to_string(const enhanced_status& status) {
  return std::to_string(status.kind) + '.' + std::to_string(status.subject) + '.'
         + std::to_string(status.detail);
}

std::optional<enhanced_status> read_enhanced_status(std::string_view text) {
  auto kind = take_number(text);
  auto subject = kind && take_dot(text) ? take_number(text) : std::nullopt;
  auto detail = subject && take_dot(text) ? take_number(text) : std::nullopt;
  bool is_status = detail && text.empty() && (*kind == 2 || *kind == 4 || *kind == 5);
  return is_status ? std::optional{enhanced_status{*kind, *subject, *detail}} : std::nullopt;
}

std::string to_string(const smtp_reply& reply, std::size_t limit) {
  auto text = std::to_string(reply.code);
  if (reply.enhanced)
    text.append(" ").append(to_string(*reply.enhanced));
  for (const auto& line : reply.lines)
    if (!line.empty())
      text.append(" ").append(line);
  return printable(text, limit);
}

result<bool> reply_reader::take(std::string_view line) {
  auto code = read_code(line);
  bool is_last = line.size() <= 3 || line[3] == ' ';
  if (code == 0 || !(is_last || line[3] == '-'))
    // Its bytes are not quoted: a server that is confused may repeat what it was sent.
    return failure{errc::protocol_violation, "the server sent what is no SMTP reply, a line of "
                                                 + std::to_string(line.size()) + " bytes"};
  if (begun_.code != 0 && begun_.code != code)
    return failure{errc::protocol_violation, "the server changed the code within a reply, from "
                                                 + std::to_string(begun_.code) + " to "
                                                 + std::to_string(code)};
  if (begun_.lines.size() == max_reply_lines)
    return failure{errc::protocol_violation, "the server sent a reply of more than "
                                                 + std::to_string(max_reply_lines) + " lines"};
  begun_.code = code;
  line.remove_prefix(std::min<std::size_t>(line.size(), 4));
  if (auto status = take_enhanced(line, code))
    begun_.enhanced = status;
  begun_.lines.emplace_back(line);
  return is_last;
}

result<std::optional<smtp_reply>> reply_reader::next() {
  for (;;) {
    auto line = lines_.next();
    if (!line)
      return line.error();
    if (!*line)
      return std::optional<smtp_reply>{};
    auto is_last = take(**line);
    if (!is_last)
      return is_last.error();
    if (*is_last)
      return std::optional{std::exchange(begun_, {})};
  }
}

} // namespace mailfleet::smtp
