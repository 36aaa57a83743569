#pragma once

#include "net/http_client.hpp"
#include "tests/net/test_server.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <memory>
#include <string>
#include <utility>

namespace mailfleet::test {

using namespace mailfleet::net;

/// A loop, a client and a CA.
struct http_fixture {
  test_authority authority;
  event_loop loop{1};
  std::unique_ptr<http_client> client = make_http_client(loop, {});

  [[nodiscard]] http_request request_to(const test_server& server) const {
    http_request request;
    request.url = "https://localhost:" + std::to_string(server.port()) + "/token";
    request.ca_file = authority.ca_file();
    return request;
  }

  result<http_response> send(http_request request) {
    std::promise<result<http_response>> answer;
    client->send(std::move(request),
                 [&](result<http_response> what) { answer.set_value(std::move(what)); });
    return answer.get_future().get();
  }
};

/// One request, head and body; throws when the client goes.
inline awaitable<std::string> read_request(tls_socket& stream, std::string& buffer) {
  auto head = co_await read_through(stream, buffer, "\r\n\r\n");
  std::size_t size = 0;
  if (auto at = head.find("Content-Length: "); at != head.npos)
    size = std::stoul(head.substr(at + 16));
  while (buffer.size() < size) {
    char more[1024];
    auto count =
        co_await stream.async_read_some(boost::asio::buffer(more), boost::asio::use_awaitable);
    buffer.append(more, count);
  }
  auto whole = head + buffer.substr(0, size);
  buffer.erase(0, size);
  co_return whole;
}

/// Reads one request, then writes what it is given and closes.
inline std::function<awaitable<>(tls_socket&)> answering(std::string bytes,
                                                         std::string* seen = nullptr) {
  return [bytes, seen](tls_socket& stream) -> awaitable<> {
    std::string buffer;
    auto request = co_await read_request(stream, buffer);
    if (seen != nullptr)
      *seen = request;
    co_await write(stream, bytes);
    co_await stream.async_shutdown(boost::asio::use_awaitable);
  };
}

inline std::string answer_of(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline void check_failure(const result<http_response>& outcome, errc code,
                          const std::string& words) {
  REQUIRE_FALSE(outcome);
  INFO(to_string(outcome.error()));
  CHECK(outcome.error().code == code);
  CHECK(outcome.error().detail.find(words) != std::string::npos);
}

} // namespace mailfleet::test
