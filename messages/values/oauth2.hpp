#pragma once

#include "messages/values/secret.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a token endpoint says. `protocols/oauth2` reads it from bytes, `jobs/`
/// decides what follows from it.
namespace mailfleet {

/// A good answer (RFC 6749 5.1).
struct token_answer {
  secret access_token;
  /// Empty: the server gave none; the one used stays good.
  secret refresh_token;
  /// Empty unless `openid` was asked for.
  secret id_token;
  /// What the token is good for, if the server said so.
  std::string scope;
  /// Life of the access token from now; none: not said. Always positive.
  std::optional<std::chrono::seconds> expires_in;
  /// When to refresh ahead of need, from now; none: not said. Always positive.
  std::optional<std::chrono::seconds> refresh_in;
  bool operator==(const token_answer&) const = default;
};

/// A device code (RFC 8628 3.2): a person types `user_code` in at
/// `verification_uri` while the client asks every `interval` for the token.
struct device_answer {
  secret device_code;
  /// Printable and short.
  std::string user_code;
  std::string verification_uri;
  /// The same with the code in it; empty: not sent.
  std::string verification_uri_complete;
  /// Life of both codes from now. Always positive.
  std::chrono::seconds expires_in{0};
  std::chrono::seconds interval{5};
  bool operator==(const device_answer&) const = default;
};

/// An error answer (RFC 6749 5.2), with what Microsoft adds. All text is
/// printable and bounded; everything may be empty.
struct token_error {
  /// Empty: the body was no error answer (HTML, plain text, nothing).
  std::string error;
  std::string suberror;
  /// May hold names of people: for the operator's log, not for other eyes.
  std::string description;
  /// The numbers of Microsoft's AADSTS codes.
  std::vector<std::uint32_t> codes;
  std::string correlation_id;
  std::string trace_id;
  std::string timestamp;
  /// The answer holds `claims`: what a sign-in would have to prove (Conditional Access).
  bool claims_challenge = false;
  bool operator==(const token_error&) const = default;
};

/// One secret or certificate of an app as its directory lists it (Microsoft Graph's
/// passwordCredential and keyCredential): never the secret itself.
struct app_credential {
  enum class kind : std::uint8_t { secret = 1, certificate = 2 };
  kind what = kind::secret;
  /// The first characters of a secret; empty: not said.
  std::string hint;
  /// The digest that names a certificate, as bytes; empty: not said.
  std::string thumbprint;
  /// None: not said.
  std::optional<std::chrono::sys_seconds> ends_at;
  bool operator==(const app_credential&) const = default;
};

} // namespace mailfleet
