#pragma once

#include "tools/daemon_config.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The table of the daemon's settings, from which flags and file are read.
namespace mailfleet::tools {

/// What a setting takes in the file.
enum class setting_kind : std::uint8_t {
  text = 1,
  number = 2,
  yes_or_no = 3,
  size = 4, ///< Bytes as a number, or a text such as `64 MiB`.
  list = 5,
};

struct setting_fault {
  std::string what;
  std::string cure;
};

using setting_values = std::vector<std::string>;

struct daemon_setting {
  /// In the file: `log.level` is `level` in `[log]`.
  std::string_view key;
  /// On the command line, without dashes; empty: in the file only.
  std::string_view flag;
  setting_kind kind;
  std::string_view help;
  std::optional<setting_fault> (*apply)(daemon_config& config, const setting_values& values);
};

[[nodiscard]] std::span<const daemon_setting> daemon_settings();

} // namespace mailfleet::tools
