// The HTTP client against servers on loopback whose every byte a script chooses.
#include "messages/values/fail_point.hpp"
#include "net/limits.hpp"
#include "tests/net/http_fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <future>
#include <mutex>

using namespace mailfleet;
using namespace mailfleet::net;
using namespace mailfleet::test;
using namespace std::chrono_literals;

namespace {

using fixture = http_fixture;

} // namespace

TEST_CASE_METHOD(fixture, "a GET carries its bearer token, and an answer comes back whole",
                 "[http]") {
  std::string seen;
  test_server server{
      over_tls(authority.issue(), answering("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\n"
                                            "Content-Length: 5\r\n\r\nlater",
                                            &seen))};
  auto request = request_to(server);
  request.bearer = secret{"token-1.x~y"};
  auto answer = send(std::move(request));
  REQUIRE(answer);
  CHECK(answer->status == 429);
  CHECK(answer->body == "later");
  REQUIRE_FALSE(answer->headers.empty());
  CHECK(answer->headers[0] == std::pair<std::string, std::string>{"retry-after", "7"});
  CHECK(seen.starts_with("GET /token HTTP/1.1\r\n"));
  CHECK(seen.find("Authorization: Bearer token-1.x~y\r\n") != seen.npos);
}

TEST_CASE_METHOD(fixture, "a POST carries its body, its headers and its Basic credentials",
                 "[http]") {
  std::string seen;
  test_server server{over_tls(authority.issue(), answering(answer_of("{}"), &seen))};
  auto request = request_to(server);
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Empty", ""}};
  request.body = secret{"grant_type=refresh_token"};
  request.basic_user = "client%3A1";
  request.basic_password = secret{"pass"};
  auto answer = send(std::move(request));
  REQUIRE(answer);
  CHECK(seen.find("Content-Type: application/x-www-form-urlencoded\r\n") != seen.npos);
  CHECK(seen.find("X-Empty:\r\n") != seen.npos);
  CHECK(seen.find("Expect") == seen.npos);
  // base64 of client%3A1:pass
  CHECK(seen.find("Authorization: Basic Y2xpZW50JTNBMTpwYXNz\r\n") != seen.npos);
  CHECK(seen.ends_with("\r\n\r\ngrant_type=refresh_token"));
}

TEST_CASE_METHOD(fixture, "the fail point behind a token request's answer is passed", "[http]") {
  std::atomic<int> passed = 0;
  set_fail_point_handler(
      [&](std::string_view name) { passed += name == "token_endpoint_answered"; });
  test_server server{over_tls(authority.issue(), answering(answer_of("{}")))};
  auto request = request_to(server);
  CHECK(send(request));
  CHECK(passed == 0);
  request.method = "POST";
  CHECK(send(request));
  CHECK(passed == 1);
  set_fail_point_handler({});
}

TEST_CASE_METHOD(fixture, "an answer that drips byte by byte is put together", "[http]") {
  auto drip = [](tls_socket& stream) -> awaitable<> {
    std::string buffer;
    co_await read_through(stream, buffer, "\r\n\r\n");
    for (char byte : answer_of("slow but sure"))
      co_await write(stream, std::string(1, byte));
    co_await wait_for_end(stream);
  };
  test_server server{over_tls(authority.issue(), drip)};
  auto answer = send(request_to(server));
  REQUIRE(answer);
  CHECK(answer->body == "slow but sure");
}

TEST_CASE_METHOD(fixture, "a server that never answers runs into the deadline", "[http]") {
  test_server server{over_tls(authority.issue(), [](tls_socket& s) { return wait_for_end(s); })};
  auto request = request_to(server);
  request.deadline = 1s;
  check_failure(send(request), errc::timed_out,
                "localhost:" + std::to_string(server.port())
                    + " passed the deadline in waiting for the answer");
}

TEST_CASE_METHOD(fixture, "a server that never finishes the handshake is named so", "[http]") {
  test_server server{[](tcp::socket socket) -> awaitable<> { co_await wait_for_end(socket); }};
  auto request = request_to(server);
  request.deadline = 1s;
  check_failure(send(request), errc::timed_out, "TLS handshake");
}

TEST_CASE_METHOD(fixture, "a body may fill the limit and not pass it", "[http]") {
  auto declared = GENERATE(true, false);
  auto body = GENERATE(std::string(1000, 'x'), std::string(1001, 'x'));
  auto bytes = declared ? answer_of(body) : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body;
  test_server server{over_tls(authority.issue(), answering(bytes))};
  auto request = request_to(server);
  request.max_response_bytes = 1000;
  auto answer = send(request);
  if (body.size() == 1000) {
    REQUIRE(answer);
    CHECK(answer->body == body);
  } else {
    check_failure(answer, errc::too_large, "passes its limit");
  }
}

