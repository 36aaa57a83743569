#include "protocols/imap/tokens.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace mailfleet::imap {

namespace {

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

template <class Number>
std::optional<Number> number_of(std::string_view digits) {
  Number value{};
  const auto* end = digits.data() + digits.size();
  // from_chars takes a sign only for signed types: "-1" fails as it should.
  auto [stopped, fault] = std::from_chars(digits.data(), end, value);
  if (fault != std::errc{} || stopped != end)
    return std::nullopt;
  return value;
}

constexpr token bad_token{token::kind::bad, {}, 0};

token take(token::kind what, std::string_view& rest, std::size_t length) {
  token taken{what, rest.substr(0, length), 0};
  rest.remove_prefix(length);
  return taken;
}

token take_quoted(std::string_view& rest) {
  for (std::size_t at = 1; at < rest.size(); ++at) {
    if (rest[at] == '\\') {
      ++at;
    } else if (rest[at] == '"') {
      token taken{token::kind::quoted, rest.substr(1, at - 1), 0};
      rest.remove_prefix(at + 1);
      return taken;
    }
  }
  return bad_token;
}

token take_literal(std::string_view& rest) {
  auto digits = rest.substr(rest.front() == '~' ? 2 : 1);
  if (!digits.ends_with('}'))
    return bad_token;
  digits.remove_suffix(1);
  auto bytes = number_of<std::uint64_t>(digits);
  if (!bytes)
    return bad_token;
  rest = {};
  return {token::kind::literal, {}, *bytes};
}

token take_atom(std::string_view& rest) {
  bool in_section = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    auto c = rest[at];
    // A section may name header fields as strings: BODY[HEADER.FIELDS ("DATE")].
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || (c == '"' && !in_section))
      return bad_token;
    if (c == '[')
      in_section = true;
    else if (c == ']')
      in_section = false;
    else if (!in_section && (c == ' ' || c == '(' || c == ')'))
      break;
  }
  return in_section ? bad_token : take(token::kind::atom, rest, at);
}

} // namespace

bool same_word(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return upper(x) == upper(y);
         });
}

std::optional<std::uint32_t> read_number(std::string_view digits) noexcept {
  return number_of<std::uint32_t>(digits);
}

std::optional<std::uint64_t> read_number64(std::string_view digits) noexcept {
  return number_of<std::uint64_t>(digits);
}

std::string_view take_word(std::string_view& rest) noexcept {
  auto length = std::min(rest.find(' '), rest.size());
  auto word = rest.substr(0, length);
  rest.remove_prefix(std::min(length + 1, rest.size()));
  return word;
}

std::optional<std::uint64_t> literal_at_end(std::string_view text) noexcept {
  if (!text.ends_with('}'))
    return std::nullopt;
  auto open = text.rfind('{');
  if (open == text.npos)
    return std::nullopt;
  return number_of<std::uint64_t>(text.substr(open + 1, text.size() - open - 2));
}

token next_token(std::string_view& rest) noexcept {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (rest.empty())
    return {};
  switch (rest.front()) {
  case '(': return take(token::kind::open, rest, 1);
  case ')': return take(token::kind::close, rest, 1);
  case '"': return take_quoted(rest);
  case '{': return take_literal(rest);
  case '~': return rest.starts_with("~{") ? take_literal(rest) : take_atom(rest);
  default: return take_atom(rest);
  }
}

std::string unescaped(std::string_view quoted) {
  std::string text;
  text.reserve(quoted.size());
  for (std::size_t at = 0; at < quoted.size(); ++at) {
    if (quoted[at] == '\\' && at + 1 < quoted.size())
      ++at;
    text.push_back(quoted[at]);
  }
  return text;
}

std::string quoted(std::string_view text) {
  std::string made{"\""};
  made.reserve(text.size() + 2);
  for (auto c : text) {
    if (c == '"' || c == '\\')
      made.push_back('\\');
    made.push_back(c);
  }
  made.push_back('"');
  return made;
}

} // namespace mailfleet::imap
