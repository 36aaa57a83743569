#include "tests/net/child_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <random>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mailfleet::test {

namespace {

using tcp = boost::asio::ip::tcp;

bool listens(std::uint16_t port) {
  boost::asio::io_context context;
  tcp::socket socket{context};
  boost::system::error_code error;
  socket.connect({boost::asio::ip::address_v4::loopback(), port}, error);
  return !error;
}

} // namespace

std::uint16_t free_port() {
  // Below the range that the system gives to whoever asks for any port: what
  // is free now is not given away before the program listens on it.
  std::random_device random;
  std::uniform_int_distribution<int> ports{20'000, 32'000};
  for (;;) {
    auto port = static_cast<std::uint16_t>(ports(random));
    boost::asio::io_context context;
    tcp::acceptor acceptor{context, tcp::v4()};
    boost::system::error_code error;
    acceptor.bind({boost::asio::ip::address_v4::loopback(), port}, error);
    if (!error)
      return port;
  }
}

std::string contents_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

child_process::child_process(const std::vector<std::string>& arguments,
                             const std::filesystem::path& output, std::uint16_t port) {
  std::vector<char*> pointers;
  for (const auto& argument : arguments)
    pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  auto error = ::posix_spawnp(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw std::runtime_error{"cannot start " + arguments[0]};
  wait_for_port(port);
}

child_process::~child_process() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void child_process::wait_for_port(std::uint16_t port) const {
  auto end = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd ended{end, POLLIN, 0};
  // Until it listens or ends; the wait for its end is what paces the attempts.
  bool up = listens(port);
  for (int attempt = 0; !up && attempt < 1'000 && ::poll(&ended, 1, 10) == 0; ++attempt)
    up = listens(port);
  ::close(end);
  if (up)
    return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  throw std::runtime_error{"the program does not listen"};
}

} // namespace mailfleet::test
