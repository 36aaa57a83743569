#pragma once

#include "messages/values/result.hpp"
#include "messages/values/secret.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

/// Options that several commands have, and what they come to in a request.
namespace mailfleet::tools {

/// Where a secret is read from.
struct secret_source {
  /// `--NAME-file` and `--NAME-fd`.
  void add(CLI::App& app, const std::string& name, const std::string& what);

  [[nodiscard]] bool given() const noexcept {
    return !file.empty() || descriptor >= 0;
  }

  /// From file or descriptor; nothing if neither is given.
  [[nodiscard]] result<std::optional<secret>> read() const;

  /// Like `read`, and asks on the terminal if neither is given.
  [[nodiscard]] result<secret> read_or_prompt() const;

  std::string name;
  std::string what;
  std::string file;
  int descriptor = -1;
};

/// `--secret-file`, `--secret-fd`, or `--pkcs12` with its password: what a client proves
/// itself with.
struct client_credential {
  void add(CLI::App& app);

  [[nodiscard]] bool given() const noexcept {
    return secret_text.given() || !pkcs12.empty();
  }

  /// The secret, or key and certificate in PEM; asks on the terminal for what is not
  /// given.
  [[nodiscard]] result<secret> read_or_prompt() const;

  secret_source secret_text;
  std::string pkcs12;
  secret_source pkcs12_password;
};

/// `--imap-...`, of a provider or a mailbox.
struct imap_options {
  void add(CLI::App& app);

  /// The `imap` object; null if none of them is given.
  [[nodiscard]] nlohmann::json request(const std::string& ca_file) const;

  std::string host;
  unsigned port = 0;
  std::string tls;
  std::string ca_file;
  std::string pin;
};

/// `--smtp...` or `--pop3...`: another server of a provider or a mailbox.
struct server_options {
  /// Options of a server with this name (`smtp`), which people call `called`; `usual` are
  /// its ports with implicit TLS and with STARTTLS.
  void add(CLI::App& app, const std::string& as, const std::string& called,
           std::pair<unsigned, unsigned> usual);

  /// Puts the object under the server's name, if one of the options is given.
  [[nodiscard]] result<void> put(nlohmann::json& request, const std::string& ca_file) const;

  std::string name;
  std::pair<unsigned, unsigned> usual_ports;
  /// `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`.
  std::string address;
  std::string tls;
  std::string ca_file;
  std::string pin;
};

/// The two beside the IMAP server.
struct other_servers {
  void add(CLI::App& app);
  [[nodiscard]] result<void> put(nlohmann::json& request, const std::string& ca_file) const;

  server_options smtp;
  server_options pop3;
};

/// `--proxy...`.
struct proxy_options {
  void add(CLI::App& app);

  /// The `proxy` object; null if none of them is given.
  [[nodiscard]] result<nlohmann::json> request() const;

  std::string url;
  std::string user;
  secret_source password;
  std::vector<std::string> no_proxy;
};

/// The `imap` object with its proxy in it; null if nothing is given.
[[nodiscard]] result<nlohmann::json> server_request(const imap_options& server,
                                                    const proxy_options& proxy);

/// The path as the daemon, which has another working folder, finds it.
[[nodiscard]] std::string absolute_path(const std::string& path);

/// `a&b`, of the pairs that have a value; with `?` before them if there is one.
[[nodiscard]] std::string
query_text(const std::vector<std::pair<std::string, std::string>>& parameters);

} // namespace mailfleet::tools
