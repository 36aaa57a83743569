#include "protocols/imap/engine.hpp"

#include "protocols/imap/limits.hpp"
#include "protocols/imap/search_reader.hpp"
#include "protocols/imap/tokens.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::imap {

namespace {

std::size_t line_limit(std::string_view line) {
  for (std::string_view start : {"* SEARCH", "* ESEARCH"})
    if (same_word(line.substr(0, start.size()), start))
      return max_search_line_bytes;
  return max_line_bytes;
}

} // namespace

engine::engine(random_bytes random) : random_{std::move(random)} {}

// -- commands ---------------------------------------------------------------

std::string engine::new_tag() {
  // 60 random bits in letters and digits that every server takes in a tag.
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string tag = "M";
  for (auto byte : random_(12))
    tag.push_back(alphabet[static_cast<unsigned char>(byte) % alphabet.size()]);
  return tag;
}

engine::started engine::start(std::string_view text) {
  auto tag = new_tag();
  std::string bytes;
  bytes.reserve(tag.size() + text.size() + 3);
  bytes.append(tag).append(" ").append(text).append("\r\n");
  tags_.push_back({++commands_, std::move(tag)});
  untagged_ = 0;
  return {commands_, std::move(bytes)};
}

engine::started_secret engine::start_secret(const secret& text) {
  auto tag = new_tag();
  std::string bytes;
  // At once: a string that grows leaves copies of the credential behind.
  bytes.reserve(tag.size() + text.reveal().size() + 3);
  bytes.append(tag).append(" ").append(text.reveal()).append("\r\n");
  tags_.push_back({++commands_, std::move(tag)});
  untagged_ = 0;
  return {commands_, secret{std::move(bytes)}};
}

engine::started_secret engine::start_authenticate(std::string_view mechanism,
                                                  const std::optional<secret>& initial_response) {
  std::string text;
  auto response = initial_response ? initial_response->reveal() : std::string_view{};
  text.reserve(mechanism.size() + response.size() + 32);
  text.append("AUTHENTICATE ").append(mechanism);
  if (initial_response)
    text.append(" ").append(response.empty() ? "=" : response);
  return start_secret(secret{std::move(text)});
}

// -- events -----------------------------------------------------------------

void engine::feed(std::string_view bytes) noexcept {
  input_ = bytes;
}

event engine::next() {
  for (;;)
    if (auto found = step())
      return *found;
}

std::optional<event> engine::step() {
  switch (mode_) {
  case mode::broken: return broken{why_broken_};
  case mode::fetch: return read_fetch();
  case mode::body: return read_body();
  case mode::body_text:
    mode_ = mode::body;
    left_ = 0;
    if (!value_.empty())
      return body_piece{value_};
    return std::nullopt;
  case mode::list: return read_list();
  case mode::value_literal:
  case mode::list_literal: return read_value_literal();
  case mode::other_literal: return skip_other_literal();
  case mode::line:
  case mode::fetch_line:
  case mode::list_line:
  case mode::other_line: break;
  }
  auto line = take_line();
  if (!line)
    return mode_ == mode::broken ? event{broken{why_broken_}} : event{need_input{}};
  if (mode_ == mode::line)
    return read_response(*line);
  if (mode_ == mode::other_line)
    return read_other(*line);
  rest_ = *line;
  mode_ = mode_ == mode::list_line ? mode::list : mode::fetch;
  return std::nullopt;
}

event engine::fail(std::string_view why) {
  mode_ = mode::broken;
  why_broken_ = why;
  return broken{why_broken_};
}

std::optional<std::string_view> engine::take_line() {
  if (std::exchange(line_used_, false)) {
    line_.clear();
    if (line_.capacity() > kept_line_bytes)
      line_.shrink_to_fit();
  }
  auto end = input_.find('\n');
  auto part = input_.substr(0, end);
  if (!line_.empty() || end == input_.npos) {
    // No more than the limit is ever copied, and one byte that shows it is passed.
    line_.append(part.substr(0, max_search_line_bytes + 1 - line_.size()));
    line_used_ = end != input_.npos;
    part = line_;
  }
  input_.remove_prefix(end == input_.npos ? input_.size() : end + 1);
  if (part.size() > line_limit(part)) {
    fail("a line of the server has no end");
    return std::nullopt;
  }
  if (end == input_.npos)
    return std::nullopt;
  if (part.ends_with('\r'))
    part.remove_suffix(1);
  if (part.find('\0') != part.npos) {
    fail("a line of the server holds a NUL");
    return std::nullopt;
  }
  return part;
}

// -- responses --------------------------------------------------------------

std::optional<event> engine::read_response(std::string_view line) {
  if (line.starts_with("* ")) {
    if (++untagged_ > max_untagged_responses)
      return fail("the server's untagged responses have no end");
    return read_untagged(line.substr(2));
  }
  if (line.starts_with('+'))
    return continuation{line.substr(line.starts_with("+ ") ? 2 : 1)};
  return read_tagged(line);
}

std::optional<event> engine::read_tagged(std::string_view line) {
  auto tag = take_word(line);
  auto known = std::find_if(tags_.begin(), tags_.end(),
                            [&](const auto& candidate) { return candidate.tag == tag; });
  if (known == tags_.end())
    return fail("the server completes a command that was not given");
  auto answered = read_status(take_word(line));
  if (!answered || *answered == status::bye || *answered == status::preauth)
    return fail("the server completes a command without OK, NO or BAD");
  auto command = known->command;
  tags_.erase(known);
  untagged_ = 0;
  return command_done{command, *answered, read_response_text(line)};
}

