#include "storage/key_file.hpp"

#include "storage/files.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace mailfleet::storage {

namespace {

constexpr std::string_view title = "mailfleet key-encryption key\n";
constexpr std::string_view format_line = "format ";
constexpr std::string_view known_format = "format 1\n";
constexpr std::string_view key_line = "key ";

failure bad_key_file(const std::filesystem::path& path, std::string_view fault) {
  std::string detail{"the key file "};
  detail.append(printable(path.string())).append(" ").append(fault);
  return {errc::storage_wrong_key, std::move(detail)};
}

bool read_hex(std::string_view text, std::string& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (text.size() != 2 * key_bytes || text.find_first_not_of(digits) != text.npos)
    return false;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    unsigned byte = 0;
    std::from_chars(text.data() + at, text.data() + at + 2, byte, 16);
    bytes.push_back(static_cast<char>(byte));
  }
  return true;
}

result<cipher_key> parse(std::string_view text, const std::filesystem::path& path) {
  if (!text.starts_with(title))
    return bad_key_file(path, "is not a key file; `mailfleetd init` makes one");
  text.remove_prefix(title.size());
  if (!text.starts_with(known_format)) {
    if (text.starts_with(format_line))
      return failure{errc::storage_newer_format,
                     "the key file has a newer format: run the newer program"};
    return bad_key_file(path, "names no format");
  }
  text.remove_prefix(known_format.size());
  if (!text.starts_with(key_line) || !text.ends_with('\n'))
    return bad_key_file(path, "is cut short; put the copy back that was kept elsewhere");
  text.remove_prefix(key_line.size());
  text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(key_bytes);
  if (!read_hex(text, bytes))
    return bad_key_file(path, "holds no key; put the copy back that was kept elsewhere");
  cipher_key key{bytes};
  ::explicit_bzero(bytes.data(), bytes.size());
  return key;
}

} // namespace

result<void> make_key_file(const std::filesystem::path& path, random_source& random) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored)))
    return failure{errc::already_exists,
                   "the key file " + printable(path.string()) + " exists; name a new one"};
  constexpr std::string_view digits = "0123456789abcdef";
  auto bytes = random.bytes(key_bytes);
  std::string text;
  text.reserve(title.size() + known_format.size() + key_line.size() + 2 * key_bytes + 1);
  text.append(title).append(known_format).append(key_line);
  for (auto byte : bytes) {
    text.push_back(digits[static_cast<unsigned char>(byte) >> 4]);
    text.push_back(digits[static_cast<unsigned char>(byte) & 0xf]);
  }
  text.push_back('\n');
  auto made = make_private_file(path, text);
  ::explicit_bzero(text.data(), text.size());
  ::explicit_bzero(bytes.data(), bytes.size());
  return made;
}

result<cipher_key> read_key_file(const std::filesystem::path& path) {
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file && errno == ENOENT)
    return failure{errc::storage_missing,
                   "there is no key file " + printable(path.string())
                       + "; `mailfleetd init --state DIR --key-file FILE` makes"
                         " one, for a new state folder"};
  struct stat facts {};
  if (!file || ::fstat(file.number(), &facts) != 0)
    return system_failure("open the key file", path);
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return bad_key_file(path, "can be touched by others than its owner; run `chmod 600` on it");
  auto text = read_small_file(file, path);
  if (!text)
    return text.error();
  auto key = parse(*text, path);
  ::explicit_bzero(text->data(), text->size());
  return key;
}

} // namespace mailfleet::storage
