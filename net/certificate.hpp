#pragma once

#include "messages/values/certificate.hpp"

#include <openssl/x509.h>

#include <string>

namespace mailfleet::net {

/// The facts of a certificate; `trouble` is left empty.
[[nodiscard]] offered_certificate describe(X509& certificate);

/// Whether the certificate names this host: a DNS name or an address.
[[nodiscard]] bool names_host(X509& certificate, const std::string& host);

/// The words for an `X509_V_ERR_` code.
[[nodiscard]] std::string explain_verify_error(int code, const offered_certificate& offered);

} // namespace mailfleet::net
