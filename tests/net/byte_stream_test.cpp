// Reading and writing over a connection that libcurl opened.
#include "net/curl_pool.hpp"
#include "net/limits.hpp"
#include "tests/net/connector_fixture.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <array>
#include <future>
#include <vector>

using namespace mailfleet;
using namespace mailfleet::net;
using namespace mailfleet::test;
using namespace std::chrono_literals;

namespace {

// Not in the assertions themselves: Catch names its expression twice, and
// g++ 12 awaits it twice.

awaitable<> check_read(byte_stream& stream, std::string wanted) {
  auto text = co_await read_exactly(stream, wanted.size());
  CHECK(text == wanted);
}

awaitable<> check_write(byte_stream& stream, std::string bytes) {
  auto written = co_await stream.write_all(bytes, 10s);
  CHECK(written);
}

test_server::script imap(const test_authority& authority,
                         std::function<awaitable<>(tls_socket&)> play) {
  return mail_script(authority.issue(), {.injected = {}}, std::move(play));
}

} // namespace

TEST_CASE_METHOD(connector_fixture, "what is written arrives, and the answer is read", "[stream]") {
  test_server server{imap(authority, echo_lines)};
  with_stream(endpoint_of(server), [](byte_stream& stream) -> awaitable<> {
    for (int i = 0; i < 3; ++i) {
      auto line = "A" + std::to_string(i) + " NOOP\r\n";
      co_await check_write(stream, line);
      co_await check_read(stream, line);
    }
  });
}

TEST_CASE_METHOD(connector_fixture, "bytes that the server sends before we ask anything wait",
                 "[stream]") {
  test_server server{imap(authority, [](tls_socket& s) -> awaitable<> {
    co_await write(s, "* OK still here\r\n");
    co_await wait_for_end(s);
  })};
  with_stream(endpoint_of(server), [](byte_stream& stream) -> awaitable<> {
    co_await check_read(stream, "* OK still here\r\n");
  });
}

