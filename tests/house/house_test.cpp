#include "tests/house/house_rules.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace mailfleet::tests;

// Goal: the tree obeys the house's rules, and each rule is able to fail.
// Method: first a violation is planted for every rule; then the files are read.

namespace {

const std::vector<source_file>& sources() {
  static const auto files = read_sources(MAILFLEET_SOURCE_DIR);
  return files;
}

const std::string& text_of(std::string_view path) {
  const auto found = std::find_if(sources().begin(), sources().end(),
                                  [path](const auto& file) { return file.path == path; });
  REQUIRE(found != sources().end());
  return found->text;
}

include_table house_table() {
  return parse_table(text_of("tests/house/includes.table"));
}

/// What `check(path, text)` finds in all files that `wanted(path)` picks.
std::string found_in_tree(auto wanted, auto check) {
  std::vector<violation> all;
  for (const auto& [path, text] : sources()) {
    if (!wanted(path))
      continue;
    const auto found = check(path, text);
    all.insert(all.end(), found.begin(), found.end());
  }
  return listing(all);
}

bool is_cpp(std::string_view path) {
  return path.ends_with(".cpp") || path.ends_with(".hpp");
}

std::string include(std::string_view header) {
  return "#include \"" + std::string{header} + "\"\n";
}

} // namespace

TEST_CASE("an include that the table does not allow is found", "[house]") {
  const auto table = house_table();
  CHECK(listing(check_includes(table, "jobs/a.cpp", include("messages/values/ids.hpp"))).empty());
  CHECK(listing(check_includes(table, "jobs/a.cpp", "\n" + include("net/limits.hpp")))
        == "jobs/a.cpp:2: may not include net/limits.hpp\n");
  CHECK_FALSE(check_includes(table, "jobs/a.cpp", include("messages/ports/log.hpp")).empty());
  CHECK_FALSE(check_includes(table, "jobs/a.cpp", "#include <openssl/evp.h>\n").empty());
  CHECK_FALSE(check_includes(table, "jobs/a.cpp", "#include <unistd.h>\n").empty());
  CHECK(check_includes(table, "jobs/a.cpp", "#include <vector>\n").empty());
  CHECK(check_includes(table, "storage/a.cpp", "#include <unistd.h>\n").empty());
}

TEST_CASE("the longest prefix of a path decides what it may include", "[house]") {
  const auto table = house_table();
  CHECK(check_includes(table, "messages/actors.hpp", "#include <caf/fwd.hpp>\n").empty());
  CHECK_FALSE(check_includes(table, "messages/other.hpp", "#include <caf/fwd.hpp>\n").empty());
  CHECK_FALSE(check_includes(table, "web/a.cpp", include("net/curl_client.hpp")).empty());
  CHECK(check_includes(table, "web/a.cpp", include("net/event_loop.hpp")).empty());
}

TEST_CASE("a folder without a row in the table may include nothing", "[house]") {
  CHECK_FALSE(check_includes(house_table(), "extra/a.cpp", "#include <vector>\n").empty());
}

TEST_CASE("CAF's all-in-one header is found even where CAF is allowed", "[house]") {
  CHECK_FALSE(check_includes(house_table(), "actors/a.cpp", "#include <caf/all.hpp>\n").empty());
}

TEST_CASE("a library that the table does not allow is found behind USES", "[house]") {
  const auto table = house_table();
  const auto with = [](std::string_view uses) {
    return "mailfleet_library(jobs\n  SOURCES a.cpp\n  USES " + std::string{uses} + ")\nother(x)\n";
  };
  CHECK(check_links(table, "jobs/CMakeLists.txt", with("mailfleet::messages")).empty());
  CHECK(
      listing(check_links(table, "jobs/CMakeLists.txt", with("mailfleet::messages\n    CAF::core")))
      == "jobs/CMakeLists.txt:4: may not link CAF::core\n");
  CHECK_FALSE(check_links(table, "jobs/CMakeLists.txt", "target_link_libraries(x y)\n").empty());
  CHECK(check_links(table, "tests/net/CMakeLists.txt", with("CAF::core")).empty());
}

TEST_CASE("a table with a line that is no rule is refused", "[house]") {
  CHECK_THROWS(parse_table("includes jobs/: messages/\n"));
  CHECK_THROWS(parse_table("include jobs/\n"));
}

TEST_CASE("a file is too long from its 401st line", "[house]") {
  std::string text;
  for (int line = 0; line < 400; ++line)
    text += "\n";
  CHECK(check_text("net/a.cpp", text).empty());
  CHECK(check_text("net/a.cpp", text + "x").size() == 1);
}

TEST_CASE("a wait is found in product code only", "[house]") {
  const std::string text = "std::this_thread::sleep_for(1s);\n";
  CHECK(check_text("net/a.cpp", text).size() == 1);
  CHECK(check_text("tests/net/a.cpp", text).empty());
}

TEST_CASE("an unfinished mark needs an owner", "[house]") {
  const std::string mark = "// TO"
                           "DO";
  CHECK(check_text("net/a.cpp", mark + ": later\n").size() == 1);
  CHECK(check_text("net/a.cpp", mark + "(postmaster): later\n").empty());
}

TEST_CASE("a test file without a check is found", "[house]") {
  const std::string empty_test = "TEST_CASE(\"nothing\") {}\n";
  CHECK(check_text("tests/net/a_test.cpp", empty_test).size() == 1);
  CHECK(check_text("tests/net/a_test.cpp", empty_test + "CHECK(x);\n").empty());
}

TEST_CASE("banned words are found whole and in any case", "[house]") {
  const auto words = parse_words("# comment\nfoo\n/machine/\n");
  CHECK(check_words(words, "a.md", "the FOO.\n").size() == 1);
  CHECK(check_words(words, "a.md", "seen in /machine/folder\n").size() == 1);
  CHECK(check_words(words, "a.md", "food, _foo\n").empty());
}

TEST_CASE("every include of the tree is allowed", "[house]") {
  REQUIRE(std::count_if(sources().begin(), sources().end(),
                        [](const auto& file) { return is_cpp(file.path); })
          > 20);
  CHECK(found_in_tree(is_cpp,
                      [table = house_table()](const auto& path, const auto& text) {
                        return check_includes(table, path, text);
                      })
        == "");
}

TEST_CASE("every library linked in the tree is allowed", "[house]") {
  CHECK(found_in_tree([](const auto& path) { return path.ends_with("CMakeLists.txt"); },
                      [table = house_table()](const auto& path, const auto& text) {
                        return check_links(table, path, text);
                      })
        == "");
}

TEST_CASE("every file of the tree keeps the rules for text", "[house]") {
  // The lists of this folder name what they forbid.
  const auto wanted = [](std::string_view path) { return !path.starts_with("tests/house/"); };
  CHECK(found_in_tree(wanted, check_text) == "");
  const auto words = parse_words(text_of("tests/house/banned.words"));
  CHECK(found_in_tree(wanted, [&words](const auto& path,
                                       const auto& text) { return check_words(words, path, text); })
        == "");
}
