#pragma once

#include "tests/web/temporary_folder.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <optional>
#include <string>
#include <thread>

namespace mailfleet::testing {

namespace asio = boost::asio;
namespace http = boost::beast::http;

/// An io_context with its thread.
class running_loop {
public:
  running_loop() : work_{asio::make_work_guard(io)}, thread_{[this] { io.run(); }} {}
  ~running_loop() {
    io.stop();
    thread_.join();
  }

  asio::io_context io;

private:
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

/// A blocking HTTP client of a few lines.
template <class Protocol>
class http_peer {
public:
  explicit http_peer(const typename Protocol::endpoint& server) : socket_{io_} {
    socket_.connect(server);
  }

  using response = http::response<http::string_body>;

  /// Sends what HTTP libraries refuse to.
  void send(std::string_view bytes) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(bytes), ignored);
  }

  /// The next answer; nothing if the connection ended before its end.
  std::optional<response> receive() {
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    boost::system::error_code error;
    http::read(socket_, buffer_, parser, error);
    return error ? std::nullopt : std::optional{parser.release()};
  }

  std::optional<response> ask(http::verb method, std::string_view target,
                              std::string_view body = {}) {
    http::request<http::string_body> request{method, {target.data(), target.size()}, 11};
    request.set(http::field::host, "localhost");
    request.body() = body;
    request.prepare_payload();
    boost::system::error_code ignored;
    http::write(socket_, request, ignored);
    return receive();
  }

  /// Whether the peer has ended the connection; waits until it does or sends.
  bool ended() {
    char byte = 0;
    boost::system::error_code error;
    socket_.read_some(asio::buffer(&byte, 1), error);
    return static_cast<bool>(error);
  }

  typename Protocol::socket& socket() {
    return socket_;
  }

private:
  asio::io_context io_;
  typename Protocol::socket socket_;
  boost::beast::flat_buffer buffer_;
};

using local_peer = http_peer<asio::local::stream_protocol>;
using tcp_peer = http_peer<asio::ip::tcp>;

} // namespace mailfleet::testing
