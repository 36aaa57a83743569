#pragma once

#include "messages/ports/control_door.hpp"
#include "messages/ports/log.hpp"
#include "web/limits.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

namespace mailfleet::web {

struct control_server_settings {
  /// Where the Unix socket stands; its folder exists.
  std::filesystem::path socket{};
  std::size_t max_connections = max_control_connections;
  std::chrono::milliseconds idle_deadline = control_idle_deadline;
  std::chrono::milliseconds answer_deadline = web::answer_deadline;
};

/// The control API (HTTP/1.1 and JSON under `/api/v1`) on a Unix socket that
/// only our own user and root may open. Destroy it before its io_context, which
/// one thread runs.
class control_server {
public:
  /// Listens when it returns. Fails with `in_use` if a live process has the
  /// socket, `invalid_argument` if it cannot be made.
  [[nodiscard]] static result<std::unique_ptr<control_server>>
  start(boost::asio::io_context& io, std::shared_ptr<control_door> door,
        std::shared_ptr<log_port> log, control_server_settings settings);

  /// `stop`.
  ~control_server();
  control_server(const control_server&) = delete;
  control_server& operator=(const control_server&) = delete;

  /// Removes the socket and ends all connections. Any thread, but not two at once.
  void stop();

private:
  class core;
  explicit control_server(std::shared_ptr<core> inside);

  std::shared_ptr<core> core_;
};

} // namespace mailfleet::web
