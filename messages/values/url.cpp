#include "messages/values/url.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>

namespace mailfleet {

namespace {

/// Longer texts are no address of ours; also keeps `inet_pton` and copies short.
constexpr std::size_t max_url_text = 8'192;
/// RFC 1123 2.1 and RFC 1035 2.3.4.
constexpr std::size_t max_host_bytes = 253;
constexpr std::size_t max_label_bytes = 63;

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
  std::string copy{text};
  std::ranges::transform(copy, copy.begin(), [](char c) { return lower(c); });
  return copy;
}

/// Bytes of RFC 3986 2 only, and every `%` followed by two hex digits.
bool has_url_bytes(std::string_view text) {
  constexpr std::string_view marks = "-._~:/?#[]@!$&'()*+,;=%";
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto c = text[at];
    if (!is_alpha(c) && !is_digit(c) && marks.find(c) == std::string_view::npos)
      return false;
    if (c == '%' && (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])))
      return false;
  }
  return true;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_alpha(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= max_label_bytes && label.front() != '-'
         && label.back() != '-' && std::ranges::all_of(label, [](char c) {
              return is_alpha(c) || is_digit(c) || c == '-';
            });
}

bool is_address(int kind, std::string_view host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return host.size() < INET6_ADDRSTRLEN
         && inet_pton(kind, std::string{host}.c_str(), bytes.data()) == 1;
}

/// Cuts `[HOST]:PORT` or `HOST:PORT` apart.
bool take_host_and_port(std::string_view text, url& into) {
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == std::string_view::npos)
      return false;
    into.host = lower(text.substr(1, end - 1));
    auto rest = text.substr(end + 1);
    has_port = rest.starts_with(':');
    if (!rest.empty() && !has_port)
      return false;
    port = has_port ? rest.substr(1) : rest;
    if (!is_address(AF_INET6, into.host))
      return false;
  } else {
    auto colon = text.find(':');
    into.host = lower(text.substr(0, colon));
    has_port = colon != std::string_view::npos;
    port = has_port ? text.substr(colon + 1) : std::string_view{};
    if (into.host.find(':') != std::string::npos || !is_host(into.host))
      return false;
  }
  if (!has_port)
    return true;
  std::uint16_t number = 0;
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number == 0)
    return false;
  into.port = number;
  return true;
}

} // namespace

std::optional<url> parse_url(std::string_view text) {
  if (text.size() > max_url_text || !has_url_bytes(text))
    return std::nullopt;
  url found;
  auto colon = text.find("://");
  if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon)))
    return std::nullopt;
  found.scheme = lower(text.substr(0, colon));
  auto rest = text.substr(colon + 3);
  if (auto hash = rest.find('#'); hash != std::string_view::npos) {
    found.has_fragment = true;
    rest = rest.substr(0, hash);
  }
  if (auto mark = rest.find('?'); mark != std::string_view::npos) {
    found.query = std::string{rest.substr(mark + 1)};
    rest = rest.substr(0, mark);
  }
  auto slash = std::min(rest.find('/'), rest.size());
  found.path = std::string{rest.substr(slash)};
  auto authority = rest.substr(0, slash);
  if (auto at = authority.rfind('@'); at != std::string_view::npos) {
    found.has_user_info = true;
    authority = authority.substr(at + 1);
  }
  if (!take_host_and_port(authority, found))
    return std::nullopt;
  return found;
}

bool is_loopback(std::string_view host) {
  return lower(host) == "localhost" || host == "::1"
         || (host.starts_with("127.") && is_address(AF_INET, host));
}

bool is_confidential(const url& address) {
  return address.scheme == "https" || (address.scheme == "http" && is_loopback(address.host));
}

bool is_host(std::string_view host) {
  if (host.find(':') != std::string_view::npos)
    return is_address(AF_INET6, host);
  if (host.empty() || host.size() > max_host_bytes)
    return false;
  auto labels = host;
  std::string_view last;
  while (true) {
    auto dot = labels.find('.');
    last = labels.substr(0, dot);
    if (!is_label(last))
      return false;
    if (dot == std::string_view::npos)
      break;
    labels.remove_prefix(dot + 1);
  }
  // A name whose last label is a number would be read as an address by some.
  return !std::ranges::all_of(last, is_digit) || is_address(AF_INET, host);
}

} // namespace mailfleet
