#pragma once

#include "messages/values/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

/// The few small files and folders beside the database.
namespace mailfleet::storage {

/// A file descriptor that is closed when it goes.
class descriptor {
public:
  explicit descriptor(int number) noexcept : number_{number} {}
  descriptor(descriptor&& other) noexcept;
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();

  [[nodiscard]] explicit operator bool() const noexcept {
    return number_ >= 0;
  }
  [[nodiscard]] int number() const noexcept {
    return number_;
  }

private:
  int number_;
};

/// `storage_failed` with what errno says about `path`.
[[nodiscard]] failure system_failure(std::string_view action, const std::filesystem::path& path);

/// Makes a folder with mode 0700 that was not there, and syncs its parent.
[[nodiscard]] result<void> make_private_folder(const std::filesystem::path& path);

/// Makes a file with mode 0600 that was not there, syncs it and its folder.
[[nodiscard]] result<void> make_private_file(const std::filesystem::path& path,
                                             std::string_view content);

/// Reads a file of at most `max_small_file_bytes` bytes (`too_large`).
[[nodiscard]] result<std::string> read_small_file(const descriptor& file,
                                                  const std::filesystem::path& path);

/// Makes the names in a folder durable.
[[nodiscard]] result<void> sync_folder(const std::filesystem::path& path);

} // namespace mailfleet::storage
