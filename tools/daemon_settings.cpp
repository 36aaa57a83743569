#include "tools/daemon_settings.hpp"

#include "tools/secret_input.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mailfleet::tools {

namespace {

using fault = std::optional<setting_fault>;
using values = setting_values;

/// More threads than this help nobody; 2 are plenty for ten thousand mailboxes.
constexpr std::uint64_t max_threads = 64;
constexpr std::uint64_t max_token_rate = 10'000;

/// One body chunk and what a session reads ahead must fit (messages/values/mail.hpp).
constexpr std::size_t min_budget = std::size_t{1} * 1'024 * 1'024;

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

fault set_number(std::string_view text, std::uint64_t least, std::uint64_t most, auto& into) {
  auto value = number_in(text);
  if (!value || *value < least || *value > most)
    return setting_fault{"is out of range", "give a number from " + std::to_string(least) + " to "
                                                + std::to_string(most)};
  into = static_cast<std::remove_reference_t<decltype(into)>>(*value);
  return std::nullopt;
}

/// Reads `1048576`, `64 MiB`, `64MiB`.
fault set_size(std::string_view text, std::size_t& into) {
  constexpr std::array units{std::pair{std::string_view{"KiB"}, 10U},
                             std::pair{std::string_view{"MiB"}, 20U},
                             std::pair{std::string_view{"GiB"}, 30U}};
  unsigned shift = 0;
  for (const auto& [unit, bits] : units) {
    if (text.ends_with(unit)) {
      text.remove_suffix(unit.size());
      shift = bits;
    }
  }
  while (text.ends_with(' '))
    text.remove_suffix(1);
  auto value = number_in(text);
  // 1 TiB: what is above is a slip, and must not overflow.
  constexpr auto most = std::uint64_t{1} << 40;
  if (!value || *value > (most >> shift) || (*value << shift) < min_budget)
    return setting_fault{"is not a size from 1 MiB to 1 TiB", "give one such as 64 MiB"};
  into = static_cast<std::size_t>(*value << shift);
  return std::nullopt;
}

fault set_path(std::string_view text, std::filesystem::path& into) {
  if (text.empty())
    return setting_fault{"is empty", "give a path"};
  into = std::filesystem::absolute(text).lexically_normal();
  return std::nullopt;
}

fault set_listen(std::string_view text, daemon_config& config) {
  auto colon = text.rfind(':');
  if (colon == text.npos || colon == 0)
    return setting_fault{"is not ADDRESS:PORT", "give one such as 127.0.0.1:8025 or [::1]:8025"};
  auto address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  config.callback_address = address;
  return set_number(text.substr(colon + 1), 0, 65'535, config.callback_port);
}

fault set_public_url(std::string_view text, std::string& into) {
  auto mark = text.find("://");
  auto host = mark == text.npos ? std::string_view{} : text.substr(mark + 3);
  auto port = host.rfind(':');
  auto name = port == host.npos || host.ends_with(']') ? host : host.substr(0, port);
  bool secure = text.starts_with("https://");
  bool loopback = text.starts_with("http://")
                  && (name == "localhost" || name == "127.0.0.1" || name == "[::1]");
  if (!secure && !loopback)
    return setting_fault{"is neither https nor http on loopback",
                         "identity providers take no other; give https://HOST"};
  if (host.empty() || host.find_first_of("/?#@ ") != host.npos)
    return setting_fault{"is not a plain origin", "give scheme, host and port only"};
  into = text;
  return std::nullopt;
}

template <class Enum, std::size_t Count>
fault set_word(std::string_view text,
               const std::array<std::pair<std::string_view, Enum>, Count>& words, Enum& into) {
  std::string known;
  for (const auto& [word, value] : words) {
    if (word == text) {
      into = value;
      return std::nullopt;
    }
    known.append(known.empty() ? "" : ", ").append(word);
  }
  return setting_fault{"has an unknown value", "give one of: " + known};
}

constexpr std::array format_words{std::pair{std::string_view{"text"}, log_format::text},
                                  std::pair{std::string_view{"json"}, log_format::json}};

constexpr std::array level_words{std::pair{std::string_view{"debug"}, log_level::debug},
                                 std::pair{std::string_view{"info"}, log_level::info},
                                 std::pair{std::string_view{"warning"}, log_level::warning},
                                 std::pair{std::string_view{"error"}, log_level::error}};

fault set_proxy_url(std::string_view text, std::string& into) {
  if (text != "direct" && !text.starts_with("http://") && !text.starts_with("socks5h://"))
    return setting_fault{"is no proxy we know",
                         "give http://HOST:PORT, socks5h://HOST:PORT, or direct"};
  if (text.find('@') != text.npos)
    return setting_fault{"holds credentials", "give proxy.user and proxy.password_file"};
  into = text;
  return std::nullopt;
}

fault set_password(const std::string& file, secret& into) {
  auto password = read_secret_file(file);
  if (!password)
    return setting_fault{"cannot be read: " + password.error().detail, "give a file that can"};
  into = *std::move(password);
  return std::nullopt;
}

constexpr std::array settings_table{
    daemon_setting{"state", "state", setting_kind::text, "Folder of the store",
                   [](daemon_config& c, const values& v) { return set_path(v[0], c.state); }},
    daemon_setting{"key_file", "key-file", setting_kind::text,
                   "File of the key-encryption key, outside the state folder",
                   [](daemon_config& c, const values& v) { return set_path(v[0], c.key_file); }},
    daemon_setting{"socket", "socket", setting_kind::text,
                   "Control socket (default STATE/control.sock)",
                   [](daemon_config& c, const values& v) { return set_path(v[0], c.socket); }},
    daemon_setting{"threads", "threads", setting_kind::number, "Network threads",
                   [](daemon_config& c, const values& v) {
                     return set_number(v[0], 1, max_threads, c.threads);
                   }},
    daemon_setting{"callback.listen", "callback-listen", setting_kind::text,
                   "ADDRESS:PORT for the sign-in callback; on loopback without a certificate",
                   [](daemon_config& c, const values& v) { return set_listen(v[0], c); }},
    daemon_setting{
        "callback.certificate", "callback-certificate", setting_kind::text,
        "PEM file of certificate and chain: the callback speaks TLS, at any address",
        [](daemon_config& c, const values& v) { return set_path(v[0], c.callback_certificate); }},
    daemon_setting{
        "callback.key", "callback-key", setting_kind::text, "PEM file of the certificate's key",
        [](daemon_config& c, const values& v) { return set_path(v[0], c.callback_key); }},
    daemon_setting{
        "callback.public_url", "public-url", setting_kind::text,
        "Origin that browsers see: https://HOST",
        [](daemon_config& c, const values& v) { return set_public_url(v[0], c.public_url); }},
    daemon_setting{"log.format", "log-format", setting_kind::text, "text or json",
                   [](daemon_config& c, const values& v) {
                     return set_word(v[0], format_words, c.log_format);
                   }},
    daemon_setting{
        "log.level", "log-level", setting_kind::text, "debug, info, warning or error",
        [](daemon_config& c, const values& v) { return set_word(v[0], level_words, c.log_level); }},
    daemon_setting{
        "memory.budget", "memory-budget", setting_kind::size,
        "Mail between sockets and disk, all mailboxes",
        [](daemon_config& c, const values& v) { return set_size(v[0], c.memory_budget); }},
    daemon_setting{
        "memory.mailbox_budget", "mailbox-budget", setting_kind::size,
        "Mail between sockets and disk, one mailbox",
        [](daemon_config& c, const values& v) { return set_size(v[0], c.mailbox_budget); }},
    daemon_setting{"tokens.rate", "token-rate", setting_kind::number,
                   "Requests to a provider's token endpoint in any one second, at most",
                   [](daemon_config& c, const values& v) {
                     return set_number(v[0], 1, max_token_rate, c.token_rate);
                   }},
    daemon_setting{
        "proxy.url", "proxy", setting_kind::text,
        "Outbound proxy: http://HOST:PORT, socks5h://HOST:PORT or direct",
        [](daemon_config& c, const values& v) { return set_proxy_url(v[0], c.proxy.url); }},
    daemon_setting{"proxy.user", "proxy-user", setting_kind::text, "User at the proxy",
                   [](daemon_config& c, const values& v) -> fault {
                     c.proxy.user = v[0];
                     return std::nullopt;
                   }},
    daemon_setting{
        "proxy.password_file", "proxy-password-file", setting_kind::text,
        "File of the password at the proxy",
        [](daemon_config& c, const values& v) { return set_password(v[0], c.proxy.password); }},
    daemon_setting{"proxy.no_proxy", "no-proxy", setting_kind::list,
                   "Hosts reached without the proxy, parted by commas",
                   [](daemon_config& c, const values& v) -> fault {
                     c.proxy.no_proxy = v;
                     return std::nullopt;
                   }},
    daemon_setting{"proxy.use_environment", "use-environment-proxy", setting_kind::yes_or_no,
                   "Take the proxy from http_proxy and its like",
                   [](daemon_config& c, const values& v) -> fault {
                     c.use_environment_proxy = v[0] == "true";
                     return std::nullopt;
                   }},
};

} // namespace

std::span<const daemon_setting> daemon_settings() {
  return settings_table;
}

} // namespace mailfleet::tools
