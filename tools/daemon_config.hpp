#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"
#include "tools/spdlog_log.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mailfleet::tools {

/// What `mailfleetd` runs with. Paths are absolute.
struct daemon_config {
  /// Where the store is; must be given.
  std::filesystem::path state{};
  /// The key-encryption key, outside `state`; must be given.
  std::filesystem::path key_file{};
  /// The control socket; `STATE/control.sock` unless given.
  std::filesystem::path socket{};
  std::string callback_address = "127.0.0.1";
  std::uint16_t callback_port = 8025;
  /// Of the callback, PEM; empty: plain HTTP, behind a proxy with TLS.
  std::filesystem::path callback_certificate{};
  std::filesystem::path callback_key{};
  /// The origin that browsers see: scheme, host and port, nothing behind;
  /// `http://ADDRESS:PORT` of the callback unless given.
  std::string public_url{};
  tools::log_format log_format = tools::log_format::text;
  mailfleet::log_level log_level = mailfleet::log_level::info;
  /// Bytes of mail that may be between sockets and disk, for all and for one.
  std::size_t memory_budget = std::size_t{64} * 1'024 * 1'024;
  std::size_t mailbox_budget = std::size_t{4} * 1'024 * 1'024;
  /// Requests to one provider's token endpoint in any one second.
  std::size_t token_rate = 50;
  /// The outermost level; `direct` unless given.
  proxy_settings proxy{};
  /// Take the proxy from http_proxy and its like.
  bool use_environment_proxy = false;
  /// Network threads.
  std::size_t threads = 1;
};

/// What the command line said, by the setting's key in the file.
struct daemon_flags {
  std::string config_file;
  std::map<std::string, std::vector<std::string>> given;
};

/// Adds `--config FILE` and one flag a setting. `into` outlives the parse.
void add_daemon_flags(CLI::App& app, daemon_flags& into);

/// Flags before file before defaults. A fault names `FILE:LINE` or the flag,
/// the field and the cure; a file that cannot be read is a fault, too.
[[nodiscard]] result<daemon_config> load_daemon_config(const daemon_flags& flags);

} // namespace mailfleet::tools