TEST_CASE_METHOD(connector_fixture, "a large body arrives whole, in records and in drips",
                 "[stream]") {
  auto piece = GENERATE(std::size_t{1}, std::size_t{100'000});
  auto total = piece == 1 ? std::size_t{2'000} : std::size_t{8'000'000};
  test_server server{imap(authority, [=](tls_socket& s) -> awaitable<> {
    for (std::size_t sent = 0; sent < total; sent += piece)
      co_await write(s, std::string(piece, static_cast<char>('a' + sent / piece % 26)));
    co_await wait_for_end(s);
  })};
  with_stream(endpoint_of(server), [=](byte_stream& stream) -> awaitable<> {
    auto text = co_await read_exactly(stream, total);
    CHECK(text.size() == total);
    std::size_t wrong = 0;
    for (std::size_t at = 0; at < text.size(); ++at)
      wrong += text[at] != static_cast<char>('a' + at / piece % 26) ? 1U : 0U;
    CHECK(wrong == 0);
  });
}

TEST_CASE_METHOD(connector_fixture, "a read ends with its deadline and the next one reads on",
                 "[stream]") {
  test_server server{imap(authority, echo_lines)};
  with_stream(endpoint_of(server), [&](byte_stream& stream) -> awaitable<> {
    std::array<char, 16> bytes{};
    check_failure(co_await stream.read_some(bytes, 20ms), errc::timed_out,
                  "localhost:" + std::to_string(server.port()) + " passed the deadline of a read");
    co_await check_write(stream, "x\n");
    co_await check_read(stream, "x\n");
  });
}

TEST_CASE_METHOD(connector_fixture, "a write that nobody reads ends with its deadline",
                 "[stream]") {
  test_server server{imap(authority, [](tls_socket& s) -> awaitable<> {
    // Waits for the client's end without reading from it.
    co_await s.next_layer().async_wait(tcp::socket::wait_error, boost::asio::use_awaitable);
  })};
  with_stream(endpoint_of(server), [](byte_stream& stream) -> awaitable<> {
    std::string flood(64 * 1024 * 1024, 'x');
    check_failure(co_await stream.write_all(flood, 200ms), errc::timed_out, "a write");
    check_failure(co_await stream.write_all("y", 10s), errc::connection_lost, "writing");
  });
}

TEST_CASE_METHOD(connector_fixture, "a stream that ends in order reads nothing more", "[stream]") {
  test_server server{imap(authority, [](tls_socket& s) -> awaitable<> {
    co_await write(s, "* BYE\r\n");
    co_await s.async_shutdown(boost::asio::use_awaitable);
  })};
  with_stream(endpoint_of(server), [](byte_stream& stream) -> awaitable<> {
    co_await check_read(stream, "* BYE\r\n");
    std::array<char, 16> bytes{};
    auto end = co_await stream.read_some(bytes, 10s);
    REQUIRE(end);
    CHECK(end->bytes == 0);
    CHECK_FALSE(end->woken);
  });
}

TEST_CASE_METHOD(connector_fixture, "a stream that is cut is lost", "[stream]") {
  test_server server{
      imap(authority, [](tls_socket& s) -> awaitable<> { co_await write(s, "half"); })};
  with_stream(endpoint_of(server), [](byte_stream& stream) -> awaitable<> {
    co_await check_read(stream, "half");
    std::array<char, 16> bytes{};
    check_failure(co_await stream.read_some(bytes, 10s), errc::connection_lost, "while reading");
    check_failure(co_await stream.read_some(bytes, 10s), errc::connection_lost, "while reading");
  });
}

TEST_CASE_METHOD(connector_fixture, "a wake ends the read that waits", "[stream]") {
  test_server server{imap(authority, echo_lines)};
  with_stream(endpoint_of(server), [](byte_stream& stream) -> awaitable<> {
    boost::asio::post(co_await boost::asio::this_coro::executor, [&] { stream.wake(); });
    std::array<char, 16> bytes{};
    auto woken = co_await stream.read_some(bytes, 10s);
    REQUIRE(woken);
    CHECK(woken->woken);
    co_await check_write(stream, "x\n");
    co_await check_read(stream, "x\n");
  });
}

TEST_CASE_METHOD(connector_fixture, "a wake before a read ends that read and only that",
                 "[stream]") {
  test_server server{imap(authority, echo_lines)};
  with_stream(endpoint_of(server), [](byte_stream& stream) -> awaitable<> {
    stream.wake();
    stream.wake();
    std::array<char, 16> bytes{};
    auto woken = co_await stream.read_some(bytes, 10s);
    REQUIRE(woken);
    CHECK(woken->woken);
    check_failure(co_await stream.read_some(bytes, 20ms), errc::timed_out, "a read");
  });
}

TEST_CASE_METHOD(connector_fixture, "a session is dropped with a read under way", "[stream]") {
  test_server server{imap(authority, echo_lines)};
  std::promise<void> reading;
  boost::asio::co_spawn(
      loop.at(0),
      [&]() -> awaitable<> {
        auto connector = make_connector(settings);
        auto connected = co_await connector->connect(mail_protocol::imap, endpoint_of(server));
        std::array<char, 16> bytes{};
        reading.set_value();
        static_cast<void>(co_await (*connected)->read_some(bytes, 1h));
      },
      [](const std::exception_ptr&) {});
  reading.get_future().get();
  loop.stop();
  CHECK(server.accepted() == 1);
}

TEST_CASE_METHOD(connector_fixture, "300 sessions at once fill more than one multi handle",
                 "[stream]") {
  constexpr std::size_t count = 300;
  static_assert(count > max_sessions_per_multi);
  test_server server{imap(authority, echo_lines)};
  std::size_t groups = 0;
  std::size_t echoed = 0;
  run([&]() -> awaitable<> {
    auto connector = make_connector(settings);
    std::vector<stream_ptr> streams;
    for (std::size_t i = 0; i < count; ++i) {
      auto connected = co_await connector->connect(mail_protocol::imap, endpoint_of(server));
      REQUIRE(connected);
      streams.push_back(*std::move(connected));
    }
    groups = curl_pool::of(co_await boost::asio::this_coro::executor).session_groups();
    for (std::size_t i = 0; i < count; ++i)
      co_await check_write(*streams[i], std::to_string(i) + "\n");
    for (std::size_t i = 0; i < count; ++i) {
      auto line = std::to_string(i) + "\n";
      echoed += co_await read_exactly(*streams[i], line.size()) == line ? 1U : 0U;
    }
  });
  CHECK(groups == 2);
  CHECK(echoed == count);
}
