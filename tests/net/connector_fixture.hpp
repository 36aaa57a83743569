#pragma once

#include "net/connector.hpp"
#include "net/event_loop.hpp"
#include "tests/net/mail_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace mailfleet::test {

using stream_ptr = std::unique_ptr<net::byte_stream>;

/// A loop, a CA, and what a session does with a connector.
struct connector_fixture {
  test_authority authority;
  net::event_loop loop{1};
  net::connector_settings settings;

  [[nodiscard]] endpoint endpoint_of(const test_server& server,
                                     tls_mode tls = tls_mode::implicit) const {
    endpoint made;
    made.host = "localhost";
    made.port = server.port();
    made.tls = tls;
    made.ca_file = authority.ca_file();
    return made;
  }

  /// Runs a coroutine on the loop to its end; its exceptions come out here.
  void run(std::function<awaitable<>()> play) {
    boost::asio::co_spawn(loop.at(0), std::move(play), boost::asio::use_future).get();
  }

  /// Connects and lets the stream go. Success: the certificate's SHA-256.
  result<std::string> try_connect(endpoint server,
                                  net::mail_protocol protocol = net::mail_protocol::imap) {
    result<std::string> outcome{std::string{}};
    run([&]() -> awaitable<> {
      auto connected = co_await net::make_connector(settings)->connect(protocol, server);
      if (connected)
        outcome = std::string{(*connected)->peer_certificate_sha256()};
      else
        outcome = connected.error();
    });
    return outcome;
  }

  /// Connects, and plays with the stream on the loop.
  void with_stream(const endpoint& server, std::function<awaitable<>(net::byte_stream&)> play) {
    run([&]() -> awaitable<> {
      auto connector = net::make_connector(settings);
      auto connected = co_await connector->connect(net::mail_protocol::imap, server);
      INFO((connected ? std::string{} : to_string(connected.error())));
      REQUIRE(connected);
      co_await play(**connected);
    });
  }
};

template <class T>
void check_failure(const result<T>& outcome, errc code, const std::string& words) {
  REQUIRE_FALSE(outcome);
  INFO(to_string(outcome.error()));
  CHECK(outcome.error().code == code);
  CHECK(outcome.error().detail.find(words) != std::string::npos);
}

/// Reads exactly `size` bytes, or what there is before the stream ends.
inline awaitable<std::string> read_exactly(net::byte_stream& stream, std::size_t size) {
  std::string text(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    auto got = co_await stream.read_some(std::span{text}.subspan(have), std::chrono::seconds{10});
    INFO((got ? std::string{} : to_string(got.error())));
    REQUIRE(got);
    if (got->bytes == 0)
      break;
    have += got->bytes;
  }
  text.resize(have);
  co_return text;
}

} // namespace mailfleet::test
