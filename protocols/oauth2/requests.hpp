#pragma once

#include "messages/values/records.hpp"
#include "messages/values/secret.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailfleet::oauth2 {

/// What the authorize URL is made of (RFC 6749 4.1.1, RFC 7636 4.3, OpenID
/// Connect Core 3.1.2.1).
struct authorize_request {
  /// A query that it has already is kept.
  std::string authorization_endpoint;
  std::string client_id;
  std::string redirect_uri;
  std::vector<std::string> scopes;
  std::string state;
  std::string nonce;
  /// Of method S256.
  std::string code_challenge;
  /// The mailbox's address; empty: none.
  std::string login_hint;
  /// What a provider wants besides (`access_type=offline`).
  std::vector<std::pair<std::string, std::string>> extra;
};

/// The address to send the browser to: `response_type=code`, `response_mode=query`.
[[nodiscard]] std::string authorize_url(const authorize_request& request);

/// The address at which an administrator consents for a tenant (Microsoft's v2 form):
/// of `scopes` only those of a resource are asked for.
[[nodiscard]] std::string consent_url(std::string_view endpoint, std::string_view client_id,
                                      std::string_view redirect_uri,
                                      const std::vector<std::string>& scopes,
                                      std::string_view state);

/// How our client proves itself at the token endpoint.
struct client_identity {
  std::string client_id;
  client_auth auth = client_auth::secret_post;
  /// For `secret_post` and `secret_basic`.
  secret client_secret;
  /// For `private_key_jwt`: made for this one request (client_assertion.hpp).
  secret client_assertion{};
};

/// One POST to the token or device endpoint: what to copy into an `http_request`.
struct token_request {
  std::vector<std::pair<std::string, std::string>> headers;
  secret body;
  /// For HTTP Basic, form-encoded already (RFC 6749 2.3.1); empty: none.
  std::string basic_user;
  secret basic_password;
};

/// Redeems a code (RFC 6749 4.1.3). `redirect_uri` is the same as in the
/// authorize URL. `scopes` may be empty.
[[nodiscard]] token_request code_request(const client_identity& client, const secret& code,
                                         std::string_view redirect_uri, const secret& verifier,
                                         const std::vector<std::string>& scopes);

/// Asks for a fresh access token (RFC 6749 6). `scopes` may be empty: those of
/// the first grant.
[[nodiscard]] token_request refresh_request(const client_identity& client,
                                            const secret& refresh_token,
                                            const std::vector<std::string>& scopes);

/// Asks for an access token of the client's own (RFC 6749 4.4.2). Microsoft wants
/// one scope, `RESOURCE/.default`.
[[nodiscard]] token_request client_credentials_request(const client_identity& client,
                                                       const std::vector<std::string>& scopes);

/// Asks the device endpoint for a code that a person types in elsewhere (RFC 8628
/// 3.1). `scopes` may be empty.
[[nodiscard]] token_request device_authorization_request(const client_identity& client,
                                                         const std::vector<std::string>& scopes);

/// Asks whether the person has signed in (RFC 8628 3.4): once every `interval`.
[[nodiscard]] token_request device_token_request(const client_identity& client,
                                                 const secret& device_code);

} // namespace mailfleet::oauth2
