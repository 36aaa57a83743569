#include "tools/mailfleet/submission_note.hpp"

#include <unistd.h>
#include <utility>

namespace mailfleet::tools {

namespace {

/// What the handler writes: made before it is installed, and left alone until it is not.
std::string note;

void say_and_end(int signal) {
  // There is nobody to tell that it cannot be said.
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, note.data(), note.size());
  // SA_RESETHAND: the second time it does what it does by itself.
  ::raise(signal);
}

} // namespace

submission_note::submission_note(const std::string& said) {
  note = "\nmailfleet: interrupted: " + said + "\n";
  struct ::sigaction telling {};
  telling.sa_handler = say_and_end;
  telling.sa_flags = static_cast<int>(SA_RESETHAND);
  for (auto [signal, before] :
       {std::pair{SIGINT, &interrupt_before_}, std::pair{SIGTERM, &terminate_before_}}) {
    ::sigaction(signal, &telling, before);
    // What a shell told us to ignore, as it does in the background, stays ignored.
    if (before->sa_handler == SIG_IGN)
      ::sigaction(signal, before, nullptr);
  }
}

submission_note::~submission_note() {
  ::sigaction(SIGINT, &interrupt_before_, nullptr);
  ::sigaction(SIGTERM, &terminate_before_, nullptr);
}

} // namespace mailfleet::tools
