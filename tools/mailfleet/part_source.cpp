#include "tools/mailfleet/part_source.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mailfleet::tools {

namespace {

failure unreadable(const std::string& name, const std::string& why) {
  return {errc::invalid_argument,
          name + " cannot be read: " + why + "; name a file, a pipe, or - for standard input"};
}

failure system_failure(const std::string& name) {
  return unreadable(name, std::system_category().message(errno));
}

} // namespace

result<part_source> part_source::open(const std::string& option, const std::string& path) {
  auto name = option + " " + path;
  int file = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return system_failure(name);
  struct ::stat about {};
  if (::fstat(file, &about) != 0) {
    auto failed = system_failure(name);
    ::close(file);
    return failed;
  }
  auto size = S_ISREG(about.st_mode) ? std::optional{static_cast<std::uint64_t>(about.st_size)}
                                     : std::nullopt;
  part_source opened{std::move(name), file, size};
  if (S_ISDIR(about.st_mode))
    return unreadable(opened.name_, "it is a folder");
  return opened;
}

part_source::part_source(std::string name, int file, std::optional<std::uint64_t> size)
  : name_{std::move(name)}, file_{file}, size_{size} {}

part_source::part_source(part_source&& other) noexcept
  : name_{std::move(other.name_)},
    file_{std::exchange(other.file_, -1)},
    size_{other.size_},
    ahead_{std::move(other.ahead_)},
    ended_{other.ended_} {}

part_source::~part_source() {
  if (file_ >= 0)
    ::close(file_);
}

result<std::string> part_source::next() {
  auto bytes = std::exchange(ahead_, {});
  auto known = bytes.size();
  bytes.resize(upload_part_bytes + 1);
  while (known < bytes.size()) {
    auto count = ::read(file_, bytes.data() + known, bytes.size() - known);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return system_failure(name_);
    if (count == 0)
      break;
    known += static_cast<std::size_t>(count);
  }
  ended_ = known <= upload_part_bytes;
  if (!ended_)
    ahead_ = bytes.back();
  bytes.resize(ended_ ? known : upload_part_bytes);
  return bytes;
}

result<std::string> read_whole(const std::string& option, const std::string& path,
                               std::size_t limit, const std::string& cure) {
  auto source = part_source::open(option, path);
  if (!source)
    return source.error();
  std::string whole;
  while (!source->ended()) {
    auto part = source->next();
    if (!part)
      return part.error();
    whole += *part;
    if (whole.size() > limit)
      return bad_field(option + " " + path, "is larger than " + std::to_string(limit) + " bytes",
                       cure);
  }
  return whole;
}

} // namespace mailfleet::tools
