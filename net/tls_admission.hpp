#pragma once

#include "net/ca_store.hpp"
#include "net/certificate.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mailfleet::net {

/// Who is let in.
enum class admission_rule : std::uint8_t {
  by_ca,  ///< A chain to the CA file, valid now, that names the host.
  by_pin, ///< This certificate and no other.
  nobody, ///< The certificate is looked at and the handshake broken off.
};

/// What a peer must show to be let in.
struct admission_terms {
  admission_rule rule = admission_rule::by_ca;
  std::string host;
  /// What a chain must lead to.
  ca_store store;
  /// Counts with `by_pin` only: 64 lower-case hexadecimal digits.
  std::string pin;
};

/// Decides over one peer's certificate inside the handshake, before any
/// application byte, and keeps what it saw. Lives as long as its connection,
/// which may serve several transfers one after the other.
class tls_admission {
public:
  explicit tls_admission(admission_terms terms);
  tls_admission(const tls_admission&) = delete;
  tls_admission& operator=(const tls_admission&) = delete;

  /// Makes one and gives a connection's context a share of it. Null: OpenSSL
  /// refused.
  [[nodiscard]] static std::shared_ptr<tls_admission> install(admission_terms terms,
                                                              SSL_CTX* context);

  /// The one that a connection's context holds; null: none.
  [[nodiscard]] static std::shared_ptr<tls_admission> of(const SSL_CTX* context);

  /// On which terms it decided.
  [[nodiscard]] const admission_terms& terms() const noexcept {
    return terms_;
  }

  /// The connection is idle, and this is its socket; -1: unknown.
  void leave(int socket) noexcept {
    idle_socket_ = socket;
  }
  [[nodiscard]] int idle_socket() const noexcept {
    return idle_socket_;
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

  const admission_terms terms_;
  progress handshake_ = progress::not_begun;
  bool ended_in_order_ = false;
  int idle_socket_ = -1;
  std::optional<offered_certificate> offered_;
  std::string refusal_;
};

} // namespace mailfleet::net
