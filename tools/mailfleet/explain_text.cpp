#include "tools/mailfleet/explain_text.hpp"

#include "jobs/oauth_faults.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <numeric>

namespace mailfleet::tools {

namespace {

constexpr std::size_t max_near_codes = 5;

/// The part before the dot: a section of the document.
std::string_view section_of(std::string_view code) {
  return code.substr(0, code.find('.'));
}

/// How many letters must be put in, taken out or changed to make one of the other.
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < one.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < other.size(); ++j) {
      auto changed = diagonal + (one[i] == other[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string table_cell(std::string_view text) {
  std::string cell;
  for (char c : text)
    cell.append(c == '|' ? "\\|" : std::string{c});
  return cell;
}

std::string document_section(std::string_view section) {
  auto text = fmt::format("\n## {}\n\n| code | what happened | who | what to do | meanwhile |\n"
                          "| --- | --- | --- | --- | --- |\n",
                          section);
  for (const auto& row : jobs::diagnosis_table())
    if (section_of(row.code) == section)
      text += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.code, table_cell(row.what), row.who,
                          table_cell(cure_of(row)), jobs::to_string(row.then));
  return text;
}

} // namespace

const jobs::diagnosis_row* row_named(std::string_view name) {
  if (const auto* row = jobs::find_diagnosis(name))
    return row;
  if (name.starts_with("AADSTS") || name.starts_with("aadsts"))
    name.remove_prefix(6);
  std::uint32_t number = 0;
  auto read = std::from_chars(name.data(), name.data() + name.size(), number);
  if (read.ec != std::errc{} || read.ptr != name.data() + name.size())
    return nullptr;
  const auto* aadsts = jobs::find_aadsts(number);
  return aadsts ? jobs::find_diagnosis(aadsts->diagnosis) : nullptr;
}

std::vector<std::string_view> codes_near(std::string_view name) {
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (const auto& row : jobs::diagnosis_table()) {
    auto code = row.code;
    auto last = code.substr(code.find('.') + 1);
    auto apart = std::min(distance(name, code), distance(name, last));
    bool holds = name.size() > 2 && code.find(name) != code.npos;
    if (holds || apart <= name.size() / 3)
      found.emplace_back(apart, code);
  }
  std::ranges::sort(found);
  found.resize(std::min(found.size(), max_near_codes));
  std::vector<std::string_view> codes;
  codes.reserve(found.size());
  for (const auto& [apart, code] : found)
    codes.push_back(code);
  return codes;
}

std::string cure_of(const jobs::diagnosis_row& row) {
  return jobs::diagnose(row.code, "", {}, wall_time{}, std::nullopt).cure;
}

std::string aadsts_of(const jobs::diagnosis_row& row) {
  std::string text;
  for (const auto& aadsts : jobs::aadsts_table())
    if (aadsts.diagnosis == row.code)
      text += fmt::format("{}AADSTS{}", text.empty() ? "" : ", ", aadsts.code);
  return text;
}

std::string_view course_words(jobs::course then) {
  switch (then) {
  case jobs::course::retried: return "it is tried again soon, and later each time";
  case jobs::course::retried_slowly: return "it is tried again after minutes to hours";
  case jobs::course::parked: return "it waits until a person acted, but for a look now and then";
  case jobs::course::refused: return "nothing: the request changed nothing";
  case jobs::course::fatal: break;
  }
  return "the daemon stops";
}

nlohmann::ordered_json row_json(const jobs::diagnosis_row& row) {
  return {{"code", row.code},
          {"what", row.what},
          {"who", row.who},
          {"cure", cure_of(row)},
          {"then", jobs::to_string(row.then)}};
}

std::string diagnosis_document() {
  std::string text =
      "# Diagnoses\n\n"
      "Every trouble that Mailfleet can tell of. Made by `mailfleet explain --list --markdown`; a "
      "test\nkeeps it true to the program. `mailfleet explain CODE` shows one, and takes AADSTS "
      "codes too;\n`mailfleet mailbox explain ADDRESS` shows what troubles a mailbox now.\n\n"
      "Who must act: `operator` (who runs Mailfleet), `mailbox_owner`, `tenant_admin` (of the "
      "mailbox's\norganisation), `provider` (who runs the server), `nobody`.\n\n"
      "Meanwhile: ";
  using enum jobs::course;
  for (auto then : {retried, retried_slowly, parked, refused, fatal})
    text += fmt::format("{}`{}`, {}", then == retried ? "" : ";\n", jobs::to_string(then),
                        course_words(then));
  text += ".\n";
  std::vector<std::string_view> sections;
  for (const auto& row : jobs::diagnosis_table())
    if (std::ranges::find(sections, section_of(row.code)) == sections.end())
      sections.push_back(section_of(row.code));
  for (auto section : sections)
    text += document_section(section);
  text += "\n## AADSTS codes\n\nWhat the codes of Microsoft's identity platform are told as.\n\n"
          "| code | codes of Microsoft |\n| --- | --- |\n";
  for (const auto& row : jobs::diagnosis_table())
    if (auto codes = aadsts_of(row); !codes.empty())
      text += fmt::format("| `{}` | {} |\n", row.code, codes);
  return text;
}

} // namespace mailfleet::tools
