#pragma once

#include "messages/values/result.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace mailfleet::tools {

/// A file that is there whole or not at all: bytes go to a file beside it
/// (mode 0600, for it holds mail), which takes its name at the end. `-` is
/// standard output; a pipe or device is written to as it is, a symbolic link stays.
class file_export {
public:
  /// Fails with `invalid_argument` if the folder takes no file.
  [[nodiscard]] static result<file_export> open(const std::string& path);

  file_export(file_export&& other) noexcept;
  file_export& operator=(file_export&&) = delete;
  /// Removes what was not kept.
  ~file_export();

  /// Fails with `storage_failed`.
  [[nodiscard]] result<void> write(std::string_view bytes);

  /// Gives it its name.
  [[nodiscard]] result<void> keep();

private:
  file_export(std::string path, std::string beside, int file);

  std::string path_;
  /// Empty for standard output, and once it was kept.
  std::string beside_;
  int file_;
};

} // namespace mailfleet::tools
