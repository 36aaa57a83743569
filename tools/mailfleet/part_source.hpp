#pragma once

#include "messages/values/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace mailfleet::tools {

/// What mailfleetd takes as one part of an upload; each but the last has exactly so many bytes.
inline constexpr std::size_t upload_part_bytes = 262'144;

/// The bytes of a file, a pipe, or standard input (`-`), part by part: one is held at a time.
class part_source {
public:
  /// Fails with `invalid_argument` that names the option, and says what is to be done.
  [[nodiscard]] static result<part_source> open(const std::string& option, const std::string& path);

  part_source(part_source&& other) noexcept;
  part_source& operator=(part_source&&) = delete;
  ~part_source();

  /// The next part: `upload_part_bytes`, or fewer if it is the last. Fails like `open`.
  [[nodiscard]] result<std::string> next();

  /// Whether nothing is behind what `next` gave last.
  [[nodiscard]] bool ended() const noexcept {
    return ended_;
  }

  /// Of a file; nothing for what has none.
  [[nodiscard]] std::optional<std::uint64_t> size() const noexcept {
    return size_;
  }

private:
  part_source(std::string name, int file, std::optional<std::uint64_t> size);

  /// Option and path, for failures.
  std::string name_;
  int file_;
  std::optional<std::uint64_t> size_;
  /// Read ahead, to know whether there is more.
  std::string ahead_;
  bool ended_ = false;
};

/// All of a source that has at most `limit` bytes. Fails like `part_source::open`, with `cure` for
/// one that is longer.
[[nodiscard]] result<std::string> read_whole(const std::string& option, const std::string& path,
                                             std::size_t limit, const std::string& cure);

} // namespace mailfleet::tools
