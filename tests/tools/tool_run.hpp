#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/wait.h>

/// Runs of the real ops tool, `MAILFLEET_TOOL`.
namespace mailfleet::testing {

/// What one run of the program came to.
struct outcome {
  int status = -1;
  std::string out;
  std::string err;
};

inline std::string content_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file, std::ios::binary}.rdbuf();
  return text.str();
}

/// Runs the program as a shell would, `before` standing in front of its line, at the
/// socket `control.sock` of `folder`, which also takes its output; `input` is its standard input.
inline outcome run_tool(const std::filesystem::path& folder, const std::string& arguments,
                        const std::string& before = {}, const std::string& input = "/dev/null") {
  auto line = before + " MAILFLEET_SOCKET='" + (folder / "control.sock").string() + "' "
              + MAILFLEET_TOOL + ' ' + arguments + " >'" + (folder / "out").string() + "' 2>'"
              + (folder / "err").string() + "' <'" + input + "'";
  auto status = std::system(line.c_str());
  return {WEXITSTATUS(status), content_of(folder / "out"), content_of(folder / "err")};
}

inline bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

} // namespace mailfleet::testing
