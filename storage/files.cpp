#include "storage/files.hpp"

#include "storage/limits.hpp"

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mailfleet::storage {

namespace {

/// The folder that holds a path.
std::filesystem::path parent_of(const std::filesystem::path& path) {
  auto parent = path.parent_path();
  return parent.empty() ? std::filesystem::path{"."} : parent;
}

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    auto written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

} // namespace

descriptor::descriptor(descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

descriptor::~descriptor() {
  if (number_ >= 0)
    ::close(number_);
}

failure system_failure(std::string_view action, const std::filesystem::path& path) {
  auto words = std::generic_category().message(errno);
  std::string detail{"cannot "};
  detail.append(action).append(" ").append(printable(path.string())).append(": ").append(words);
  return {errc::storage_failed, std::move(detail)};
}

result<void> make_private_folder(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), S_IRWXU) != 0)
    return system_failure("make the folder", path);
  return sync_folder(parent_of(path));
}

result<void> make_private_file(const std::filesystem::path& path, std::string_view content) {
  descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
  if (!file)
    return system_failure("make the file", path);
  if (!write_all(file.number(), content) || ::fsync(file.number()) != 0)
    return system_failure("write the file", path);
  return sync_folder(parent_of(path));
}

result<std::string> read_small_file(const descriptor& file, const std::filesystem::path& path) {
  std::string content(max_small_file_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    auto got = ::read(file.number(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return system_failure("read the file", path);
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  if (size > max_small_file_bytes)
    return failure{errc::too_large, printable(path.string()) + " is too large to be one of ours"};
  content.resize(size);
  return content;
}

result<void> sync_folder(const std::filesystem::path& path) {
  descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::fsync(folder.number()) != 0)
    return system_failure("sync the folder", path);
  return {};
}

} // namespace mailfleet::storage
