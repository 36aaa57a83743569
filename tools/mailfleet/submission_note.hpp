#pragma once

#include <signal.h>
#include <string>

namespace mailfleet::tools {

/// While it lives, Ctrl-C (SIGINT) and SIGTERM end the program as ever, and say before how to find
/// out whether the request that was under way was taken. One at a time.
class submission_note {
public:
  explicit submission_note(const std::string& said);
  submission_note(const submission_note&) = delete;
  submission_note& operator=(const submission_note&) = delete;
  ~submission_note();

private:
  struct ::sigaction interrupt_before_ {};
  struct ::sigaction terminate_before_ {};
};

} // namespace mailfleet::tools
