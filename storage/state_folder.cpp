#include "storage/state_folder.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailfleet::storage {

namespace {

constexpr std::string_view title = "mailfleet state folder\n";
constexpr std::string_view format_line = "format ";
constexpr std::string_view known_format = "format 1\n";

failure missing(const std::filesystem::path& state, std::string_view fault) {
  std::string detail{printable(state.string())};
  detail.append(" ").append(fault).append(
      "; `mailfleetd init --state DIR --key-file FILE` makes one");
  return {errc::storage_missing, std::move(detail)};
}

std::filesystem::path format_file(const std::filesystem::path& state) {
  return state / "format";
}

failure locked_by(const descriptor& lock, const std::filesystem::path& path) {
  auto holder = read_small_file(lock, path);
  std::string pid = holder ? *holder : std::string{};
  pid.erase(std::min(pid.find_first_not_of("0123456789"), pid.size()));
  return {errc::storage_locked, "the state folder is in use by process "
                                    + (pid.empty() ? std::string{"(unknown)"} : pid)
                                    + "; stop it first"};
}

} // namespace

std::filesystem::path database_folder(const std::filesystem::path& state) {
  return state / "db";
}

result<void> make_state_folder(const std::filesystem::path& state) {
  if (auto free = check_free(state); !free)
    return free;
  std::error_code failed;
  if (std::filesystem::exists(state, failed))
    std::filesystem::permissions(state, std::filesystem::perms::owner_all, failed);
  else if (auto made = make_private_folder(state); !made)
    return made;
  if (failed)
    return failure{errc::storage_failed,
                   "cannot make " + printable(state.string()) + " private: " + failed.message()};
  return make_private_folder(database_folder(state));
}

result<void> check_free(const std::filesystem::path& state) {
  std::error_code ignored;
  auto kind = std::filesystem::symlink_status(state, ignored).type();
  bool empty_folder =
      kind == std::filesystem::file_type::directory && std::filesystem::is_empty(state, ignored);
  if (kind == std::filesystem::file_type::not_found || empty_folder)
    return {};
  return failure{errc::already_exists, "the state folder " + printable(state.string())
                                           + " exists and is not an empty folder; name another"};
}

result<void> finish_state_folder(const std::filesystem::path& state) {
  return make_private_file(format_file(state), std::string{title}.append(known_format));
}

result<void> check_state_folder(const std::filesystem::path& state) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(state, ignored))
    return missing(state, "is not there");
  if (std::filesystem::is_empty(state, ignored))
    return missing(state, "is empty");
  auto path = format_file(state);
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file && errno == ENOENT)
    return missing(state, "is no state folder, or was never finished");
  if (!file)
    return system_failure("open", path);
  auto text = read_small_file(file, path);
  if (!text)
    return text.error();
  if (*text == std::string{title}.append(known_format))
    return {};
  if (text->starts_with(std::string{title}.append(format_line)))
    return failure{errc::storage_newer_format, "the state folder has a newer format than this"
                                               " program knows: run the newer program"};
  return failure{errc::storage_corrupt, "the file " + printable(path.string())
                                            + " does not say what it should; put it back from"
                                              " a copy"};
}

result<descriptor> lock_state_folder(const std::filesystem::path& state) {
  auto path = state / "lock";
  descriptor lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)};
  if (!lock)
    return system_failure("open", path);
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return locked_by(lock, path);
    return system_failure("lock", path);
  }
  // What a process that ended left in it says nothing: the lock alone counts.
  auto pid = std::to_string(::getpid()) + '\n';
  if (::ftruncate(lock.number(), 0) != 0
      || ::pwrite(lock.number(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return system_failure("write", path);
  return lock;
}

} // namespace mailfleet::storage
