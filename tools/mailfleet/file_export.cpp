#include "tools/mailfleet/file_export.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace mailfleet::tools {

namespace {

failure system_failure(errc code, const std::string& path) {
  return {code, "cannot write " + path + ": " + std::system_category().message(errno)};
}

} // namespace

result<file_export> file_export::open(const std::string& path) {
  if (path == "-")
    return file_export{path, "", STDOUT_FILENO};
  namespace fs = std::filesystem;
  std::error_code failed;
  auto kind = fs::status(path, failed).type();
  if (kind == fs::file_type::directory)
    return failure{errc::invalid_argument, "cannot write " + path + ": it is a folder"};
  // A pipe or device must stay what it is.
  if (kind != fs::file_type::regular && kind != fs::file_type::not_found) {
    int device = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (device < 0)
      return system_failure(errc::invalid_argument, path);
    return file_export{path, "", device};
  }
  // So must a symbolic link: it is its target that is replaced.
  auto target = fs::is_symlink(path, failed) ? fs::weakly_canonical(path, failed).string() : path;
  auto beside = target + ".XXXXXX";
  int file = ::mkstemp(beside.data());
  if (file < 0)
    return system_failure(errc::invalid_argument, path);
  return file_export{target, std::move(beside), file};
}

file_export::file_export(std::string path, std::string beside, int file)
  : path_{std::move(path)}, beside_{std::move(beside)}, file_{file} {}

file_export::file_export(file_export&& other) noexcept
  : path_{std::move(other.path_)},
    beside_{std::exchange(other.beside_, {})},
    file_{std::exchange(other.file_, -1)} {}

file_export::~file_export() {
  if (!beside_.empty())
    ::unlink(beside_.c_str());
  if (file_ > STDERR_FILENO)
    ::close(file_);
}

result<void> file_export::write(std::string_view bytes) {
  while (!bytes.empty()) {
    auto count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return system_failure(errc::storage_failed, path_);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

result<void> file_export::keep() {
  if (beside_.empty())
    return {};
  if (::rename(beside_.c_str(), path_.c_str()) != 0)
    return system_failure(errc::storage_failed, path_);
  beside_.clear();
  return {};
}

} // namespace mailfleet::tools
