#include "protocols/oauth2/requests.hpp"

#include "protocols/oauth2/encoding.hpp"

#include <cstddef>

namespace mailfleet::oauth2 {

namespace {

constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// `name=value` pairs, joined by `&`. Room for every byte escaped is taken at
/// once, so that growing leaves no copy of a secret behind.
class form {
public:
  explicit form(std::size_t bytes) {
    text_.reserve(3 * bytes + 256);
  }

  void add(std::string_view name, std::string_view value) {
    if (!text_.empty())
      text_.push_back('&');
    append_encoded(text_, name);
    text_.push_back('=');
    append_encoded(text_, value);
  }

  void add_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty())
      add(name, value);
  }

  std::string take() && {
    return std::move(text_);
  }

private:
  std::string text_;
};

std::string joined(const std::vector<std::string>& scopes) {
  std::string text;
  for (const auto& scope : scopes)
    text.append(text.empty() ? "" : " ").append(scope);
  return text;
}

std::string encoded(std::string_view text) {
  std::string copy;
  copy.reserve(3 * text.size());
  append_encoded(copy, text);
  return copy;
}

/// Adds the client's credential to a form, and makes the request of both.
token_request finish(form body, const client_identity& client) {
  token_request request;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  if (client.auth == client_auth::secret_basic) {
    request.basic_user = encoded(client.client_id);
    request.basic_password = secret{encoded(client.client_secret.reveal())};
  } else {
    body.add("client_id", client.client_id);
    if (client.auth == client_auth::secret_post)
      body.add("client_secret", client.client_secret.reveal());
    // RFC 7521 4.2.
    if (client.auth == client_auth::private_key_jwt) {
      body.add("client_assertion_type", assertion_type);
      body.add("client_assertion", client.client_assertion.reveal());
    }
  }
  request.body = secret{std::move(body).take()};
  return request;
}

std::size_t size_of(const client_identity& client) {
  return client.client_id.size() + client.client_secret.reveal().size()
         + client.client_assertion.reveal().size();
}

} // namespace

std::string authorize_url(const authorize_request& request) {
  form query{512};
  query.add("client_id", request.client_id);
  query.add("response_type", "code");
  query.add("redirect_uri", request.redirect_uri);
  query.add("response_mode", "query");
  query.add("scope", joined(request.scopes));
  query.add("state", request.state);
  query.add("nonce", request.nonce);
  query.add("code_challenge", request.code_challenge);
  query.add("code_challenge_method", "S256");
  query.add_unless_empty("login_hint", request.login_hint);
  for (const auto& [name, value] : request.extra)
    query.add(name, value);
  auto url = request.authorization_endpoint;
  url.push_back(url.find('?') == std::string::npos ? '?' : '&');
  return url + std::move(query).take();
}

std::string consent_url(std::string_view endpoint, std::string_view client_id,
                        std::string_view redirect_uri, const std::vector<std::string>& scopes,
                        std::string_view state) {
  std::vector<std::string> of_resources;
  for (const auto& scope : scopes)
    if (scope.find("://") != std::string::npos)
      of_resources.push_back(scope);
  form query{512};
  query.add("client_id", client_id);
  query.add("redirect_uri", redirect_uri);
  query.add("scope", joined(of_resources));
  query.add("state", state);
  std::string url{endpoint};
  url.push_back('?');
  return url + std::move(query).take();
}

token_request code_request(const client_identity& client, const secret& code,
                           std::string_view redirect_uri, const secret& verifier,
                           const std::vector<std::string>& scopes) {
  auto scope = joined(scopes);
  form body{size_of(client) + code.reveal().size() + redirect_uri.size() + verifier.reveal().size()
            + scope.size()};
  body.add("grant_type", "authorization_code");
  body.add("code", code.reveal());
  body.add("redirect_uri", redirect_uri);
  body.add("code_verifier", verifier.reveal());
  body.add_unless_empty("scope", scope);
  return finish(std::move(body), client);
}

token_request refresh_request(const client_identity& client, const secret& refresh_token,
                              const std::vector<std::string>& scopes) {
  auto scope = joined(scopes);
  form body{size_of(client) + refresh_token.reveal().size() + scope.size()};
  body.add("grant_type", "refresh_token");
  body.add("refresh_token", refresh_token.reveal());
  body.add_unless_empty("scope", scope);
  return finish(std::move(body), client);
}

token_request client_credentials_request(const client_identity& client,
                                         const std::vector<std::string>& scopes) {
  auto scope = joined(scopes);
  form body{size_of(client) + scope.size()};
  body.add("grant_type", "client_credentials");
  body.add_unless_empty("scope", scope);
  return finish(std::move(body), client);
}

token_request device_authorization_request(const client_identity& client,
                                           const std::vector<std::string>& scopes) {
  auto scope = joined(scopes);
  form body{size_of(client) + scope.size()};
  body.add_unless_empty("scope", scope);
  return finish(std::move(body), client);
}

token_request device_token_request(const client_identity& client, const secret& device_code) {
  form body{size_of(client) + device_code.reveal().size()};
  body.add("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
  body.add("device_code", device_code.reveal());
  return finish(std::move(body), client);
}

} // namespace mailfleet::oauth2
