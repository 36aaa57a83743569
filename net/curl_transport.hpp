#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"
#include "net/curl.hpp"
#include "net/tls_admission.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace mailfleet::net {

/// How one connection is made, whatever is spoken over it.
struct transport_settings {
  std::string host;
  std::uint16_t port = 0;
  /// PEM bundle; empty: the system's.
  std::string ca_file;
  /// For `admission_rule::by_pin`: 64 hexadecimal digits.
  std::string pin_sha256;
  admission_rule rule = admission_rule::by_ca;
  /// The one that holds: see `effective_proxy`.
  proxy_settings proxy;
  /// With no proxy named: whether the environment may name one.
  bool environment_proxy = false;
};

/// The inner level's proxy, or the outer's where the inner names none.
[[nodiscard]] const proxy_settings& effective_proxy(const proxy_settings& inner,
                                                    const proxy_settings& outer);

/// `HOST:PORT`, an IPv6 address in brackets.
[[nodiscard]] std::string host_and_port(std::string_view host, std::uint16_t port);

/// One transfer of libcurl's with the options that no caller may leave out: no
/// signals, TLS 1.2 or later, certificate decided by a `tls_admission`, no
/// netrc, redirects, cookies or environment, and no connection that another
/// transfer left behind unless `reuse_connections` was called.
class curl_transport {
public:
  /// Fails with `invalid_argument` for a host, pin, CA file or proxy that
  /// cannot be used.
  [[nodiscard]] static result<std::unique_ptr<curl_transport>> open(transport_settings settings);
  curl_transport(const curl_transport&) = delete;
  curl_transport& operator=(const curl_transport&) = delete;

  [[nodiscard]] CURL* easy() const noexcept {
    return easy_.get();
  }
  /// What was decided over the peer of this transfer's connection.
  [[nodiscard]] const tls_admission& admission() const noexcept {
    return *admission_;
  }

  /// Transfers may take over each other's connections only where these agree:
  /// libcurl compares neither our CA stores nor a proxy's credentials.
  [[nodiscard]] const ca_store& store() const noexcept {
    return terms_.store;
  }
  [[nodiscard]] const proxy_settings& proxy() const noexcept {
    return settings_.proxy;
  }

  /// Lets this transfer take over a TLS connection that another left in its
  /// multi handle, and leave its own there.
  [[nodiscard]] result<void> reuse_connections();

  /// Call it when the transfer ended: what its connection's next user must know.
  void leave_connection() noexcept;

  /// The transfer ended before it sent a byte, because the connection it was to
  /// take over was not clean. It may be added again, and makes its own then.
  [[nodiscard]] bool declined_connection();
  /// `HOST:PORT`.
  [[nodiscard]] const std::string& where() const noexcept {
    return where_;
  }

  /// How far the connection came.
  enum class progress : std::uint8_t { looking_up, connecting, before_tls, handshake, behind_tls };
  [[nodiscard]] progress reached() const;

  /// What libcurl's code means for this connection, naming it and the stage.
  /// Call it before anything else touches the handle.
  [[nodiscard]] failure explain(CURLcode code) const;

  /// The stage it got stuck in passed its deadline.
  [[nodiscard]] failure explain_timeout() const;

private:
  curl_transport(easy_handle easy, transport_settings settings, ca_store store);
  static CURLcode on_tls_context(CURL* easy, void* context, void* self) noexcept;
  static int on_request(void* self, char* peer, char* local, int peer_port,
                        int local_port) noexcept;
  [[nodiscard]] bool took_over() const;
  [[nodiscard]] result<void> set_options();
  [[nodiscard]] result<void> set_proxy(option_setter& options);
  [[nodiscard]] std::string_view stage() const;
  [[nodiscard]] failure explain_tls(CURLcode code) const;
  [[nodiscard]] bool proxy_refused(CURLcode code) const;
  [[nodiscard]] std::string curl_words(CURLcode code) const;

  const transport_settings settings_;
  const std::string where_;
  const admission_terms terms_;
  std::shared_ptr<tls_admission> admission_;
  bool declined_ = false;
  std::array<char, CURL_ERROR_SIZE> words_{};
  /// Last: what it points into must still be there when it goes.
  easy_handle easy_;
};

} // namespace mailfleet::net
