#include "jobs/fields.hpp"

#include "jobs/limits.hpp"
#include "jobs/provider_presets.hpp"
#include "messages/values/url.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace mailfleet::jobs {

namespace {

using namespace std::string_view_literals;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string at_most(std::size_t limit) {
  return "give at most " + std::to_string(limit) + " bytes";
}

/// RFC 5322 3.2.3, and any character beyond ASCII (RFC 6531 3.3).
bool is_local_part_byte(char c) {
  return !is_ascii(c) || is_alphanumeric(c)
         || "!#$%&'*+-/=?^_`{|}~."sv.find(c) != std::string::npos;
}

bool is_domain(std::string_view domain) {
  return is_host(domain) && domain.find(':') == std::string_view::npos;
}

/// A host, an address, or `.suffix`.
bool is_proxy_exception(std::string_view text) {
  return is_host(text.starts_with('.') ? text.substr(1) : text);
}

result<void> check_proxy_url(std::string_view field, std::string_view text) {
  constexpr std::array schemes{"http"sv, "socks5"sv, "socks5h"sv};
  constexpr auto cure = "give http://HOST:PORT, socks5://HOST:PORT, socks5h://HOST:PORT or direct";
  if (text.empty() || text == "direct")
    return {};
  auto address = parse_url(text);
  if (!address || std::ranges::find(schemes, address->scheme) == schemes.end())
    return bad_field(field, "is no proxy address", cure);
  if (address->has_user_info)
    return bad_field(field, "holds a user name or password", "give them in their own fields");
  if (!address->port)
    return bad_field(field, "names no port", cure);
  if ((!address->path.empty() && address->path != "/") || address->query || address->has_fragment)
    return bad_field(field, "has more than host and port", cure);
  return {};
}

} // namespace

result<void> check_name(std::string_view field, std::string_view name) {
  auto is_allowed = [](char c) {
    return is_alphanumeric(c) || "._-"sv.find(c) != std::string::npos;
  };
  if (name.empty())
    return bad_field(field, "is empty", "give a name such as office");
  if (name.size() > max_name_bytes)
    return bad_field(field, "is too long", at_most(max_name_bytes));
  if (!is_alphanumeric(name.front()) || !std::ranges::all_of(name, is_allowed))
    return bad_field(field, "has other characters than letters, digits, '.', '_' and '-'",
                     "give a name such as office, beginning with a letter or digit");
  if (parse_entity_id(name))
    return bad_field(field, "looks like an id",
                     "give a name that is not twelve hexadecimal digits");
  return {};
}

result<void> check_visible(std::string_view field, std::string_view text, std::size_t limit) {
  if (text.empty())
    return bad_field(field, "is empty", "give its value");
  if (text.size() > limit)
    return bad_field(field, "is too long", at_most(limit));
  if (!std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; }))
    return bad_field(field, "has control bytes or characters beyond ASCII",
                     "copy it again, without line ends");
  if (text.front() == ' ' || text.back() == ' ')
    return bad_field(field, "begins or ends with a blank", "copy it again, without blanks");
  return {};
}

result<void> check_redirect_uri(std::string_view field, std::string_view uri) {
  if (uri.size() > max_redirect_uri_bytes)
    return bad_field(field, "is too long", at_most(max_redirect_uri_bytes));
  auto address = parse_url(uri);
  if (!address)
    return bad_field(field, "is no absolute address",
                     "give the URI exactly as registered, such as https://HOST/callback");
  if (!is_confidential(*address))
    return bad_field(field, "is not https",
                     "use https://; http:// is for this machine only: localhost or 127.0.0.1");
  if (address->has_user_info)
    return bad_field(field, "holds a user name", "remove everything before '@'");
  if (address->has_fragment)
    return bad_field(field, "has a fragment", "remove '#' and what follows");
  if (uri.find('*') != std::string_view::npos)
    return bad_field(field, "has a wildcard", "give one exact address");
  if (address->path.empty())
    return bad_field(field, "has no path",
                     "end it with a path, at least '/': the provider would add one");
  return {};
}

result<void> check_discovery_url(std::string_view field, std::string_view text) {
  constexpr auto suffix = "/.well-known/openid-configuration"sv;
  constexpr auto cure =
      "give the whole address, such as https://HOST/.well-known/openid-configuration";
  if (text.size() > max_url_bytes)
    return bad_field(field, "is too long", at_most(max_url_bytes));
  auto address = parse_url(text);
  if (!address || address->has_user_info || address->has_fragment || address->query)
    return bad_field(field, "is no plain address", cure);
  if (!is_confidential(*address))
    return bad_field(field, "is not https", "use https://; http:// is for this machine only");
  if (!address->path.ends_with(suffix))
    return bad_field(field, "does not end in /.well-known/openid-configuration", cure);
  return {};
}

result<void> check_tenant(std::string_view field, std::string_view tenant) {
  constexpr std::array words{"organizations"sv, "common"sv, "consumers"sv};
  auto is_tenant_domain = [](std::string_view text) {
    return is_host(text) && text.find('.') != std::string_view::npos
           && text.find(':') == std::string_view::npos
           && !std::ranges::all_of(text.substr(text.rfind('.') + 1),
                                   [](char c) { return c >= '0' && c <= '9'; });
  };
  if (is_guid(tenant) || std::ranges::find(words, tenant) != words.end()
      || is_tenant_domain(tenant))
    return {};
  return bad_field(field, tenant.empty() ? "is empty" : "is no tenant",
                   "give the directory (tenant) id, a domain of the tenant, organizations, common "
                   "or consumers");
}

