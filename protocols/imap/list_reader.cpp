#include "protocols/imap/list_reader.hpp"

#include "protocols/imap/limits.hpp"

#include <algorithm>

namespace mailfleet::imap {

namespace {

using kind = token::kind;

list_step broken_for(std::string_view why) {
  return {list_step::kind::broken, 0, why};
}

/// Not a stop: the reader goes on.
constexpr list_step go_on{};

} // namespace

void list_reader::begin() {
  folder_.attributes.clear();
  folder_.delimiter.reset();
  folder_.name.clear();
  place_ = place::start;
  in_name_ = false;
  tokens_ = 0;
}

list_step list_reader::read(std::string_view& rest) {
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (place_ == place::more && rest.empty())
      return {list_step::kind::complete, 0, {}};
    if (++tokens_ > max_list_tokens)
      return broken_for("a LIST response has no end");
    auto step = read_token(rest);
    if (step.what != list_step::kind::complete)
      return step;
  }
}

list_step list_reader::read_token(std::string_view& rest) {
  switch (place_) {
  case place::start:
    place_ = place::attributes;
    return next_token(rest).what == kind::open ? go_on : broken_for("a LIST response is no list");
  case place::attributes: return read_attribute(next_token(rest));
  case place::delimiter: return read_delimiter(next_token(rest));
  case place::name: return read_name(rest);
  case place::more: break;
  }
  return read_more(rest);
}

list_step list_reader::read_attribute(const token& next) {
  if (next.what == kind::close) {
    place_ = place::delimiter;
    return go_on;
  }
  if (next.what != kind::atom)
    return broken_for("a folder's attribute is none");
  if (folder_.attributes.size() >= max_folder_attributes)
    return broken_for("a folder has too many attributes");
  folder_.attributes.emplace_back(next.text);
  return go_on;
}

list_step list_reader::read_delimiter(const token& next) {
  place_ = place::name;
  if (next.what == kind::atom && same_word(next.text, "NIL"))
    return go_on;
  auto text = next.what == kind::quoted ? unescaped(next.text) : std::string{};
  if (text.size() != 1)
    return broken_for("a folder's delimiter is no character");
  folder_.delimiter = text.front();
  return go_on;
}

list_step list_reader::read_name(std::string_view& rest) {
  place_ = place::more;
  if (rest.empty())
    return broken_for("a LIST response names no folder");
  if (rest.front() != '"' && rest.front() != '{') {
    // Not `next_token`: a bracket of a name need not be closed.
    folder_.name = take_word(rest);
    return go_on;
  }
  auto next = next_token(rest);
  if (next.what == kind::bad)
    return broken_for("a folder's name is malformed");
  in_name_ = next.what == kind::literal;
  if (in_name_)
    return {list_step::kind::literal, next.literal_bytes, {}};
  folder_.name = unescaped(next.text);
  return go_on;
}

list_step list_reader::read_more(std::string_view& rest) {
  auto next = next_token(rest);
  if (next.what == kind::bad)
    return broken_for("a LIST response is malformed");
  if (next.what == kind::literal)
    return {list_step::kind::literal, next.literal_bytes, {}};
  return go_on;
}

void list_reader::add_literal(std::string_view bytes) {
  if (in_name_)
    folder_.name = bytes;
  in_name_ = false;
}

} // namespace mailfleet::imap
