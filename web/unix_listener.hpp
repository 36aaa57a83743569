#pragma once

#include "messages/values/result.hpp"

#include <filesystem>
#include <utility>

namespace mailfleet::web {

/// A listening Unix socket that only its owner may connect to (mode 0600). The
/// lock file beside it (`PATH.lock`) is held while the process lives, so that a
/// socket left by a dead process is known for one and replaced, in one step,
/// and a live one is never taken away. Not thread-safe.
class unix_listener {
public:
  /// Fails with `in_use` if a process listens there, `invalid_argument` if the
  /// path cannot be a socket's.
  [[nodiscard]] static result<unix_listener> open(const std::filesystem::path& path);

  unix_listener(unix_listener&& other) noexcept;
  unix_listener& operator=(unix_listener&&) = delete;
  /// `remove`, and closes what was not released.
  ~unix_listener();

  /// Hands the listening descriptor over.
  [[nodiscard]] int release_socket() noexcept {
    return std::exchange(socket_, -1);
  }

  /// Removes the socket from the file system and gives the lock up.
  void remove() noexcept;

private:
  unix_listener(std::filesystem::path path, int socket, int lock) noexcept;

  std::filesystem::path path_;
  int socket_ = -1;
  int lock_ = -1;
};

} // namespace mailfleet::web
