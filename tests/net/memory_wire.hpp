#pragma once

#include "net/byte_stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

/// A connection in memory to a server that answers line by line: no thread, no
/// socket, no clock.
namespace mailfleet::testing {

/// The two ends of a connection; outlives the stream that the session owns.
struct wire {
  /// What the server sends on a line, given without its end.
  std::function<std::string(const std::string& line)> answer;
  std::string to_client;
  std::string from_client;
  /// At most this many bytes a read.
  std::size_t step = 1 << 20;
  bool ended = false;
  bool woken = false;
  bool waiting = false;
  bool expired = false;
  std::chrono::milliseconds deadline{};
  std::size_t largest_read = 0;
  int streams = 0;
  boost::asio::steady_timer* changed = nullptr;

  /// The server speaks by itself.
  void say(const std::string& text) {
    to_client += text;
    if (changed != nullptr)
      changed->cancel();
  }
  void end() {
    ended = true;
    say("");
  }
  /// The deadline of the read that waits passes.
  void expire() {
    expired = true;
    say("");
  }
};

class memory_stream final : public net::byte_stream {
public:
  memory_stream(boost::asio::io_context& context, wire& on) : changed_{context}, on_{on} {
    on_.changed = &changed_;
    ++on_.streams;
  }
  ~memory_stream() override {
    on_.changed = nullptr;
    --on_.streams;
  }
  memory_stream(const memory_stream&) = delete;
  memory_stream& operator=(const memory_stream&) = delete;

  boost::asio::awaitable<result<net::read_outcome>>
  read_some(std::span<char> into, std::chrono::milliseconds deadline) override {
    on_.largest_read = std::max(on_.largest_read, into.size());
    on_.expired = false;
    while (!on_.woken && on_.to_client.empty() && !on_.ended) {
      // Only a test decides that time has passed, but for the shortest waits.
      if (on_.expired || deadline < std::chrono::milliseconds{100})
        co_return failure{errc::timed_out, "the server is silent"};
      on_.deadline = deadline;
      on_.waiting = true;
      changed_.expires_at(std::chrono::steady_clock::time_point::max());
      boost::system::error_code cancelled;
      co_await changed_.async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
      on_.waiting = false;
    }
    if (std::exchange(on_.woken, false))
      co_return net::read_outcome{0, true};
    auto count = std::min({into.size(), on_.to_client.size(), on_.step});
    std::memcpy(into.data(), on_.to_client.data(), count);
    on_.to_client.erase(0, count);
    co_return net::read_outcome{count, false};
  }

  boost::asio::awaitable<result<void>> write_all(std::string_view bytes,
                                                 std::chrono::milliseconds) override {
    if (on_.ended)
      co_return failure{errc::connection_lost, "the peer is gone"};
    on_.from_client += bytes;
    for (auto end = on_.from_client.find("\r\n"); end != std::string::npos;
         end = on_.from_client.find("\r\n")) {
      auto line = on_.from_client.substr(0, end);
      on_.from_client.erase(0, end + 2);
      on_.to_client += on_.answer(line);
    }
    co_return result<void>{};
  }

  void wake() noexcept override {
    on_.woken = true;
    changed_.cancel();
  }

  std::string_view peer_certificate_sha256() const noexcept override {
    return "";
  }

private:
  boost::asio::steady_timer changed_;
  wire& on_;
};

class memory_connector final : public net::connector {
public:
  memory_connector(boost::asio::io_context& context, wire& on)
    : context_{context}, on_{on}, gate_{context} {}

  boost::asio::awaitable<result<std::unique_ptr<net::byte_stream>>> connect(net::mail_protocol,
                                                                            endpoint) override {
    if (held) {
      gate_.expires_at(std::chrono::steady_clock::time_point::max());
      boost::system::error_code cancelled;
      co_await gate_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    }
    if (fault)
      co_return *fault;
    co_return std::make_unique<memory_stream>(context_, on_);
  }

  void release() {
    held = false;
    gate_.cancel();
  }

  bool held = false;
  std::optional<failure> fault;

private:
  boost::asio::io_context& context_;
  wire& on_;
  boost::asio::steady_timer gate_;
};

} // namespace mailfleet::testing
