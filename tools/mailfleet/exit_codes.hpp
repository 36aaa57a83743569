#pragma once

#include <span>
#include <string>

namespace mailfleet::tools {

/// What the ops tool ends with; scripts rely on the numbers.
enum exit_status : int {
  exit_ok = 0,
  exit_refused = 1,       ///< Refused, or tried and failed.
  exit_usage = 2,         ///< The command line, a value in it, or a file it names, is wrong.
  exit_not_reachable = 3, ///< No mailfleetd answers.
  exit_not_sent = 4,      ///< The mail that was waited for failed, or was cancelled.
  exit_in_doubt = 5,      ///< Nobody knows whether the mail that was waited for was sent.
  exit_waiting = 6,       ///< The mail that was waited for still waits.
};

struct exit_code_row {
  exit_status code;
  const char* meaning;
};

/// The table of docs/operating.md, which a test compares with the help.
[[nodiscard]] std::span<const exit_code_row> exit_codes();

/// The table as `--help` shows it, a line a code.
[[nodiscard]] std::string exit_code_help();

/// What a refusal of mailfleetd with this HTTP status comes to: 400 (a field is wrong) and 413
/// (what was given is too large) are faults of the command line as those are that the tool
/// finds by itself.
[[nodiscard]] exit_status exit_status_of(unsigned http_status);

} // namespace mailfleet::tools
