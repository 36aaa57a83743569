#include "web/unix_listener.hpp"

#include "web/limits.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace mailfleet::web {

namespace {

/// A descriptor that closes itself.
class descriptor {
public:
  explicit descriptor(int value) noexcept : value_{value} {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (value_ >= 0)
      ::close(value_);
  }
  [[nodiscard]] int get() const noexcept {
    return value_;
  }
  [[nodiscard]] int release() noexcept {
    return std::exchange(value_, -1);
  }

private:
  int value_;
};

failure system_failure(const std::string& doing, const std::filesystem::path& path) {
  auto why = std::system_category().message(errno);
  return {errc::invalid_argument, "socket " + path.string() + ": " + doing + " failed: " + why
                                      + "; check the folder and its owner"};
}

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// Whether something takes connections there.
bool is_live(const std::filesystem::path& path) {
  descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  auto address = address_of(path);
  if (::connect(probe.get(), generic(address), sizeof address) == 0)
    return true;
  // A full backlog answers EAGAIN: that one lives, too.
  return errno == EAGAIN;
}

failure taken(const std::filesystem::path& path) {
  return {errc::in_use, "socket " + path.string()
                            + " is served by another process; stop it, or name another socket"};
}

/// What stands at the path may be replaced.
result<void> check_place(const std::filesystem::path& path) {
  struct ::stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return errno == ENOENT ? result<void>{} : system_failure("looking at it", path);
  if (!S_ISSOCK(found.st_mode))
    return bad_field("socket", path.string() + " exists and is not a socket",
                     "remove it, or name another path");
  return is_live(path) ? result<void>{taken(path)} : result<void>{};
}

/// Listens under a name beside `path`, then moves it there in one step.
result<int> listen_at(const std::filesystem::path& path) {
  auto beside = std::filesystem::path{path.native() + ".new"};
  ::unlink(beside.c_str());
  descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (socket.get() < 0)
    return system_failure("making it", path);
  // On Linux the file takes the mode of the unbound socket: no moment is open.
  if (::fchmod(socket.get(), S_IRUSR | S_IWUSR) != 0)
    return system_failure("setting its mode", path);
  auto address = address_of(beside);
  if (::bind(socket.get(), generic(address), sizeof address) != 0)
    return system_failure("binding it", path);
  if (::listen(socket.get(), SOMAXCONN) != 0 || ::rename(beside.c_str(), path.c_str()) != 0) {
    auto what = system_failure("listening on it", path);
    ::unlink(beside.c_str());
    return what;
  }
  return socket.release();
}

} // namespace

result<unix_listener> unix_listener::open(const std::filesystem::path& path) {
  if (path.empty() || path.native().size() > max_socket_path_bytes)
    return bad_field("socket", "has an empty or too long path",
                     "give one of at most " + std::to_string(max_socket_path_bytes) + " bytes");
  auto lock_path = path.native() + ".lock";
  descriptor lock{
      ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)};
  if (lock.get() < 0)
    return system_failure("opening its lock file", path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return taken(path);
  if (auto free = check_place(path); !free)
    return free.error();
  auto socket = listen_at(path);
  if (!socket)
    return socket.error();
  return unix_listener{path, *socket, lock.release()};
}

unix_listener::unix_listener(std::filesystem::path path, int socket, int lock) noexcept
  : path_{std::move(path)}, socket_{socket}, lock_{lock} {}

unix_listener::unix_listener(unix_listener&& other) noexcept
  : path_{std::move(other.path_)},
    socket_{std::exchange(other.socket_, -1)},
    lock_{std::exchange(other.lock_, -1)} {}

unix_listener::~unix_listener() {
  remove();
  if (socket_ >= 0)
    ::close(socket_);
}

void unix_listener::remove() noexcept {
  if (lock_ < 0)
    return;
  ::unlink(path_.c_str());
  ::close(std::exchange(lock_, -1));
}

} // namespace mailfleet::web
