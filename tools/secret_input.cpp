#include "tools/secret_input.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <system_error>
#include <termios.h>
#include <unistd.h>

namespace mailfleet::tools {

namespace {

/// Refresh tokens of large tenants pass 4 KiB.
constexpr std::size_t max_secret_bytes = 16 * 1'024;

failure unreadable(const std::string& what) {
  return {errc::invalid_argument, what + ": " + std::system_category().message(errno)};
}

/// Reads to the end. The fixed buffer, unlike a string, leaves no copies behind.
result<secret> read_all(int descriptor, const std::string& name) {
  std::array<char, max_secret_bytes + 2> bytes{};
  std::size_t size = 0;
  while (size < bytes.size()) {
    auto count = ::read(descriptor, bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return unreadable(name);
    if (count == 0)
      break;
    size += static_cast<std::size_t>(count);
  }
  std::string_view text{bytes.data(), size};
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  secret found{std::string{text}};
  ::explicit_bzero(bytes.data(), bytes.size());
  if (found.empty())
    return failure{errc::invalid_argument, name + " is empty; put the secret there"};
  if (found.reveal().size() > max_secret_bytes)
    return failure{errc::invalid_argument, name + " is larger than a secret is"};
  return found;
}

/// Set by the handler below, read by the prompt that installed it.
volatile sig_atomic_t interrupted = 0;

void note_interrupt(int) {
  interrupted = 1;
}

/// A terminal without echo, and Ctrl-C noted instead of obeyed, for a scope.
class quiet_terminal {
public:
  explicit quiet_terminal(int terminal) : terminal_{terminal} {
    ::tcgetattr(terminal_, &before_);
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    interrupted = 0;
    // Without SA_RESTART the signal ends the read.
    struct ::sigaction note {};
    note.sa_handler = note_interrupt;
    ::sigaction(SIGINT, &note, &handler_before_);
    ::tcsetattr(terminal_, TCSAFLUSH, &quiet);
  }
  quiet_terminal(const quiet_terminal&) = delete;
  quiet_terminal& operator=(const quiet_terminal&) = delete;
  ~quiet_terminal() {
    ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    ::sigaction(SIGINT, &handler_before_, nullptr);
  }

private:
  int terminal_;
  struct ::termios before_ {};
  struct ::sigaction handler_before_ {};
};

void say(int terminal, std::string_view text) {
  [[maybe_unused]] auto ignored = ::write(terminal, text.data(), text.size());
}

} // namespace

result<secret> read_secret_file(const std::string& path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return unreadable(path);
  auto found = read_all(file, path);
  ::close(file);
  return found;
}

result<secret> read_secret_descriptor(int descriptor) {
  return read_all(descriptor, "descriptor " + std::to_string(descriptor));
}

std::optional<secret> prompt_for_secret(const std::string& what) {
  int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0)
    return std::nullopt;
  say(terminal, what + ": ");
  std::array<char, max_secret_bytes> line{};
  ::ssize_t count = -1;
  {
    quiet_terminal quiet{terminal};
    count = ::read(terminal, line.data(), line.size());
  }
  say(terminal, "\n");
  ::close(terminal);
  if (interrupted != 0 || count <= 0)
    return std::nullopt;
  std::string_view text{line.data(), static_cast<std::size_t>(count)};
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  secret found{std::string{text}};
  ::explicit_bzero(line.data(), line.size());
  return found.empty() ? std::nullopt : std::optional{std::move(found)};
}

} // namespace mailfleet::tools
