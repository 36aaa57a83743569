#include "tests/house/house_rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace mailfleet::tests {

namespace {

constexpr std::size_t most_lines = 400;
constexpr std::array product_folders{"messages/", "protocols/", "jobs/", "storage/",
                                     "net/",      "actors/",    "web/",  "tools/"};

bool starts_with_any(std::string_view text, const auto& prefixes) {
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [text](std::string_view prefix) { return text.starts_with(prefix); });
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream source{std::string{text}};
  return {std::istream_iterator<std::string>{source}, {}};
}

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Is `word` in `text`, not as a part of a longer one?
bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool open_before =
        at == 0 || !is_word_character(word.front()) || !is_word_character(text[at - 1]);
    const bool open_behind =
        end == text.size() || !is_word_character(word.back()) || !is_word_character(text[end]);
    if (open_before && open_behind)
      return true;
  }
  return false;
}

/// The header of an `#include` line, without its quotes; empty for other lines.
std::string_view included(std::string_view line) {
  constexpr std::string_view directive = "#include ";
  if (!line.starts_with(directive) || line.size() < directive.size() + 2)
    return {};
  const auto name = line.substr(directive.size() + 1);
  return name.substr(0, name.find_first_of(">\""));
}

bool is_standard(std::string_view header) {
  return header.find_first_of("/.") == header.npos;
}

bool is_posix(std::string_view header) {
  constexpr std::array folders{"sys/", "netinet/", "arpa/"};
  return header.ends_with(".h")
         && (header.find('/') == header.npos || starts_with_any(header, folders));
}

bool allows(const std::vector<std::string>& allowed, std::string_view header) {
  return is_standard(header) || starts_with_any(header, allowed)
         || (is_posix(header)
             && std::find(allowed.begin(), allowed.end(), "posix") != allowed.end());
}

/// The row for a path: the one with the longest prefix.
const std::vector<std::string>* row_for(const include_table& table, std::string_view path) {
  const std::vector<std::string>* found = nullptr;
  std::size_t longest = 0;
  for (const auto& [prefix, allowed] : table.includes) {
    if (path.starts_with(prefix) && prefix.size() >= longest) {
      found = &allowed;
      longest = prefix.size();
    }
  }
  return found;
}

bool is_cpp(std::string_view path) {
  return path.ends_with(".cpp") || path.ends_with(".hpp");
}

void check_line(std::string_view path, std::string_view line, std::size_t number,
                std::vector<violation>& found) {
  constexpr std::array waits{"sleep_for", "sleep_until", "usleep", "nanosleep"};
  constexpr std::array marks{"TODO", "FIXME", "XXX"};
  if (is_cpp(path) && starts_with_any(path, product_folders)) {
    for (const auto* wait : waits)
      if (has_word(line, wait))
        found.push_back({std::string{path}, number, std::string{wait} + ": wait for the event"});
  }
  for (const auto* mark : marks)
    if (has_word(line, mark) && line.find(std::string{mark} + "(") == line.npos)
      found.push_back({std::string{path}, number, std::string{mark} + " without an owner"});
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool is_ours(const std::filesystem::path& path) {
  constexpr std::array extensions{".hpp", ".cpp", ".txt",   ".cmake", ".md",    ".py", ".mjs",
                                  ".in",  ".js",  ".table", ".toml",  ".words", ""};
  return path.filename() != "LICENSE"
         && std::find(extensions.begin(), extensions.end(), path.extension()) != extensions.end();
}

} // namespace

std::string listing(const std::vector<violation>& found) {
  std::string text;
  for (const auto& [path, line, what] : found)
    text.append(path)
        .append(":")
        .append(std::to_string(line))
        .append(": ")
        .append(what)
        .append("\n");
  return text;
}

include_table parse_table(std::string_view text) {
  include_table table;
  for (const auto line : lines_of(text)) {
    if (line.empty() || line.starts_with('#'))
      continue;
    const auto colon = line.find(": ");
    const auto rule = words_of(line.substr(0, colon));
    if (colon == line.npos || rule.size() != 2 || (rule[0] != "include" && rule[0] != "link"))
      throw std::runtime_error{"not a rule: " + std::string{line}};
    (rule[0] == "link" ? table.links : table.includes)[rule[1]] = words_of(line.substr(colon + 1));
  }
  return table;
}

