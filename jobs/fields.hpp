#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <cstddef>
#include <string_view>

/// Checks of single fields that a person gives. `field` is the field's name in the
/// failure; the value of a secret is never named.
namespace mailfleet::jobs {

/// Letters, digits, `.`, `_` and `-`, beginning with a letter or digit: safe in a
/// command line, a file name and a metric. Nothing that could be read as an id.
[[nodiscard]] result<void> check_name(std::string_view field, std::string_view name);

/// One to `limit` bytes of printable ASCII (the VSCHAR of RFC 6749 A).
[[nodiscard]] result<void> check_visible(std::string_view field, std::string_view text,
                                         std::size_t limit);

/// A redirect URI as it can be registered and compared byte by byte (RFC 9700 2.1):
/// https, or http on this machine; a path; no user info, fragment or wildcard.
[[nodiscard]] result<void> check_redirect_uri(std::string_view field, std::string_view uri);

/// Where an OpenID discovery document is: https, or http on this machine.
[[nodiscard]] result<void> check_discovery_url(std::string_view field, std::string_view address);

/// A tenant's GUID, one of its domains, `organizations`, `common` or `consumers`.
[[nodiscard]] result<void> check_tenant(std::string_view field, std::string_view tenant);

/// One scope (RFC 6749 3.3).
[[nodiscard]] result<void> check_scope(std::string_view field, std::string_view scope);

/// One mail address: one `@`, no blank or control character, the lengths of RFC
/// 5321 4.5.3.1; UTF-8 is allowed (RFC 6531), a quoted local part is not.
[[nodiscard]] result<void> check_address(std::string_view field, std::string_view address);

/// A proxy's address, user and exceptions. All may be empty.
[[nodiscard]] result<void> check_proxy(std::string_view field, const proxy_settings& proxy);

/// Host, CA file, pin and proxy of a server. The host may be empty, and port 0 is
/// the usual one of its kind of TLS.
[[nodiscard]] result<void> check_endpoint(std::string_view field, const endpoint& server);

/// A mailbox's password: any characters but those that end a SASL message or a line.
[[nodiscard]] result<void> check_password(std::string_view field, const secret& password);

/// An absolute path, or nothing.
[[nodiscard]] result<void> check_file(std::string_view field, std::string_view path);

} // namespace mailfleet::jobs
