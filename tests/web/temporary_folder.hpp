#pragma once

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <string>
#include <string_view>

namespace mailfleet::testing {

/// A folder that goes with its owner.
class temporary_folder {
public:
  temporary_folder() {
    std::string name = "/tmp/mailfleet-test-XXXXXX";
    path = ::mkdtemp(name.data());
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::filesystem::remove_all(path);
  }

  /// Writes a file; gives its path.
  std::string file(const std::string& name, std::string_view content) const {
    std::ofstream{path / name, std::ios::binary} << content;
    return (path / name).string();
  }

  std::filesystem::path path;
};

} // namespace mailfleet::testing
