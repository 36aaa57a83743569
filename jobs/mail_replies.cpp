#include "jobs/mail_replies.hpp"

#include "jobs/limits.hpp"
#include "jobs/reply_table.hpp"

#include <algorithm>
#include <charconv>

namespace mailfleet::jobs {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_letter(char a, char b) {
  return lower(a) == lower(b);
}

std::string_view::iterator find_words(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same_letter);
}

/// Whether `text` has the form of `pattern`; an empty pattern fits all.
bool fits(std::string_view pattern, std::string_view text) {
  return pattern.empty() || std::ranges::equal(pattern, text, [](char want, char c) {
           return want == '?' || same_letter(want, c);
         });
}

bool fits(log_in_kind kind, const mail_reply& what) {
  switch (kind) {
  case log_in_kind::any: return true;
  case log_in_kind::password: return what.auth == mailbox_auth::password;
  case log_in_kind::challenged: return what.challenged;
  }
  return false;
}

bool fits(const reply_row& row, const mail_reply& what) {
  return row.protocol == what.protocol && (!row.phase || *row.phase == what.phase)
         && fits(row.status, what.status) && fits(row.code, what.code) && fits(row.kind, what)
         && find_words(what.words, row.words) != what.words.end();
}

std::string_view take_word(std::string_view& text) {
  auto word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

/// `[CODE ARGUMENTS]`; what it is not stays in the words.
std::string_view take_bracketed(std::string_view& text) {
  auto end = text.find(']');
  if (!text.starts_with('[') || end == text.npos)
    return {};
  auto inside = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  text.remove_prefix(text.starts_with(' ') ? 1 : 0);
  return take_word(inside);
}

/// `5.7.139` (RFC 3463).
std::string_view take_enhanced(std::string_view& text) {
  auto word = text.substr(0, text.find(' '));
  bool is_status = word.size() >= 5 && word[0] >= '2' && word[0] <= '5' && word[1] == '.'
                   && std::ranges::count(word, '.') == 2
                   && word.find_first_not_of("0123456789.") == word.npos;
  return is_status ? take_word(text) : std::string_view{};
}

/// `Suggested Backoff Time: 92415 milliseconds` (Exchange).
std::optional<std::chrono::milliseconds> named_wait(std::string_view words) {
  constexpr std::string_view mark = "Suggested Backoff Time: ";
  auto at = find_words(words, mark);
  if (at == words.end())
    return std::nullopt;
  words.remove_prefix(static_cast<std::size_t>(at - words.begin()) + mark.size());
  std::uint64_t count = 0;
  auto read = std::from_chars(words.data(), words.data() + words.size(), count);
  if (read.ec != std::errc{})
    return std::nullopt;
  auto most = static_cast<std::uint64_t>(server_wait_max.count());
  return std::chrono::milliseconds{static_cast<std::int64_t>(std::min(count, most))};
}

} // namespace

mail_reply read_reply(reply_protocol protocol, reply_phase phase, std::string_view line) {
  mail_reply read;
  read.protocol = protocol;
  read.phase = phase;
  while (line.ends_with('\n') || line.ends_with('\r'))
    line.remove_suffix(1);
  if (protocol == reply_protocol::imap) {
    take_word(line);
    read.status = take_word(line);
    read.code = take_bracketed(line);
  } else if (protocol == reply_protocol::pop3) {
    read.status = take_word(line);
    read.code = take_bracketed(line);
  } else {
    read.status = line.substr(0, 3);
    line.remove_prefix(std::min<std::size_t>(line.size(), 4));
    read.code = take_enhanced(line);
  }
  read.words = line;
  return read;
}

reply_meaning meaning_of(const mail_reply& what) {
  if (what.status.empty())
    return {what.phase == reply_phase::content ? "smtp.outcome_unknown" : "network.connection_lost",
            false, std::nullopt};
  for (const auto& row : reply_rows())
    if (fits(row, what))
      return {row.diagnosis, !row.words.empty() || !row.code.empty(), named_wait(what.words)};
  return {};
}

} // namespace mailfleet::jobs
