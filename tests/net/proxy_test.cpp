// Through real proxies of Debian: tinyproxy (HTTP CONNECT) and microsocks
// (SOCKS5), each with a user and a password. What they log tells what they carried.
#include "net/http_client.hpp"
#include "tests/net/child_process.hpp"
#include "tests/net/connector_fixture.hpp"

#include <fstream>
#include <future>

using namespace mailfleet;
using namespace mailfleet::net;
using namespace mailfleet::test;

namespace {

enum class kind { http, socks };

/// A running proxy that lets `ann` with `right` pass.
struct proxy_server {
  explicit proxy_server(kind wanted) : which{wanted} {
    if (which == kind::socks) {
      child = std::make_unique<child_process>(
          std::vector<std::string>{"microsocks", "-i", "127.0.0.1", "-p", std::to_string(port),
                                   "-u", "ann", "-P", "right"},
          log(), port);
      return;
    }
    auto config = folder / "tinyproxy.conf";
    std::ofstream{config} << "Listen 127.0.0.1\nPort " << port << "\nTimeout 60\nLogFile " << log()
                          << "\nLogLevel Connect\nBasicAuth ann right\nAllow 127.0.0.1\n";
    child = std::make_unique<child_process>(
        std::vector<std::string>{"tinyproxy", "-d", "-c", config.string()}, folder / "out", port);
  }
  ~proxy_server() {
    child.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  proxy_server(const proxy_server&) = delete;
  proxy_server& operator=(const proxy_server&) = delete;

  [[nodiscard]] std::filesystem::path log() const {
    return folder / "log";
  }
  [[nodiscard]] proxy_settings settings(std::string password = "right") const {
    proxy_settings made;
    made.url =
        (which == kind::http ? "http://127.0.0.1:" : "socks5h://127.0.0.1:") + std::to_string(port);
    made.user = "ann";
    made.password = secret{std::move(password)};
    return made;
  }
  /// Whether it led somebody to a port of localhost.
  [[nodiscard]] bool carried(std::uint16_t to) const {
    auto target = "localhost:" + std::to_string(to);
    return contents_of(log()).find(which == kind::http ? "CONNECT " + target
                                                       : "connected to " + target)
           != std::string::npos;
  }

  kind which;
  std::filesystem::path folder = make_temporary_folder();
  std::uint16_t port = free_port();
  std::unique_ptr<child_process> child;
};

} // namespace

TEST_CASE_METHOD(connector_fixture, "a session goes through a proxy with credentials", "[proxy]") {
  auto which = GENERATE(kind::http, kind::socks);
  auto tls = GENERATE(tls_mode::implicit, tls_mode::starttls);
  proxy_server proxy{which};
  auto who = authority.issue();
  test_server server{mail_script(who, {.tls = tls, .injected = {}}, echo_lines)};
  auto wanted = endpoint_of(server, tls);
  SECTION("named by the endpoint") {
    wanted.proxy = proxy.settings();
  }
  SECTION("named for all") {
    settings.proxy = proxy.settings();
  }
  auto connected = try_connect(wanted);
  INFO((connected ? std::string{} : to_string(connected.error())));
  REQUIRE(connected);
  CHECK(*connected == who.sha256);
  CHECK(proxy.carried(server.port()));
}

TEST_CASE_METHOD(connector_fixture, "a wrong proxy password is the proxy's refusal", "[proxy]") {
  proxy_server proxy{GENERATE(kind::http, kind::socks)};
  test_server server{mail_script(authority.issue(), {.injected = {}}, echo_lines)};
  auto wanted = endpoint_of(server);
  wanted.proxy = proxy.settings("wrong");
  auto outcome = try_connect(wanted);
  check_failure(outcome, errc::proxy_failed, "127.0.0.1:" + std::to_string(proxy.port));
  CHECK(outcome.error().detail.find("wrong") == std::string::npos);
  CHECK(server.accepted() == 0);
}

TEST_CASE_METHOD(connector_fixture, "a proxy that is not there is named", "[proxy]") {
  test_server server{mail_script(authority.issue(), {.injected = {}}, echo_lines)};
  auto wanted = endpoint_of(server);
  wanted.proxy.url = GENERATE("http://127.0.0.1:1", "socks5h://127.0.0.1:1");
  check_failure(try_connect(wanted), errc::proxy_failed, "127.0.0.1:1");
  CHECK(server.accepted() == 0);
}

TEST_CASE_METHOD(connector_fixture, "a host behind the proxy is still decided by its certificate",
                 "[proxy]") {
  proxy_server proxy{GENERATE(kind::http, kind::socks)};
  test_server server{mail_script(make_self_signed(), {.injected = {}}, echo_lines)};
  auto wanted = endpoint_of(server);
  wanted.proxy = proxy.settings();
  check_failure(try_connect(wanted), errc::tls_untrusted, "it is self-signed");
}

TEST_CASE_METHOD(connector_fixture, "exceptions and `direct` lead past the proxy", "[proxy]") {
  test_server dead{[](tcp::socket) -> awaitable<> { co_return; }};
  test_server server{mail_script(authority.issue(), {.injected = {}}, echo_lines)};
  auto wanted = endpoint_of(server);
  settings.proxy.url = "http://127.0.0.1:" + std::to_string(dead.port());
  check_failure(try_connect(wanted), errc::proxy_failed, "127.0.0.1");
  CHECK(dead.accepted() == 1);
  SECTION("by the list") {
    settings.proxy.no_proxy = {"example.org", "localhost"};
  }
  SECTION("by the endpoint") {
    wanted.proxy.url = "direct";
  }
  CHECK(try_connect(wanted));
  CHECK(dead.accepted() == 1);
}

TEST_CASE_METHOD(connector_fixture, "an HTTP request goes through a proxy with credentials",
                 "[proxy]") {
  proxy_server proxy{GENERATE(kind::http, kind::socks)};
  auto answer_once = [](tls_socket& stream) -> awaitable<> {
    std::string buffer;
    auto head = co_await read_through(stream, buffer, "\r\n\r\n");
    // What is for the proxy must not reach the server.
    auto leaked = head.find("Proxy") != head.npos;
    co_await write(stream, leaked ? "HTTP/1.1 500 Leaked\r\nContent-Length: 0\r\n\r\n"
                                  : "HTTP/1.1 204 Fine\r\nX-Server: yes\r\n\r\n");
    co_await wait_for_end(stream);
  };
  test_server server{over_tls(authority.issue(), answer_once)};
  auto client = make_http_client(loop, {.proxy = proxy.settings(), .environment_proxy = false});
  auto send = [&](const proxy_settings& own) {
    std::promise<result<http_response>> answer;
    http_request request;
    request.url = "https://localhost:" + std::to_string(server.port()) + "/";
    request.ca_file = authority.ca_file();
    request.proxy = own;
    client->send(request, [&](result<http_response> what) { answer.set_value(std::move(what)); });
    return answer.get_future().get();
  };
  auto answer = send({});
  INFO((answer ? std::string{} : to_string(answer.error())));
  REQUIRE(answer);
  CHECK(answer->status == 204);
  // None of the proxy's own headers is taken for the server's.
  REQUIRE(answer->headers.size() == 1);
  CHECK(answer->headers[0].first == "x-server");
  CHECK(proxy.carried(server.port()));
  check_failure(send(proxy.settings("wrong")), errc::proxy_failed, "did not lead to localhost");
}
