// HTTP connections that serve several requests: what is shared, and what must not be.
#include "net/curl_pool.hpp"
#include "tests/net/http_fixture.hpp"

#include <boost/asio/post.hpp>

#include <vector>

using namespace mailfleet;
using namespace mailfleet::test;
using namespace std::chrono_literals;

namespace {

/// Gives the n-th request of all its connections together the n-th of some
/// answers. An empty one is a connection closed without a word.
struct scripted {
  explicit scripted(std::vector<std::string> bytes) : answers{std::move(bytes)} {}

  [[nodiscard]] test_server::script over(const identity& who) {
    return over_tls(who, [this](tls_socket& stream) -> awaitable<> {
      std::string buffer;
      for (;;) {
        requests.push_back(co_await read_request(stream, buffer));
        if (requests.size() > answers.size() || answers[requests.size() - 1].empty())
          co_return;
        co_await write(stream, answers[requests.size() - 1]);
        if (closes_after == requests.size())
          co_await stream.async_shutdown(boost::asio::use_awaitable);
      }
    });
  }

  std::vector<std::string> answers;
  std::size_t closes_after = 0;
  std::vector<std::string> requests;
};

struct reuse_fixture : http_fixture {
  [[nodiscard]] std::string body_from(const test_server& server) {
    auto answer = send(request_to(server));
    return answer ? answer->body : to_string(answer.error());
  }

  /// On the loop's thread.
  std::size_t groups_after_closing_idle() {
    std::promise<std::size_t> left;
    boost::asio::post(loop.at(0), [&] {
      auto& pool = curl_pool::of(loop.at(0).get_executor());
      pool.close_idle(std::chrono::steady_clock::now());
      left.set_value(pool.http_groups());
    });
    return left.get_future().get();
  }
};

const std::string unframed = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";

} // namespace

TEST_CASE_METHOD(reuse_fixture, "requests to one server share a connection", "[http]") {
  scripted script{{answer_of("one"), answer_of("two"), answer_of("three")}};
  test_server server{script.over(authority.issue())};
  CHECK(body_from(server) == "one");
  CHECK(body_from(server) == "two");
  CHECK(body_from(server) == "three");
  CHECK(server.accepted() == 1);
}

TEST_CASE_METHOD(reuse_fixture, "requests that come in bursts keep their connections", "[http]") {
  constexpr int burst = 32;
  test_server server{over_tls(authority.issue(), [](tls_socket& stream) -> awaitable<> {
    for (std::string buffer;;) {
      co_await read_request(stream, buffer);
      co_await write(stream, answer_of("x"));
    }
  })};
  for (int round = 0; round < 5; ++round) {
    std::promise<void> all;
    std::atomic<int> answered = 0, good = 0;
    for (int i = 0; i < burst; ++i)
      client->send(request_to(server), [&](const result<http_response>& what) {
        good += what ? 1 : 0;
        if (++answered == burst)
          all.set_value();
      });
    all.get_future().get();
    CHECK(good == burst);
  }
  CHECK(server.accepted() <= burst);
}

TEST_CASE_METHOD(reuse_fixture, "CA files share no connection", "[http]") {
  test_authority other;
  scripted script{{answer_of("one"), answer_of("two")}};
  test_server server{script.over(authority.issue())};
  CHECK(body_from(server) == "one");
  auto stranger = request_to(server);
  stranger.ca_file = other.ca_file();
  check_failure(send(stranger), errc::tls_untrusted, "its CA is unknown");
  CHECK(server.accepted() == 2);
  CHECK(body_from(server) == "two");
  CHECK(server.accepted() == 2);
}

TEST_CASE_METHOD(reuse_fixture, "a shared connection is closed when nobody uses it", "[http]") {
  scripted script{{answer_of("one"), answer_of("two")}};
  test_server server{script.over(authority.issue())};
  CHECK(body_from(server) == "one");
  CHECK(groups_after_closing_idle() == 0);
  CHECK(body_from(server) == "two");
  CHECK(server.accepted() == 2);
}

TEST_CASE_METHOD(reuse_fixture, "a connection that the server closed meanwhile is replaced",
                 "[http]") {
  scripted script{{answer_of("one"), answer_of("two")}};
  script.closes_after = 1;
  test_server server{script.over(authority.issue())};
  CHECK(body_from(server) == "one");
  CHECK(body_from(server) == "two");
  CHECK(server.accepted() == 2);
}