result<void> check_scope(std::string_view field, std::string_view scope) {
  // RFC 6749 3.3: no blank, quote or backslash.
  auto is_allowed = [](char c) { return c >= 0x21 && c <= 0x7e && c != '"' && c != '\\'; };
  if (scope.empty() || scope.size() > max_scope_bytes || !std::ranges::all_of(scope, is_allowed))
    return bad_field(field, "holds what is no scope",
                     "give each scope by itself, without blanks, quotes or backslashes, at most "
                         + std::to_string(max_scope_bytes) + " bytes");
  return {};
}

result<void> check_address(std::string_view field, std::string_view address) {
  constexpr auto cure = "give one address such as box@example.com";
  if (address.empty())
    return bad_field(field, "is empty", cure);
  if (address.size() > max_address_bytes)
    return bad_field(field, "is too long", at_most(max_address_bytes));
  if (printable(address, max_address_bytes) != address)
    return bad_field(field, "has control characters or bytes that are not UTF-8", cure);
  auto at = address.find('@');
  if (at == std::string_view::npos || at != address.rfind('@'))
    return bad_field(field, "has not exactly one '@'", cure);
  auto local = address.substr(0, at);
  if (local.empty() || !std::ranges::all_of(local, is_local_part_byte))
    return bad_field(field, "has nothing, a blank or a special character before '@'", cure);
  if (local.size() > max_local_part_bytes)
    return bad_field(field, "is too long before '@'", at_most(max_local_part_bytes));
  // Mails name theirs so, and a mail's author is compared with it.
  if (!std::ranges::all_of(address.substr(at + 1), is_ascii))
    return bad_field(field, "has a domain that is not in ASCII",
                     "write it as the DNS does, such as box@xn--bcher-kva.example");
  if (!is_domain(address.substr(at + 1)))
    return bad_field(field, "has no domain after '@'", cure);
  return {};
}

result<void> check_proxy(std::string_view field, const proxy_settings& proxy) {
  auto name = [&](std::string_view member) {
    return std::string{field}.append(".").append(member);
  };
  if (auto checked = check_proxy_url(name("url"), proxy.url); !checked)
    return checked;
  if (!proxy.user.empty()) {
    if (auto checked = check_visible(name("user"), proxy.user, max_user_bytes); !checked)
      return checked;
    if (proxy.user.find(':') != std::string::npos)
      return bad_field(name("user"), "holds a ':'", "give the password in its own field");
  }
  if (!proxy.password.empty()) {
    if (proxy.user.empty())
      return bad_field(name("password"), "stands without a user", "give the user too");
    if (auto checked = check_visible(name("password"), proxy.password.reveal(), max_secret_bytes);
        !checked)
      return checked;
  }
  if (proxy.no_proxy.size() > max_no_proxy)
    return bad_field(name("no_proxy"), "has too many entries",
                     "give at most " + std::to_string(max_no_proxy));
  if (!std::ranges::all_of(proxy.no_proxy, is_proxy_exception))
    return bad_field(name("no_proxy"), "has an entry that is no host",
                     "give host names, addresses, or .example.com for all below it");
  return {};
}

result<void> check_password(std::string_view field, const secret& password) {
  auto text = password.reveal();
  if (text.empty())
    return bad_field(field, "is empty", "give the mailbox's password");
  if (text.size() > max_secret_bytes)
    return bad_field(field, "is too long", at_most(max_secret_bytes));
  if (text.find_first_of(std::string_view{"\0\r\n", 3}) != std::string_view::npos)
    return bad_field(field, "holds a line end or NUL", "copy it again");
  return {};
}

result<void> check_file(std::string_view field, std::string_view path) {
  if (path.empty())
    return {};
  if (path.size() > max_path_bytes)
    return bad_field(field, "is too long", at_most(max_path_bytes));
  if (printable(path, max_path_bytes) != path)
    return bad_field(field, "has control characters", "give an absolute path");
  if (!path.starts_with('/'))
    return bad_field(field, "is no absolute path",
                     "give the path from '/' on: the daemon runs in another folder");
  return {};
}

result<void> check_endpoint(std::string_view field, const endpoint& server) {
  auto name = [&](std::string_view member) {
    return std::string{field}.append(".").append(member);
  };
  if (!server.host.empty() && !is_host(server.host))
    return bad_field(name("host"), "is no host name or address",
                     "give a name such as " + std::string{field}
                         + ".example.com, without scheme or port");
  if (server.host.empty() && (server.port != 0 || !server.pin_sha256.empty()))
    return bad_field(name("host"), "is empty, but port or pin is given", "give the host too");
  if (server.tls != tls_mode::implicit && server.tls != tls_mode::starttls)
    return bad_field(name("tls"), "is unknown", "give implicit or starttls");
  if (auto checked = check_file(name("ca_file"), server.ca_file); !checked)
    return checked;
  constexpr std::size_t digits = 64;
  if (!server.pin_sha256.empty()
      && (server.pin_sha256.size() != digits || !std::ranges::all_of(server.pin_sha256, is_hex)))
    return bad_field(name("pin_sha256"), "is no SHA-256",
                     "give the certificate's fingerprint as 64 hexadecimal digits");
  if (!server.pin_sha256.empty() && pin_refused(server.host))
    return bad_field(name("pin_sha256"), "is refused for this host",
                     "leave it out: the host's certificate is trusted by its CA");
  return check_proxy(name("proxy"), server.proxy);
}

} // namespace mailfleet::jobs
