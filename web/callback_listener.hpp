#pragma once

#include "messages/ports/control_door.hpp"
#include "messages/ports/log.hpp"
#include "web/limits.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace mailfleet::web {

struct callback_listener_settings {
  /// A loopback address, unless there is a certificate: what the world sees is a proxy
  /// with TLS before it.
  std::string address = "127.0.0.1";
  /// 0: one that is free.
  std::uint16_t port = 0;
  /// PEM: the certificate with its chain, and its key. Both or neither.
  std::string certificate_file{};
  std::string key_file{};
  /// The origin browsers see: `https://motion.example.org`.
  std::string public_origin{};
  /// Lowered to a quarter of the process's descriptors.
  std::size_t max_connections = max_callback_connections;
  std::size_t max_connections_per_address = max_callback_connections_per_address;
  std::chrono::milliseconds read_deadline = callback_read_deadline;
  std::chrono::milliseconds answer_deadline = web::answer_deadline;
};

/// Where browsers come during a sign-in: HTTP, over TLS where there is a certificate;
/// two routes and a few static pages, one request a connection. Destroy it before its io_context,
/// which one thread runs.
class callback_listener {
public:
  /// Listens when it returns. Fails with `invalid_argument` for an address that
  /// is not loopback or cannot be had, or for a certificate that cannot be used;
  /// `in_use` for a port that is taken.
  [[nodiscard]] static result<std::unique_ptr<callback_listener>>
  start(boost::asio::io_context& io, std::shared_ptr<control_door> door,
        std::shared_ptr<log_port> log, const callback_listener_settings& settings);

  /// `stop`.
  ~callback_listener();
  callback_listener(const callback_listener&) = delete;
  callback_listener& operator=(const callback_listener&) = delete;

  /// The port it listens on.
  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

  /// Ends all connections. Any thread, but not two at once.
  void stop();

private:
  class core;
  callback_listener(std::shared_ptr<core> inside, std::uint16_t port);

  std::shared_ptr<core> core_;
  std::uint16_t port_;
};

} // namespace mailfleet::web
