#include "tools/fail_point_kill.hpp"

#ifdef MAILFLEET_FAIL_POINTS

#include "messages/values/fail_point.hpp"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>

namespace mailfleet::tools {

namespace {

/// Leaves a line that survives the kill.
void leave_proof(const std::string& file, std::string_view name) {
  int report = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (report < 0)
    return;
  auto line = std::string{name} + "\n";
  [[maybe_unused]] auto written = ::write(report, line.data(), line.size());
  ::fsync(report);
  ::close(report);
}

} // namespace

void arm_fail_point_from_environment() {
  const char* armed = std::getenv("MAILFLEET_FAIL_POINT");
  const char* report = std::getenv("MAILFLEET_FAIL_REPORT");
  if (armed == nullptr || report == nullptr)
    return;
  std::string_view text{armed};
  auto colon = text.find(':');
  auto left = std::make_shared<std::atomic<int>>(1);
  if (colon != text.npos) {
    int count = 1;
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), count);
    *left = count;
  }
  set_fail_point_handler([left, wanted = std::string{text.substr(0, colon)},
                          file = std::string{report}](std::string_view name) {
    if (name != wanted || left->fetch_sub(1) != 1)
      return;
    leave_proof(file, name);
    ::kill(::getpid(), SIGKILL);
  });
}

} // namespace mailfleet::tools

#else

namespace mailfleet::tools {

void arm_fail_point_from_environment() {}

} // namespace mailfleet::tools

#endif