std::optional<event> engine::read_untagged(std::string_view line) {
  auto rest = line;
  auto word = take_word(rest);
  if (word.empty())
    return fail("an untagged response is empty");
  if (word.front() >= '0' && word.front() <= '9') {
    auto number = read_number(word);
    if (!number)
      return fail("a message number is none");
    return read_numbered(*number, rest);
  }
  if (auto what = read_status(word))
    return untagged_status{*what, read_response_text(rest)};
  if (same_word(word, "CAPABILITY"))
    return capability_list{rest};
  if (same_word(word, "SEARCH"))
    return read_search(rest);
  if (same_word(word, "ESEARCH"))
    return read_extended_search(rest);
  if (same_word(word, "LIST") || same_word(word, "XLIST")) {
    list_.begin();
    rest_ = rest;
    mode_ = mode::list;
    return std::nullopt;
  }
  return read_other(line);
}

std::optional<event> engine::read_numbered(std::uint32_t number, std::string_view rest) {
  auto line = rest;
  auto word = take_word(rest);
  if (same_word(word, "EXISTS"))
    return message_count{number};
  if (same_word(word, "RECENT"))
    return other_data{};
  if (number == 0)
    return fail("a message number is 0");
  if (same_word(word, "EXPUNGE"))
    return message_expunged{number};
  if (!same_word(word, "FETCH"))
    return read_other(line);
  reader_.begin(number);
  rest_ = rest;
  mode_ = mode::fetch;
  return std::nullopt;
}

std::optional<event> engine::read_search(std::string_view rest) {
  found_.clear();
  if (!read_search_numbers(rest, found_))
    return fail("SEARCH found a number that is none");
  return search_found{found_};
}

std::optional<event> engine::read_extended_search(std::string_view rest) {
  found_.clear();
  std::string_view tag;
  auto read = imap::read_extended_search(rest, tag, found_);
  if (read == extended_search::broken)
    return fail("SEARCH found a number that is none");
  bool ours =
      tag.empty() || std::ranges::any_of(tags_, [&](const auto& one) { return one.tag == tag; });
  if (read == extended_search::other || !ours)
    return other_data{};
  return search_found{found_};
}

std::optional<event> engine::read_other(std::string_view line) {
  if (auto bytes = literal_at_end(line)) {
    if (*bytes > max_value_literal_bytes)
      return fail("the server announces a literal beyond every limit");
    left_ = *bytes;
    mode_ = mode::other_literal;
    return std::nullopt;
  }
  mode_ = mode::line;
  return other_data{};
}

std::optional<event> engine::read_fetch() {
  auto step = reader_.read(rest_);
  switch (step.what) {
  case fetch_step::kind::complete: mode_ = mode::line; return message_fetched{reader_.message()};
  case fetch_step::kind::body_literal:
    mode_ = mode::body;
    after_body_ = mode::fetch_line;
    left_ = step.bytes;
    break;
  case fetch_step::kind::body_text:
    mode_ = mode::body_text;
    after_body_ = mode::fetch;
    value_ = unescaped(step.text);
    left_ = value_.size();
    break;
  case fetch_step::kind::value_literal:
    if (step.bytes > max_value_literal_bytes)
      return fail("the server announces a literal beyond every limit");
    mode_ = mode::value_literal;
    left_ = step.bytes;
    value_.clear();
    return std::nullopt;
  case fetch_step::kind::broken: return fail(step.text);
  }
  return body_begin{reader_.message().sequence, reader_.message().uid, left_};
}

std::optional<event> engine::read_list() {
  auto step = list_.read(rest_);
  switch (step.what) {
  case list_step::kind::complete: mode_ = mode::line; return folder_listed{list_.folder()};
  case list_step::kind::literal:
    if (step.bytes > max_value_literal_bytes)
      return fail("the server announces a literal beyond every limit");
    mode_ = mode::list_literal;
    left_ = step.bytes;
    value_.clear();
    return std::nullopt;
  case list_step::kind::broken: break;
  }
  return fail(step.why);
}

event engine::read_body() {
  if (left_ == 0) {
    mode_ = after_body_;
    return body_end{};
  }
  if (input_.empty())
    return need_input{};
  auto bytes =
      input_.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size())));
  input_.remove_prefix(bytes.size());
  left_ -= bytes.size();
  return body_piece{bytes};
}

std::optional<event> engine::read_value_literal() {
  auto bytes =
      input_.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size())));
  value_.append(bytes);
  input_.remove_prefix(bytes.size());
  left_ -= bytes.size();
  if (left_ > 0)
    return need_input{};
  if (mode_ == mode::list_literal) {
    list_.add_literal(value_);
    mode_ = mode::list_line;
  } else {
    reader_.add_literal(value_);
    mode_ = mode::fetch_line;
  }
  return std::nullopt;
}

std::optional<event> engine::skip_other_literal() {
  auto count = std::min<std::uint64_t>(left_, input_.size());
  input_.remove_prefix(static_cast<std::size_t>(count));
  left_ -= count;
  if (left_ > 0)
    return need_input{};
  mode_ = mode::other_line;
  return std::nullopt;
}

} // namespace mailfleet::imap
