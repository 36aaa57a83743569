#include "protocols/imap/fetch_reader.hpp"

#include "protocols/imap/dates.hpp"
#include "protocols/imap/limits.hpp"

namespace mailfleet::imap {

namespace {

using kind = token::kind;

fetch_step broken_for(std::string_view why) {
  return {fetch_step::kind::broken, 0, why};
}

/// Whatever fields were asked for: servers spell the list in their own way.
bool names_header_fields(std::string_view item) {
  constexpr std::string_view start = "BODY[HEADER.FIELDS ";
  return same_word(item.substr(0, start.size()), start) && item.ends_with(']');
}

/// Not a stop: the reader goes on.
constexpr fetch_step go_on{};

} // namespace

void fetch_reader::begin(std::uint32_t sequence) {
  message_.sequence = sequence;
  message_.uid = 0;
  message_.flags.clear();
  message_.internal_date.reset();
  message_.size.reset();
  message_.has_body = false;
  message_.header_fields.reset();
  place_ = place::start;
  depth_ = 0;
  tokens_ = 0;
}

fetch_step fetch_reader::read(std::string_view& rest) {
  for (;;) {
    auto next = next_token(rest);
    if (next.what == kind::bad)
      return broken_for("a FETCH response is malformed");
    if (++tokens_ > max_fetch_tokens)
      return broken_for("a FETCH response has no end");
    fetch_step step;
    switch (place_) {
    case place::start:
      if (next.what != kind::open)
        return broken_for("a FETCH response is no list");
      place_ = place::key;
      break;
    case place::key: step = read_key(next); break;
    case place::value: step = read_value(next); break;
    case place::nested: step = read_nested(next); break;
    case place::done:
      if (next.what != kind::end)
        return broken_for("text follows a FETCH response");
      return {fetch_step::kind::complete, 0, {}};
    }
    if (step.what != fetch_step::kind::complete)
      return step;
  }
}

fetch_step fetch_reader::read_key(const token& next) {
  if (next.what == kind::close) {
    place_ = place::done;
    return go_on;
  }
  if (next.what != kind::atom)
    return broken_for("a FETCH item has no name");
  place_ = place::value;
  key_ = same_word(next.text, "UID")            ? key::uid
         : same_word(next.text, "FLAGS")        ? key::flags
         : same_word(next.text, "INTERNALDATE") ? key::internal_date
         : same_word(next.text, "RFC822.SIZE")  ? key::size
         : same_word(next.text, "BODY[]")       ? key::body
         : names_header_fields(next.text)       ? key::header
                                                : key::other;
  return go_on;
}

fetch_step fetch_reader::read_value(const token& next) {
  place_ = place::key;
  switch (next.what) {
  case kind::open:
    if (key_ != key::flags && key_ != key::other)
      return broken_for("a FETCH item is a list and should be none");
    place_ = place::nested;
    depth_ = 1;
    if (key_ == key::flags)
      message_.flags.clear();
    return go_on;
  case kind::atom:
  case kind::quoted:
    if (key_ == key::body)
      return read_body(next);
    if (key_ == key::header && next.what == kind::quoted)
      message_.header_fields = unescaped(next.text);
    return read_scalar(next.text);
  case kind::literal:
    if (key_ == key::body)
      return read_body(next);
    return {fetch_step::kind::value_literal, next.literal_bytes, {}};
  default: return broken_for("a FETCH item has no value");
  }
}

fetch_step fetch_reader::read_body(const token& next) {
  if (message_.has_body)
    return broken_for("a FETCH response has two bodies");
  if (next.what == kind::atom)
    return same_word(next.text, "NIL") ? go_on : broken_for("a body is neither string nor NIL");
  message_.has_body = true;
  if (next.what == kind::quoted)
    return {fetch_step::kind::body_text, 0, next.text};
  if (next.literal_bytes > max_body_bytes)
    return broken_for("the server announces a body beyond every limit");
  return {fetch_step::kind::body_literal, next.literal_bytes, {}};
}

fetch_step fetch_reader::read_nested(const token& next) {
  switch (next.what) {
  case kind::open:
    if (++depth_ > max_list_depth)
      return broken_for("a FETCH response nests too deep");
    return go_on;
  case kind::close:
    if (--depth_ == 0)
      place_ = place::key;
    return go_on;
  case kind::atom:
    if (key_ == key::flags && !add_flag(next.text))
      return broken_for("a message has too many flags");
    return go_on;
  case kind::quoted: return go_on;
  case kind::literal: return {fetch_step::kind::value_literal, next.literal_bytes, {}};
  default: return broken_for("a list in a FETCH response is not closed");
  }
}

fetch_step fetch_reader::read_scalar(std::string_view text) {
  if (key_ == key::uid) {
    auto uid = read_number(text);
    if (!uid || *uid == 0 || (message_.uid != 0 && message_.uid != *uid))
      return broken_for("a FETCH response has a UID that is none");
    message_.uid = *uid;
  } else if (key_ == key::size) {
    message_.size = read_number64(text);
    if (!message_.size)
      return broken_for("RFC822.SIZE is no number");
  } else if (key_ == key::internal_date) {
    message_.internal_date = read_date_time(text);
  }
  return go_on;
}

void fetch_reader::add_literal(std::string_view bytes) {
  if (place_ == place::key && key_ == key::internal_date)
    message_.internal_date = read_date_time(bytes);
  if (place_ == place::key && key_ == key::header)
    message_.header_fields = bytes;
}

bool fetch_reader::add_flag(std::string_view flag) {
  if (message_.flags.size() >= max_flags)
    return false;
  message_.flags.emplace_back(flag);
  return true;
}

} // namespace mailfleet::imap
