#include "jobs/diagnosis.hpp"

#include "jobs/diagnosis_rows.hpp"
#include "jobs/failure_words.hpp"
#include "jobs/limits.hpp"

#include <algorithm>
#include <vector>

namespace mailfleet::jobs {

namespace {

std::vector<diagnosis_row> all_rows() {
  std::vector<diagnosis_row> rows;
  for (const auto& [code, row] : failure_rows())
    rows.push_back(row);
  for (auto part : {network_rows(), token_rows(), reading_rows(), sending_rows()})
    rows.insert(rows.end(), part.begin(), part.end());
  return rows;
}

/// A name as one word of a shell's command line.
std::string shell_word(std::string_view name) {
  auto text = printable(name);
  auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || std::string_view{"@._+-%"}.find(c) != std::string_view::npos;
  };
  if (std::ranges::all_of(text, is_plain))
    return text;
  std::string quoted = "'";
  for (auto c : text)
    if (c == '\'')
      quoted.append("'\\''");
    else
      quoted.push_back(c);
  return quoted + "'";
}

void put_name(std::string& text, std::string_view placeholder, std::string_view name,
              std::string_view otherwise) {
  auto word = name.empty() ? std::string{otherwise} : shell_word(name);
  for (auto at = text.find(placeholder); at != std::string::npos;
       at = text.find(placeholder, at + word.size()))
    text.replace(at, placeholder.size(), word);
}

diagnosis made_of(const diagnosis_row& row, std::string_view evidence,
                  const diagnosis_subject& about, wall_time since,
                  std::optional<wall_time> retry_at) {
  diagnosis made;
  made.code = row.code;
  made.what = row.what;
  made.who = row.who;
  made.cure = row.cure;
  put_name(made.cure, "{provider}", about.provider, "PROVIDER");
  put_name(made.cure, "{mailbox}", about.mailbox, "MAILBOX");
  made.evidence = printable(evidence, max_evidence_bytes);
  made.since = since;
  made.retry_at = retry_at;
  return made;
}

/// A printable text as a string of JSON (RFC 8259 7).
std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  for (auto c : text) {
    if (c == '"' || c == '\\')
      quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + '"';
}

/// Splits `DIAGNOSIS: EVIDENCE`, if the identity provider's rows have that code.
const diagnosis_row* take_token_row(std::string_view& detail) {
  constexpr std::string_view separator = ": ";
  auto end = detail.find(separator);
  auto row = std::ranges::find(token_rows(), detail.substr(0, end), &diagnosis_row::code);
  if (end == std::string_view::npos || row == token_rows().end())
    return nullptr;
  detail.remove_prefix(end + separator.size());
  return &*row;
}

} // namespace

std::string_view to_string(course then) noexcept {
  switch (then) {
  case course::retried: return "retried";
  case course::retried_slowly: return "retried_slowly";
  case course::parked: return "parked";
  case course::refused: return "refused";
  case course::fatal: break;
  }
  return "fatal";
}

std::span<const diagnosis_row> diagnosis_table() {
  static const auto rows = all_rows();
  return rows;
}

const diagnosis_row* find_diagnosis(std::string_view code) {
  auto rows = diagnosis_table();
  auto row = std::ranges::find(rows, code, &diagnosis_row::code);
  return row == rows.end() ? nullptr : &*row;
}

const diagnosis_row& row_of(errc code) {
  auto rows = failure_rows();
  auto found = std::ranges::find(rows, code, &failure_row::code);
  if (found == rows.end())
    found = std::ranges::find(rows, errc::internal, &failure_row::code);
  return found->row;
}

diagnosis diagnose(const failure& what, const diagnosis_subject& about, wall_time since,
                   std::optional<wall_time> retry_at) {
  std::string_view evidence = what.detail;
  const auto* row = take_token_row(evidence);
  if (!row)
    row = find_diagnosis(told_by_words(what));
  return made_of(row ? *row : row_of(what.code), evidence, about, since, retry_at);
}

diagnosis diagnose(const token_fault& what, const diagnosis_subject& about, wall_time since,
                   std::optional<wall_time> retry_at) {
  const auto* row = find_diagnosis(what.diagnosis);
  return made_of(row ? *row : row_of(what.code), what.evidence, about, since, retry_at);
}

diagnosis diagnose(std::string_view code, std::string_view evidence, const diagnosis_subject& about,
                   wall_time since, std::optional<wall_time> retry_at) {
  const auto* row = find_diagnosis(code);
  return made_of(row ? *row : row_of(errc::internal), evidence, about, since, retry_at);
}

std::string event_detail(const diagnosis& what) {
  auto detail = "{\"code\":" + json_string(what.code);
  if (!what.evidence.empty())
    detail.append(",\"evidence\":").append(json_string(what.evidence));
  return detail + '}';
}

} // namespace mailfleet::jobs
