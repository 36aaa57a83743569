#include "protocols/imap/search_reader.hpp"

#include "protocols/imap/limits.hpp"
#include "protocols/imap/tokens.hpp"

#include <algorithm>
#include <optional>

namespace mailfleet::imap {

namespace {

/// `2,4:7,9`, each range in either direction; false if it is none or has too many numbers.
bool read_set(std::string_view set, std::vector<std::uint32_t>& into) {
  for (;;) {
    auto part = set.substr(0, set.find(','));
    auto colon = part.find(':');
    auto first = read_number(part.substr(0, colon));
    auto last = colon == part.npos ? first : read_number(part.substr(colon + 1));
    if (!first || !last || *first == 0 || *last == 0)
      return false;
    auto [low, high] = std::minmax(*first, *last);
    if (high - low >= max_searched_numbers - into.size())
      return false;
    for (std::uint64_t number = low; number <= high; ++number)
      into.push_back(static_cast<std::uint32_t>(number));
    if (part.size() == set.size())
      return true;
    set.remove_prefix(part.size() + 1);
  }
}

/// `(TAG "A1")`, if it is there.
bool take_tag(std::string_view& rest, std::string_view& tag) {
  if (!rest.starts_with('('))
    return true;
  static_cast<void>(next_token(rest));
  bool named = same_word(next_token(rest).text, "TAG");
  tag = next_token(rest).text;
  return named && !tag.empty() && next_token(rest).what == token::kind::close;
}

} // namespace

bool read_search_numbers(std::string_view rest, std::vector<std::uint32_t>& into) {
  while (!rest.empty()) {
    auto word = take_word(rest);
    // `(MODSEQ n)` may follow the numbers (RFC 7162).
    if (word.starts_with('('))
      break;
    if (word.empty())
      continue;
    auto number = read_number(word);
    if (!number || *number == 0)
      return false;
    into.push_back(*number);
  }
  return true;
}

extended_search read_extended_search(std::string_view rest, std::string_view& tag,
                                     std::vector<std::uint32_t>& into) {
  if (!take_tag(rest, tag))
    return extended_search::broken;
  auto name = next_token(rest);
  if (!same_word(name.text, "UID"))
    return extended_search::other;
  bool has_count = false;
  for (name = next_token(rest); name.what != token::kind::end; name = next_token(rest)) {
    auto value = next_token(rest);
    if (name.what != token::kind::atom || value.what != token::kind::atom)
      return extended_search::broken;
    if (same_word(name.text, "ALL") && !read_set(value.text, into))
      return extended_search::broken;
    has_count = has_count || !same_word(name.text, "ALL");
  }
  // A count or an extreme without the messages themselves: nobody asked for that.
  return has_count && into.empty() ? extended_search::other : extended_search::read;
}

} // namespace mailfleet::imap