TEST_CASE_METHOD(reuse_fixture,
                 "a request that a kept connection swallowed is sent again on a new one",
                 "[http]") {
  scripted script{{answer_of("one"), "", answer_of("two")}};
  test_server server{script.over(authority.issue())};
  CHECK(body_from(server) == "one");
  auto post = request_to(server);
  post.method = "POST";
  post.body = secret{"grant_type=refresh_token"};
  auto answer = send(post);
  REQUIRE(answer);
  CHECK(answer->body == "two");
  CHECK(server.accepted() == 2);
  REQUIRE(script.requests.size() == 3);
  CHECK(script.requests[1] == script.requests[2]);
}

TEST_CASE_METHOD(reuse_fixture, "a request that a new connection swallowed is lost", "[http]") {
  scripted script{{answer_of("one"), "", ""}};
  test_server server{script.over(authority.issue())};
  CHECK(body_from(server) == "one");
  check_failure(send(request_to(server)), errc::connection_lost, "waiting for the answer");
  CHECK(script.requests.size() == 3);
}

TEST_CASE_METHOD(reuse_fixture, "what a server sends unasked is nobody's answer", "[http]") {
  SECTION("in one piece with an answer") {
    scripted script{{answer_of("one") + answer_of("unasked"), answer_of("two")}};
    test_server server{script.over(authority.issue())};
    CHECK(body_from(server) == "one");
    CHECK(body_from(server) == "two");
  }
  SECTION("after the answer") {
    std::promise<void> sent;
    std::atomic<int> connections = 0;
    test_server server{over_tls(authority.issue(), [&](tls_socket& stream) -> awaitable<> {
      std::string buffer;
      bool first = ++connections == 1;
      co_await read_request(stream, buffer);
      co_await write(stream, answer_of(first ? "one" : "two"));
      if (first) {
        boost::asio::steady_timer pause{co_await boost::asio::this_coro::executor, 50ms};
        co_await pause.async_wait(boost::asio::use_awaitable);
        co_await write(stream, answer_of("unasked"));
        sent.set_value();
      }
      co_await wait_for_end(stream);
    })};
    CHECK(body_from(server) == "one");
    sent.get_future().get();
    CHECK(body_from(server) == "two");
  }
}

TEST_CASE_METHOD(reuse_fixture, "a body without length ends with a kept connection, too",
                 "[http]") {
  scripted script{{answer_of("one"), unframed + "whole"}};
  test_server server{script.over(authority.issue())};
  CHECK(body_from(server) == "one");
  SECTION("whole if TLS ended") {
    script.closes_after = 2;
    CHECK(body_from(server) == "whole");
  }
  SECTION("lost if it was cut") {
    std::atomic<int> requests = 0;
    test_server cutting{over_tls(authority.issue(), [&](tls_socket& stream) -> awaitable<> {
      std::string buffer;
      co_await read_request(stream, buffer);
      co_await write(stream, answer_of("one"));
      co_await read_request(stream, buffer);
      ++requests;
      co_await write(stream, unframed + "half");
    })};
    CHECK(body_from(cutting) == "one");
    check_failure(send(request_to(cutting)), errc::connection_lost, "was cut");
    CHECK(requests == 1);
    CHECK(cutting.accepted() == 1);
  }
}

TEST_CASE_METHOD(reuse_fixture, "a kept connection whose server falls silent is named so",
                 "[http]") {
  test_server server{over_tls(authority.issue(), [&](tls_socket& stream) -> awaitable<> {
    std::string buffer;
    co_await read_request(stream, buffer);
    co_await write(stream, answer_of("one"));
    co_await wait_for_end(stream);
  })};
  CHECK(body_from(server) == "one");
  auto request = request_to(server);
  request.deadline = 200ms;
  check_failure(send(request), errc::timed_out, "in waiting for the answer");
  CHECK(server.accepted() == 1);
}

TEST_CASE_METHOD(reuse_fixture, "requests with different proxies share no connection", "[http]") {
  std::promise<std::size_t> groups;
  boost::asio::post(loop.at(0), [&] {
    auto executor = loop.at(0).get_executor();
    auto& pool = curl_pool::of(executor);
    auto store = load_ca_store(authority.ca_file());
    proxy_settings one{
        .url = "http://127.0.0.1:3128", .user = "one", .password = secret{"a"}, .no_proxy = {}};
    auto two = one;
    two.user = "two";
    auto first = pool.for_http(executor, *store, one);
    auto second = pool.for_http(executor, *store, two);
    auto again = pool.for_http(executor, *store, one);
    groups.set_value(*first == *again && *first != *second ? pool.http_groups() : 0);
  });
  CHECK(groups.get_future().get() == 2);
}
