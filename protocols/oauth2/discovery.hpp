#pragma once

#include "messages/values/result.hpp"

#include <string>
#include <string_view>

namespace mailfleet::oauth2 {

/// What we use of an OpenID discovery document (OpenID Connect Discovery 1.0 3).
struct provider_metadata {
  /// May hold Microsoft's `{tenantid}`, which stands for the token's `tid`.
  std::string issuer;
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string jwks_uri;
  /// Empty if there is none.
  std::string revocation_endpoint;
  /// RFC 8628 4; empty if there is none.
  std::string device_authorization_endpoint;
  /// `code_challenge_methods_supported` names S256; absent counts as no.
  bool s256_advertised = false;
  /// The callback will carry `iss` (RFC 9207 3).
  bool iss_in_callback = false;
  /// Microsoft's own member `msgraph_host`: host, and port if there is one, of its
  /// directory. Empty: not there, or no host.
  std::string graph_host;
  bool operator==(const provider_metadata&) const = default;
};

/// Reads the document fetched from `discovery_url`. Every endpoint must be https
/// (or http to a loopback address). The issuer must be the address the document
/// was fetched from, without `/.well-known/openid-configuration` (Discovery 4.3;
/// Microsoft's template issuer counts as equal). Fails with
/// `errc::provider_misconfigured`, or `errc::token_unavailable` if the bytes are
/// no discovery document at all.
[[nodiscard]] result<provider_metadata> parse_discovery(std::string_view body,
                                                        std::string_view discovery_url);

} // namespace mailfleet::oauth2
