#pragma once

#include "messages/values/records.hpp"

#include <openssl/x509.h>

#include <string>

namespace mailfleet::net {

/// What a server showed of itself, for a person to compare.
struct offered_certificate {
  /// Of the DER form, 64 lower-case hexadecimal digits.
  std::string sha256;
  /// Distinguished names, made printable (RFC 2253 order).
  std::string subject;
  std::string issuer;
  wall_time not_after{};
  /// Why it is not trusted by the CA file for this host, in words; empty: it is.
  std::string trouble;
};

/// The facts of a certificate; `trouble` is left empty.
[[nodiscard]] offered_certificate describe(X509& certificate);

/// Whether the certificate names this host: a DNS name or an address.
[[nodiscard]] bool names_host(X509& certificate, const std::string& host);

/// The words for an `X509_V_ERR_` code.
[[nodiscard]] std::string explain_verify_error(int code, const offered_certificate& offered);

} // namespace mailfleet::net
