#pragma once

#include "net/ca_store.hpp"
#include "net/certificate.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace mailfleet::net {

/// Who is let in.
enum class admission_rule : std::uint8_t {
  by_ca,  ///< A chain to the CA file, valid now, that names the host.
  by_pin, ///< This certificate and no other.
  nobody, ///< The certificate is looked at and the handshake broken off.
};

/// Decides over one peer's certificate inside the handshake, before any
/// application byte, and keeps what it saw. Must outlive its connection and
/// stay where it is: OpenSSL holds its address.
class tls_admission {
public:
  /// `store` is what a chain must lead to. `pin` counts with `by_pin` only: 64
  /// lower-case hexadecimal digits.
  tls_admission(admission_rule rule, std::string host, ca_store store, std::string pin);
  tls_admission(const tls_admission&) = delete;
  tls_admission& operator=(const tls_admission&) = delete;

  /// Puts the decision into a connection's context. False: OpenSSL refused.
  [[nodiscard]] bool install(SSL_CTX* context);

  /// Whether libcurl, too, has to compare the certificate with the host.
  [[nodiscard]] bool wants_host() const noexcept {
    return rule_ == admission_rule::by_ca;
  }

  /// How far the handshake came.
  enum class progress : std::uint8_t { not_begun, begun, done };
  [[nodiscard]] progress handshake() const noexcept {
    return handshake_;
  }

  /// The peer said that it sends nothing more. An end without it is a cut.
  [[nodiscard]] bool ended_in_order() const noexcept {
    return ended_in_order_;
  }

  /// What the peer showed; nothing before it showed anything.
  [[nodiscard]] const std::optional<offered_certificate>& offered() const noexcept {
    return offered_;
  }

  /// Why it was not let in, a clause about "the certificate"; empty: it was.
  [[nodiscard]] const std::string& refusal() const noexcept {
    return refusal_;
  }

private:
  static void on_event(const SSL* connection, int where, int value) noexcept;
  static int verify(X509_STORE_CTX* context, void* self) noexcept;
  [[nodiscard]] int decide(X509_STORE_CTX* context);
  [[nodiscard]] std::string trouble_with_chain(X509_STORE_CTX* context, X509& leaf) const;

  const admission_rule rule_;
  const std::string host_;
  const ca_store store_;
  const std::string pin_;
  progress handshake_ = progress::not_begun;
  bool ended_in_order_ = false;
  std::optional<offered_certificate> offered_;
  std::string refusal_;
};

} // namespace mailfleet::net
