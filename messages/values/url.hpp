#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet {

/// An absolute address with a host (RFC 3986), taken apart. Scheme and host are
/// in lower case; everything else is as it was written.
struct url {
  std::string scheme;
  /// Without the brackets of an IPv6 address.
  std::string host;
  /// None: the scheme's default.
  std::optional<std::uint16_t> port;
  /// Empty, or from its first `/` on.
  std::string path;
  /// Without `?`; none: there was no `?`.
  std::optional<std::string> query;
  /// `user@` or `user:password@` stood before the host.
  bool has_user_info = false;
  bool has_fragment = false;
  bool operator==(const url&) const = default;
};

/// Takes `SCHEME://HOST[:PORT][/PATH][?QUERY][#FRAGMENT]` apart; nothing for any
/// other form, for bytes that RFC 3986 allows nowhere (blanks, control bytes,
/// quotes, non-ASCII) and for a broken percent escape.
[[nodiscard]] std::optional<url> parse_url(std::string_view text);

/// Whether a host is `localhost`, in 127.0.0.0/8, or `::1`.
[[nodiscard]] bool is_loopback(std::string_view host);

/// Whether an address is https, or http to a loopback host.
[[nodiscard]] bool is_confidential(const url& address);

/// Whether `host` is a name by RFC 1123 2.1 or an IP address (IPv6 without brackets).
[[nodiscard]] bool is_host(std::string_view host);

} // namespace mailfleet
