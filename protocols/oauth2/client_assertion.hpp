#pragma once

#include "messages/values/mail.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"
#include "messages/values/secret.hpp"
#include "protocols/oauth2/signing.hpp"

#include <optional>
#include <string>
#include <string_view>

/// A client that proves itself by a signature instead of a secret: the method
/// `private_key_jwt` (OpenID Connect Core 9, RFC 7523; Microsoft's "certificate
/// credentials").
namespace mailfleet::oauth2 {

/// A private key, and how the identity provider knows it. Can be moved, not
/// copied; several threads may sign with one.
struct client_certificate {
  key_ptr key;
  /// Null: a key without one.
  certificate_ptr certificate;
  /// Thumbprint: SHA-256 of the certificate's DER. None: a key without one.
  std::optional<sha256_digest> sha256;
  /// SHA-1 of the same, as bytes, by which Microsoft's directory names a certificate: a
  /// name only, nothing is proved by it. Empty: a key without one.
  std::string sha1{};
  /// Name under which the key is registered; loading leaves it empty.
  std::string kid;
  /// When the certificate ends; none: no certificate. Not judged here.
  std::optional<wall_time> not_after;
};

/// Reads a private key from PEM (PKCS #8, PKCS #1, EC; encrypted or not), and the
/// certificate that belongs to it from `certificate_pem` or, if that is empty,
/// from the same text, where none need be. Other certificates (a chain) may stand
/// beside it. The key must be RSA of 2,048 bits or more, or EC on P-256. Fails
/// with `errc::invalid_argument`; the detail names `key`, `certificate` or `password`.
[[nodiscard]] result<client_certificate> load_pem_certificate(const secret& key_pem,
                                                              std::string_view certificate_pem = {},
                                                              const secret& password = {});

/// The same from the bytes of a PKCS #12 file; the detail may name `pkcs12` too.
[[nodiscard]] result<client_certificate> load_pkcs12_certificate(const secret& bytes,
                                                                 const secret& password);

/// Key and certificate as `load_pem_certificate` takes them, the key not encrypted.
[[nodiscard]] result<secret> to_pem(const client_certificate& from);

/// A signed JWT that proves the client once, from `now` for `assertion_life`.
/// `audience` is the token endpoint; `jti` is never used twice. Names the key by
/// thumbprint and by `kid`, whichever there are; one must be. Fails with
/// `errc::invalid_argument` if there is none, or the key does not fit the algorithm.
[[nodiscard]] result<secret> make_client_assertion(const client_certificate& certificate,
                                                   std::string_view client_id,
                                                   std::string_view audience,
                                                   signature_algorithm algorithm,
                                                   std::string_view jti, wall_time now);

} // namespace mailfleet::oauth2
