#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace mailfleet::test {

/// A program of Debian's run beside a test, its output in a file. Ended, by its
/// pid, with this object.
class child_process {
public:
  /// Starts `arguments[0]` and waits until it listens on a port of 127.0.0.1.
  child_process(const std::vector<std::string>& arguments, const std::filesystem::path& output,
                std::uint16_t port);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

private:
  void wait_for_port(std::uint16_t port) const;

  pid_t pid_ = 0;
};

/// A port of 127.0.0.1 that nobody listened on just now.
[[nodiscard]] std::uint16_t free_port();

[[nodiscard]] std::string contents_of(const std::filesystem::path& file);

} // namespace mailfleet::test
