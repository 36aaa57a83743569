#include "tools/mailfleet/options.hpp"

#include "tools/mailfleet/pkcs12.hpp"
#include "tools/secret_input.hpp"
#include "web/api_client.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>

namespace mailfleet::tools {

using nlohmann::json;

void secret_source::add(CLI::App& app, const std::string& as, const std::string& meaning) {
  name = as;
  what = meaning;
  auto* from_file = app.add_option("--" + as + "-file", file, "File that holds the " + meaning)
                        ->type_name("FILE");
  app.add_option("--" + as + "-fd", descriptor, "Descriptor to read the " + meaning + " from")
      ->type_name("N")
      ->excludes(from_file);
}

result<std::optional<secret>> secret_source::read() const {
  if (!given())
    return std::optional<secret>{};
  auto found = file.empty() ? read_secret_descriptor(descriptor) : read_secret_file(file);
  if (!found)
    return found.error();
  return std::optional{*std::move(found)};
}

result<secret> secret_source::read_or_prompt() const {
  auto found = read();
  if (!found)
    return found.error();
  if (*found)
    return **std::move(found);
  if (auto typed = prompt_for_secret(what))
    return *std::move(typed);
  return failure{errc::invalid_argument, "the " + what + " is missing; give --" + name
                                             + "-file FILE, --" + name
                                             + "-fd N, or type it on a terminal"};
}

void client_credential::add(CLI::App& app) {
  secret_text.add(app, "secret", "client secret, or key and certificate in PEM");
  app.add_option("--pkcs12", pkcs12, "File of key and certificate in PKCS #12 (.p12, .pfx)")
      ->type_name("FILE");
  pkcs12_password.add(app, "pkcs12-password", "password of that file");
}

result<secret> client_credential::read_or_prompt() const {
  if (pkcs12.empty())
    return secret_text.read_or_prompt();
  auto password = pkcs12_password.read_or_prompt();
  if (!password)
    return password.error();
  return pem_of_pkcs12(pkcs12, *password);
}

namespace {

/// The digits of a fingerprint, which `openssl x509 -fingerprint` prints in upper case and
/// with colons.
std::string pin_digits(const std::string& pin) {
  std::string digits;
  for (char c : pin)
    if (c != ':')
      digits.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return digits;
}

/// `HOST`, `HOST:PORT`, `[ADDRESS]:PORT`; port 0 if none is given, nothing for anything else.
std::optional<std::pair<std::string, unsigned>> split_address(std::string_view text) {
  auto end = text.size();
  std::string_view host = text;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == text.npos)
      return std::nullopt;
    host = text.substr(1, end - 1);
    ++end;
  } else if (std::ranges::count(text, ':') == 1) {
    end = text.find(':');
    host = text.substr(0, end);
  }
  if (host.empty())
    return std::nullopt;
  if (end == text.size())
    return std::pair{std::string{host}, 0U};
  unsigned port = 0;
  auto digits = text.substr(end + 1);
  auto [last, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  bool whole = text[end] == ':' && fault == std::errc{} && last == digits.data() + digits.size();
  if (!whole || port == 0 || port > 65'535)
    return std::nullopt;
  return std::pair{std::string{host}, port};
}

} // namespace

void server_options::add(CLI::App& app, const std::string& as, const std::string& called,
                         std::pair<unsigned, unsigned> usual) {
  name = as;
  usual_ports = usual;
  app.add_option("--" + as, address,
                 called + " (port " + std::to_string(usual.first) + " implicit, "
                     + std::to_string(usual.second) + " starttls)")
      ->type_name("HOST[:PORT]");
  app.add_option("--" + as + "-tls", tls,
                 "implicit or starttls; unless given, by the port: starttls for "
                     + std::to_string(usual.second))
      ->check(CLI::IsMember({"implicit", "starttls"}));
  app.add_option("--" + as + "-ca-file", ca_file, "PEM bundle for the " + called)
      ->type_name("FILE");
  app.add_option("--" + as + "-pin-sha256", pin,
                 "Trust this certificate of the " + called + " only")
      ->type_name("HEX");
}

result<void> server_options::put(json& request, const std::string& default_ca_file) const {
  if (address.empty()) {
    if (!tls.empty() || !ca_file.empty() || !pin.empty())
      return bad_field("--" + name, "is missing", "give the server that the other options are of");
    return {};
  }
  auto server = split_address(address);
  if (!server)
    return bad_field("--" + name, "is no HOST[:PORT]",
                     "give " + name + ".example.com or " + name
                         + ".example.com:" + std::to_string(usual_ports.second));
  auto& [host, port] = *server;
  auto mode = !tls.empty() ? tls : port == usual_ports.second ? "starttls" : "implicit";
  if (port == 0)
    port = mode == "starttls" ? usual_ports.second : usual_ports.first;
  json object{{"host", host}, {"port", port}, {"tls", mode}};
  const auto& bundle = ca_file.empty() ? default_ca_file : ca_file;
  if (!bundle.empty())
    object["ca_file"] = absolute_path(bundle);
  if (!pin.empty())
    object["pin_sha256"] = pin_digits(pin);
  request[name] = object;
  return {};
}

void other_servers::add(CLI::App& app) {
  smtp.add(app, "smtp", "SMTP server that takes mail to send", {465, 587});
  pop3.add(app, "pop3", "POP3 server", {995, 110});
}

result<void> other_servers::put(json& request, const std::string& ca_file) const {
  if (auto put = smtp.put(request, ca_file); !put)
    return put;
  return pop3.put(request, ca_file);
}

void imap_options::add(CLI::App& app) {
  app.add_option("--imap-host", host, "IMAP server")->type_name("HOST");
  app.add_option("--imap-port", port, "Its port (993 implicit, 143 starttls)")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65'535));
  app.add_option("--imap-tls", tls, "implicit or starttls")
      ->check(CLI::IsMember({"implicit", "starttls"}));
  app.add_option("--imap-ca-file", ca_file, "PEM bundle for the IMAP server")->type_name("FILE");
  app.add_option("--pin-sha256", pin, "Trust this certificate of the IMAP server only")
      ->type_name("HEX");
}

json imap_options::request(const std::string& default_ca_file) const {
  auto object = json::object();
  if (!host.empty()) {
    object["host"] = host;
    object["port"] = port != 0 ? port : tls == "starttls" ? 143U : 993U;
  } else if (port != 0) {
    object["port"] = port;
  }
  if (!tls.empty())
    object["tls"] = tls;
  const auto& bundle = ca_file.empty() ? default_ca_file : ca_file;
  if (!bundle.empty())
    object["ca_file"] = absolute_path(bundle);
  if (!pin.empty())
    object["pin_sha256"] = pin_digits(pin);
  return object.empty() ? json{} : object;
}

void proxy_options::add(CLI::App& app) {
  app.add_option("--proxy", url, "http://HOST:PORT, socks5h://HOST:PORT or direct")
      ->type_name("URL");
  app.add_option("--proxy-user", user, "User at the proxy")->type_name("NAME");
  password.add(app, "proxy-password", "password at the proxy");
  app.add_option("--no-proxy", no_proxy, "Hosts reached without it, parted by commas")
      ->type_name("HOST")
      ->delimiter(',');
}

result<json> proxy_options::request() const {
  auto object = json::object();
  if (!url.empty())
    object["url"] = url;
  if (!user.empty())
    object["user"] = user;
  if (!no_proxy.empty())
    object["no_proxy"] = no_proxy;
  auto found = password.read();
  if (!found)
    return found.error();
  if (*found)
    object["password"] = (*found)->reveal();
  return object.empty() ? json{} : object;
}

result<json> server_request(const imap_options& server, const proxy_options& proxy) {
  auto object = server.request("");
  auto proxied = proxy.request();
  if (!proxied)
    return proxied.error();
  if (!proxied->is_null())
    object["proxy"] = *proxied;
  return object;
}

std::string absolute_path(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

std::string query_text(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters)
    if (!value.empty())
      text.append(text.empty() ? "?" : "&")
          .append(name)
          .append("=")
          .append(web::percent_encode(value));
  return text;
}

} // namespace mailfleet::tools
