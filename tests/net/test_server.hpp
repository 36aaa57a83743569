#pragma once

#include "tests/net/test_authority.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace mailfleet::test {

using tcp = boost::asio::ip::tcp;
using tls_socket = boost::asio::ssl::stream<tcp::socket>;
template <class T = void>
using awaitable = boost::asio::awaitable<T>;

/// A server on an ephemeral port of 127.0.0.1 that plays one script with each
/// client. A script that throws (the client is gone) is over; its socket closes.
class test_server {
public:
  using script = std::function<awaitable<>(tcp::socket)>;

  explicit test_server(script play);
  ~test_server();
  test_server(const test_server&) = delete;
  test_server& operator=(const test_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }
  /// Connections taken so far.
  [[nodiscard]] int accepted() const noexcept {
    return accepted_;
  }

private:
  awaitable<> serve();

  boost::asio::io_context context_{1};
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  script play_;
  std::atomic<int> accepted_ = 0;
  std::thread thread_;
};

/// A context for servers; with `only_tls11` it speaks nothing newer.
[[nodiscard]] boost::asio::ssl::context make_tls_context(const identity& who,
                                                         bool only_tls11 = false);

/// TLS first, then the script.
[[nodiscard]] test_server::script over_tls(const identity& who,
                                           std::function<awaitable<>(tls_socket&)> play);

/// Reads through the next occurrence of `end`; what came behind it stays in `buffer`.
template <class Stream>
awaitable<std::string> read_through(Stream& stream, std::string& buffer, std::string_view end) {
  for (;;) {
    if (auto at = buffer.find(end); at != buffer.npos) {
      auto line = buffer.substr(0, at + end.size());
      buffer.erase(0, at + end.size());
      co_return line;
    }
    char bytes[4096];
    auto count =
        co_await stream.async_read_some(boost::asio::buffer(bytes), boost::asio::use_awaitable);
    buffer.append(bytes, count);
  }
}

template <class Stream>
awaitable<> write(Stream& stream, std::string bytes) {
  for (std::size_t sent = 0; sent < bytes.size();)
    sent += co_await stream.async_write_some(
        boost::asio::buffer(bytes.data() + sent, bytes.size() - sent), boost::asio::use_awaitable);
}

/// Reads until the client goes, which throws.
template <class Stream>
awaitable<> wait_for_end(Stream& stream) {
  for (std::string buffer;; buffer.clear())
    co_await read_through(stream, buffer, "\n");
}

} // namespace mailfleet::test
