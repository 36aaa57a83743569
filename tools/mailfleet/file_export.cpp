#include "tools/mailfleet/file_export.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
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
  auto beside = path + ".XXXXXX";
  int file = ::mkstemp(beside.data());
  if (file < 0)
    return system_failure(errc::invalid_argument, path);
  return file_export{path, std::move(beside), file};
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