TEST_CASE_METHOD(fixture, "a flood of headers is cut off", "[http]") {
  std::atomic<bool> cut = false;
  auto flood = [&](tls_socket& stream) -> awaitable<> {
    std::string buffer;
    co_await read_through(stream, buffer, "\r\n\r\n");
    co_await write(stream, "HTTP/1.1 200 OK\r\n");
    try {
      for (;;)
        co_await write(stream, "x-flood: " + std::string(900, 'x') + "\r\n");
    } catch (const std::exception&) {
      cut = true;
    }
  };
  test_server server{over_tls(authority.issue(), flood)};
  check_failure(send(request_to(server)), errc::too_large, "headers");
}

TEST_CASE_METHOD(fixture, "a connection that ends early is lost", "[http]") {
  auto bytes = GENERATE("", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  test_server server{over_tls(authority.issue(), answering(bytes))};
  check_failure(send(request_to(server)), errc::connection_lost, "localhost:");
}

TEST_CASE_METHOD(fixture, "a body without length that TLS does not end is lost", "[http]") {
  auto cut = [](tls_socket& stream) -> awaitable<> {
    std::string buffer;
    co_await read_through(stream, buffer, "\r\n\r\n");
    co_await write(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it");
  };
  test_server server{over_tls(authority.issue(), cut)};
  check_failure(send(request_to(server)), errc::connection_lost, "localhost:");
}

TEST_CASE_METHOD(fixture, "a server that hangs up instead of TLS fails the handshake", "[http]") {
  test_server server{[](tcp::socket) -> awaitable<> { co_return; }};
  check_failure(send(request_to(server)), errc::tls_failed, "TLS handshake");
}

TEST_CASE_METHOD(fixture, "TLS 1.1 is refused", "[http]") {
  auto context = make_tls_context(authority.issue(), true);
  test_server server{[&](tcp::socket socket) -> awaitable<> {
    tls_socket stream{std::move(socket), context};
    co_await stream.async_handshake(tls_socket::server, boost::asio::use_awaitable);
  }};
  check_failure(send(request_to(server)), errc::tls_failed, "TLS handshake");
}

TEST_CASE_METHOD(fixture, "a certificate that expired is not trusted", "[http]") {
  leaf old;
  old.valid_from = -3;
  old.valid_until = -1;
  test_server server{over_tls(authority.issue(old), answering(answer_of("")))};
  check_failure(send(request_to(server)), errc::tls_untrusted, "it expired on 20");
}

TEST_CASE_METHOD(fixture, "a certificate of another host is not trusted", "[http]") {
  leaf other;
  other.dns_names = {"mail.example.org"};
  test_server server{over_tls(authority.issue(other), answering(answer_of("")))};
  check_failure(send(request_to(server)), errc::tls_untrusted,
                "it does not name the host localhost");
}

TEST_CASE_METHOD(fixture, "a self-signed certificate is not trusted", "[http]") {
  test_server server{over_tls(make_self_signed(), answering(answer_of("")))};
  check_failure(send(request_to(server)), errc::tls_untrusted, "it is self-signed");
}

TEST_CASE_METHOD(fixture, "the CA file of one request does not count for another", "[http]") {
  // libcurl keeps CA stores by file name; ours have none.
  test_authority other;
  test_server server{over_tls(authority.issue(), answering(answer_of("")))};
  auto right = request_to(server);
  auto wrong = right;
  wrong.ca_file = other.ca_file();
  CHECK(send(right));
  check_failure(send(wrong), errc::tls_untrusted, "its CA is unknown");
  CHECK(send(right));
  wrong.ca_file.clear();
  check_failure(send(wrong), errc::tls_untrusted, "its CA is unknown");
}

TEST_CASE_METHOD(fixture, "a redirect is an answer and is not followed", "[http]") {
  test_server server{over_tls(
      authority.issue(),
      answering(
          "HTTP/1.1 302 Found\r\nLocation: https://localhost:1/\r\nContent-Length: 0\r\n\r\n"))};
  auto answer = send(request_to(server));
  REQUIRE(answer);
  CHECK(answer->status == 302);
  CHECK(server.accepted() == 1);
}

TEST_CASE_METHOD(fixture, "plain http reaches loopback addresses only", "[http]") {
  test_server server{[](tcp::socket socket) -> awaitable<> {
    std::string buffer;
    co_await read_through(socket, buffer, "\r\n\r\n");
    co_await write(socket, answer_of("plain"));
    co_await wait_for_end(socket);
  }};
  http_request request;
  request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
  auto answer = send(request);
  REQUIRE(answer);
  CHECK(answer->body == "plain");
  request.url = "http://127.example.org/";
  check_failure(send(request), errc::invalid_argument, "is not protected by TLS");
}

TEST_CASE_METHOD(fixture, "requests that could smuggle something are refused", "[http]") {
  http_request request;
  request.url = GENERATE("https://user:pass@localhost/", "ftp://localhost/", "localhost", "",
                         "https://local host/", "file:///etc/passwd");
  check_failure(send(request), errc::invalid_argument, "url");
}

TEST_CASE_METHOD(fixture, "a header with a line end in it is refused", "[http]") {
  http_request request;
  request.url = "https://localhost:1/";
  request.ca_file = authority.ca_file();
  request.headers = {{"X-One", "a\r\nX-Two: b"}};
  check_failure(send(request), errc::invalid_argument, "headers");
  request.headers = {{"X: One", "a"}};
  check_failure(send(request), errc::invalid_argument, "headers");
}

TEST_CASE_METHOD(fixture, "a CA file that is missing or empty is named", "[http]") {
  http_request request;
  request.url = "https://localhost:1/";
  request.ca_file = "/nonexistent/ca.pem";
  check_failure(send(request), errc::invalid_argument, "/nonexistent/ca.pem");
  request.ca_file = "/dev/null";
  check_failure(send(request), errc::invalid_argument, "holds no certificate");
}

TEST_CASE_METHOD(fixture, "a port where nobody listens fails to connect", "[http]") {
  http_request request;
  {
    test_server gone{[](tcp::socket) -> awaitable<> { co_return; }};
    request = request_to(gone);
  }
  check_failure(send(request), errc::connect_failed, request.url.substr(8, 15));
}

TEST_CASE_METHOD(fixture, "a name that does not resolve is named", "[http]") {
  http_request request;
  request.url = "https://nowhere.invalid/";
  check_failure(send(request), errc::dns_failed, "nowhere.invalid");
}

TEST_CASE_METHOD(fixture, "proxies of the environment are ignored unless asked for", "[http]") {
  test_server server{over_tls(authority.issue(), answering(answer_of("direct")))};
  // A proxy that hangs up: whoever asks it fails.
  test_server dead{[](tcp::socket) -> awaitable<> { co_return; }};
  ::setenv("https_proxy", ("http://127.0.0.1:" + std::to_string(dead.port())).c_str(), 1);
  auto ignoring = send(request_to(server));
  client = make_http_client(loop, {.proxy = {}, .environment_proxy = true});
  auto obeying = send(request_to(server));
  ::unsetenv("https_proxy");
  CHECK(ignoring);
  CHECK_FALSE(obeying);
  CHECK(dead.accepted() == 1);
}

namespace {

/// Counts what each of some requests was answered.
struct tally {
  std::mutex mutex;
  std::vector<int> answers;
  std::vector<errc> codes;

  void send_all(http_client& client, const http_request& request, std::size_t count) {
    answers.resize(count);
    for (std::size_t i = 0; i < count; ++i)
      client.send(request, [this, i](const result<http_response>& what) {
        std::lock_guard lock{mutex};
        ++answers[i];
        codes.push_back(what ? errc::internal : what.error().code);
      });
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a client that stops answers every request exactly once", "[http]") {
  std::promise<void> reached;
  std::atomic<int> waiting = 0;
  test_server server{over_tls(authority.issue(), [&](tls_socket& stream) -> awaitable<> {
    if (++waiting == 10)
      reached.set_value();
    co_await wait_for_end(stream);
  })};
  tally counted;
  counted.send_all(*client, request_to(server), 20);
  reached.get_future().get();
  SECTION("when the client goes first") {
    client.reset();
  }
  SECTION("when the loop ends first") {
    loop.stop();
    client.reset();
  }
  CHECK(counted.answers == std::vector<int>(20, 1));
  CHECK(counted.codes == std::vector<errc>(20, errc::shutting_down));
}

TEST_CASE("requests that the end of the loop overtakes are answered", "[http]") {
  tally counted;
  {
    event_loop loop{1};
    auto client = make_http_client(loop, {});
    loop.stop();
    http_request request;
    request.url = "https://localhost:1/";
    counted.send_all(*client, request, 5);
    SECTION("with the client still there") {}
    SECTION("with the client gone") {
      client.reset();
    }
  }
  CHECK(counted.answers == std::vector<int>(5, 1));
  CHECK(counted.codes == std::vector<errc>(5, errc::shutting_down));
}
