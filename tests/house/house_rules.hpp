#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The rules that a compiler does not know. All functions take text, so that a
/// test can plant a violation.
namespace mailfleet::tests {

/// A line that breaks a rule.
struct violation {
  std::string path;
  std::size_t line = 0;
  std::string what;
};

/// `PATH:LINE: WHAT`, a line each.
[[nodiscard]] std::string listing(const std::vector<violation>& found);

/// tests/house/includes.table.
struct include_table {
  std::map<std::string, std::vector<std::string>, std::less<>> includes;
  std::map<std::string, std::vector<std::string>, std::less<>> links;
};

/// Throws `std::runtime_error` on a line that is neither rule nor comment.
[[nodiscard]] include_table parse_table(std::string_view text);

/// Includes in `text`, a file at `path` (from the root), that the table does not
/// allow, and `caf/all.hpp` anywhere.
[[nodiscard]] std::vector<violation> check_includes(const include_table& table,
                                                    std::string_view path, std::string_view text);

/// Names behind USES in a folder's CMakeLists.txt that the table does not
/// allow, and links that go past USES. Folders without a row may link anything.
[[nodiscard]] std::vector<violation> check_links(const include_table& table, std::string_view path,
                                                 std::string_view text);

/// Length, waits in product code, unfinished marks without an owner, tests
/// that check nothing.
[[nodiscard]] std::vector<violation> check_text(std::string_view path, std::string_view text);

/// Occurrences of the words (lower case) as whole words, in any case.
[[nodiscard]] std::vector<violation> check_words(const std::vector<std::string>& banned,
                                                 std::string_view path, std::string_view text);

/// The lines of a word list, without comments.
[[nodiscard]] std::vector<std::string> parse_words(std::string_view text);

/// A text file of ours.
struct source_file {
  /// From the root, with `/`.
  std::string path;
  std::string text;
};

/// All source, script and document files below `root`, without what is built or
/// installed there.
[[nodiscard]] std::vector<source_file> read_sources(const std::filesystem::path& root);

} // namespace mailfleet::tests
