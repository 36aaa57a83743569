#include "tools/mailfleet/exit_codes.hpp"

#include <fmt/core.h>

#include <array>

namespace mailfleet::tools {

namespace {

constexpr std::array rows{
    exit_code_row{exit_ok, "done; `doctor`: nothing is red; `send --wait`: sent"},
    exit_code_row{exit_refused,
                  "it was refused, or failed: what is named does not exist, say; `doctor`: "
                  "something is red, or could not be examined"},
    exit_code_row{exit_usage, "an option, a value or a file that the command line names is wrong; "
                              "nothing was done"},
    exit_code_row{exit_not_reachable, "`mailfleetd` does not answer"},
    exit_code_row{exit_not_sent, "`send --wait`: failed, cancelled, or refused for a recipient"},
    exit_code_row{exit_in_doubt, "`send --wait`: in doubt"},
    exit_code_row{exit_waiting, "`send --wait`: still waiting when the time was over"},
};

constexpr unsigned bad_request = 400;
constexpr unsigned too_large = 413;

} // namespace

std::span<const exit_code_row> exit_codes() {
  return rows;
}

std::string exit_code_help() {
  std::string text = "Exit codes:\n";
  for (const auto& row : rows)
    text += fmt::format("  {}  {}\n", static_cast<int>(row.code), row.meaning);
  return text;
}

exit_status exit_status_of(unsigned http_status) {
  return http_status == bad_request || http_status == too_large ? exit_usage : exit_refused;
}

} // namespace mailfleet::tools