std::vector<violation> check_includes(const include_table& table, std::string_view path,
                                      std::string_view text) {
  std::vector<violation> found;
  const auto* allowed = row_for(table, path);
  std::size_t number = 0;
  for (const auto line : lines_of(text)) {
    ++number;
    const auto header = included(line);
    if (header.empty())
      continue;
    if (header == "caf/all.hpp")
      found.push_back({std::string{path}, number, "caf/all.hpp takes seconds to compile"});
    else if (!allowed)
      found.push_back({std::string{path}, number, "the table has no row for this folder"});
    else if (!allows(*allowed, header))
      found.push_back({std::string{path}, number, "may not include " + std::string{header}});
  }
  return found;
}

std::vector<violation> check_links(const include_table& table, std::string_view path,
                                   std::string_view text) {
  std::vector<violation> found;
  const auto row = table.links.find(path.substr(0, path.find('/')));
  if (row == table.links.end())
    return found;
  bool in_uses = false;
  std::size_t number = 0;
  for (const auto line : lines_of(text)) {
    ++number;
    const auto code = line.substr(0, line.find('#'));
    if (code.find("target_link_libraries") != code.npos)
      found.push_back({std::string{path}, number, "links past USES"});
    for (auto word : words_of(code)) {
      const bool last = word.ends_with(')');
      word.erase(std::min(word.find(')'), word.size()));
      const bool keyword = word == "USES" || word == "SOURCES" || word == "LABEL";
      if (in_uses && !keyword && !word.empty()
          && std::find(row->second.begin(), row->second.end(), word) == row->second.end())
        found.push_back({std::string{path}, number, "may not link " + word});
      in_uses = keyword ? word == "USES" : in_uses && !last;
    }
  }
  return found;
}

std::vector<violation> check_text(std::string_view path, std::string_view text) {
  std::vector<violation> found;
  const auto lines = lines_of(text);
  if (lines.size() > most_lines && !path.ends_with(".md"))
    found.push_back({std::string{path}, lines.size(), "over 400 lines: has it one purpose?"});
  if (path.starts_with("tests/") && path.ends_with("_test.cpp") && text.find("CHECK") == text.npos
      && text.find("REQUIRE") == text.npos)
    found.push_back({std::string{path}, 1, "a test that checks nothing"});
  for (std::size_t i = 0; i < lines.size(); ++i)
    check_line(path, lines[i], i + 1, found);
  return found;
}

std::vector<violation> check_words(const std::vector<std::string>& banned, std::string_view path,
                                   std::string_view text) {
  std::vector<violation> found;
  std::size_t number = 0;
  for (const auto line : lines_of(text)) {
    ++number;
    std::string lower{line};
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    for (const auto& word : banned)
      if (has_word(lower, word))
        found.push_back({std::string{path}, number, "says \"" + word + "\""});
  }
  return found;
}

std::vector<std::string> parse_words(std::string_view text) {
  std::vector<std::string> words;
  for (const auto line : lines_of(text))
    if (!line.empty() && !line.starts_with('#'))
      words.emplace_back(line);
  return words;
}

std::vector<source_file> read_sources(const std::filesystem::path& root) {
  constexpr std::array skipped{"build",       "node_modules", ".git",
                               "__pycache__", "corpus",       "fixtures"};
  std::vector<source_file> files;
  auto at = std::filesystem::recursive_directory_iterator{root};
  for (; at != std::filesystem::recursive_directory_iterator{}; ++at) {
    const auto name = at->path().filename().string();
    if (std::find(skipped.begin(), skipped.end(), name) != skipped.end())
      at.disable_recursion_pending();
    else if (at->is_regular_file() && is_ours(at->path()))
      files.push_back(
          {at->path().lexically_relative(root).generic_string(), read_file(at->path())});
  }
  std::sort(files.begin(), files.end(),
            [](const auto& left, const auto& right) { return left.path < right.path; });
  return files;
}

} // namespace mailfleet::tests
