#include "tests/support/signing_keys.hpp"
#include "tests/web/fake_door.hpp"
#include "tests/web/http_peer.hpp"
#include "tests/web/sample_views.hpp"
#include "web/callback_listener.hpp"

#include <boost/asio/ssl.hpp>
#include <catch2/catch.hpp>

#include <sys/resource.h>

using namespace mailfleet;
using namespace mailfleet::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view callback_target = "/api/cloudProviders/oauth2/microsoft/callback";

/// Opens every sign-in, and completes the one of the right cookie and query.
result<control_answer> sign_in_script(const control_command& command) {
  if (const auto* open = std::get_if<open_sign_in>(&command)) {
    if (open->ticket != "good")
      return failure{errc::not_found, "no such ticket"};
    return control_answer{sign_in_opened{"https://idp.example/auth?state=s", secret{"binding-1"}}};
  }
  const auto& complete = std::get<complete_sign_in>(command);
  if (complete.query == "code=c&state=s" && complete.browser_binding.reveal() == "binding-1")
    return control_answer{signed_in{entity_id{1}, "ann@example.org", "Ann"}};
  return failure{errc::invalid_argument, "the state is unknown"};
}

struct fixture {
  explicit fixture(web::callback_listener_settings settings = {},
                   fake_door::script script = sign_in_script)
    : door{std::make_shared<fake_door>(std::move(script))} {
    if (settings.public_origin.empty())
      settings.public_origin = "http://127.0.0.1";
    auto started = web::callback_listener::start(loop.io, door, log, settings);
    REQUIRE(started);
    listener = *std::move(started);
    server = {asio::ip::make_address("127.0.0.1"), listener->port()};
  }

  std::optional<tcp_peer::response> get(const std::string& target, std::string_view cookie = {}) {
    tcp_peer peer{server};
    http::request<http::empty_body> request{http::verb::get, target, 11};
    if (!cookie.empty())
      request.set(http::field::cookie, {cookie.data(), cookie.size()});
    http::write(peer.socket(), request);
    return peer.receive();
  }

  std::shared_ptr<fake_door> door;
  std::shared_ptr<counting_log> log = std::make_shared<counting_log>();
  running_loop loop;
  std::unique_ptr<web::callback_listener> listener;
  asio::ip::tcp::endpoint server;
};

void check_headers(const tcp_peer::response& answer) {
  CHECK(answer[http::field::cache_control] == "no-store");
  CHECK(answer["Referrer-Policy"] == "no-referrer");
  CHECK(answer["X-Content-Type-Options"] == "nosniff");
  CHECK(answer["Content-Security-Policy"].starts_with("default-src 'none'"));
  CHECK_FALSE(answer.keep_alive());
}

} // namespace

TEST_CASE("a sign-in goes to the provider and back with one cookie") {
  fixture run;
  auto opened = run.get("/sign-in/good");
  REQUIRE(opened);
  CHECK(opened->result_int() == 302);
  CHECK(opened->at(http::field::location) == "https://idp.example/auth?state=s");
  auto cookie = std::string{opened->at(http::field::set_cookie)};
  CHECK(cookie.starts_with("mailfleet-043a718774c572bd=binding-1; "));
  check_headers(*opened);
  auto finished =
      run.get(std::string{callback_target} + "?code=c&state=s", cookie.substr(0, cookie.find(';')));
  REQUIRE(finished);
  CHECK(finished->result_int() == 303);
  CHECK(finished->at(http::field::location) == "/sign-in/done");
  CHECK(finished->at(http::field::set_cookie).find("Max-Age=0") != std::string::npos);
  check_headers(*finished);
  CHECK(run.door->actors() == std::vector<std::string>(2, "browser 127.0.0.1"));
  CHECK(run.log->events().empty());
}

TEST_CASE("every refused sign-in ends on the same page") {
  fixture run;
  for (const auto* query :
       {"?code=c&state=s", "?code=%3Cscript%3E&state=x", "", "?error=access_denied"}) {
    auto answer = run.get(std::string{callback_target} + query, "mailfleet-043a718774c572bd=other");
    REQUIRE(answer);
    CHECK(answer->result_int() == 303);
    CHECK(answer->at(http::field::location) == "/sign-in/failed");
    CHECK(answer->body().empty());
  }
  CHECK(run.get("/sign-in/used-up")->at(http::field::location) == "/sign-in/failed");
  CHECK(run.log->events().size() == 5);
}

TEST_CASE("two sign-ins of one browser do not take each other's cookie") {
  fixture run;
  auto opened = run.get("/sign-in/good");
  auto cookie = std::string{opened->at(http::field::set_cookie)};
  auto both = cookie.substr(0, cookie.find(';')) + "; mailfleet-0123456789abcdef=binding-2";
  // A callback of the other one, or of none, leaves it alone.
  for (const auto* query : {"?code=c&state=unknown", "?code=c", "?code=c&state=s&state=s", ""}) {
    auto stray = run.get(std::string{callback_target} + query, both);
    CHECK(stray->at(http::field::location) == "/sign-in/failed");
    CHECK(stray->count(http::field::set_cookie) == 0);
  }
  auto finished = run.get(std::string{callback_target} + "?code=c&state=s", both);
  CHECK(finished->at(http::field::location) == "/sign-in/done");
  CHECK(finished->count(http::field::set_cookie) == 1);
  CHECK(std::string{finished->at(http::field::set_cookie)}.starts_with(
      "mailfleet-043a718774c572bd=; "));
}

TEST_CASE("a browser without the cookie keeps what it has") {
  fixture run;
  auto answer = run.get(std::string{callback_target} + "?code=c&state=s");
  CHECK(answer->at(http::field::location) == "/sign-in/failed");
  CHECK(answer->count(http::field::set_cookie) == 0);
}

TEST_CASE("an address without a state is not followed") {
  auto stateless = [](const control_command&) -> result<control_answer> {
    return control_answer{sign_in_opened{"https://idp.example/auth?x=1", secret{"b"}}};
  };
  fixture run{{}, stateless};
  CHECK(run.get("/sign-in/good")->at(http::field::location) == "/sign-in/failed");
}

TEST_CASE("two cookie fields bind nothing") {
  fixture run;
  tcp_peer peer{run.server};
  peer.send("GET " + std::string{callback_target}
            + "?code=c&state=s HTTP/1.1\r\nCookie: mailfleet-043a718774c572bd=binding-1\r\n"
              "Cookie: mailfleet-043a718774c572bd=binding-1\r\n\r\n");
  CHECK(peer.receive()->at(http::field::location) == "/sign-in/failed");
}

TEST_CASE("the pages are static") {
  fixture run;
  auto done = run.get("/sign-in/done?x=%3Cb%3E");
  REQUIRE(done);
  CHECK(done->result_int() == 200);
  CHECK(done->body().find("<b>") == std::string::npos);
  check_headers(*done);
  CHECK(run.get("/sign-in/failed")->body() != done->body());
  CHECK(run.get("/elsewhere/<b>")->result_int() == 400);
  auto nothing = run.get("/elsewhere/CANARY");
  CHECK(nothing->result_int() == 404);
  CHECK(nothing->body().find("CANARY") == std::string::npos);
  check_headers(*nothing);
  CHECK(run.door->commands().empty());
}

TEST_CASE("an identity provider's address that is not safe is not followed") {
  auto unsafe = [](const control_command&) -> result<control_answer> {
    return control_answer{sign_in_opened{"http://elsewhere.example/?state=s", secret{"b"}}};
  };
  fixture run{{}, unsafe};
  auto answer = run.get("/sign-in/good");
  CHECK(answer->at(http::field::location) == "/sign-in/failed");
  CHECK(answer->count(http::field::set_cookie) == 0);
}

TEST_CASE("a connection serves one request") {
  fixture run;
  tcp_peer peer{run.server};
  CHECK(peer.ask(http::verb::get, "/sign-in/good"));
  CHECK(peer.ended());
  CHECK(run.door->commands().size() == 1);
}

TEST_CASE("a callback's header keeps its limit") {
  fixture run;
  auto with_header = [&](std::size_t bytes) {
    tcp_peer peer{run.server};
    std::string head = "GET /sign-in/done HTTP/1.1\r\nX: ";
    peer.send(head + std::string(bytes - head.size() - 4, 'x') + "\r\n\r\n");
    auto answer = peer.receive();
    return answer ? answer->result_int() : 0;
  };
  CHECK(with_header(web::max_callback_header_bytes) == 200);
  CHECK(with_header(web::max_callback_header_bytes + 100) == 431);
  CHECK(with_header(1'000'000) == 431);
}

TEST_CASE("what is not HTTP gets a static page") {
  fixture run;
  tcp_peer peer{run.server};
  peer.send("CANARY\r\n\r\n");
  auto answer = peer.receive();
  REQUIRE(answer);
  CHECK(answer->result_int() == 400);
  CHECK(answer->body().find("CANARY") == std::string::npos);
}

TEST_CASE("a dripping header ends at its deadline") {
  fixture run{{.read_deadline = 20ms}};
  tcp_peer silent{run.server};
  tcp_peer dripping{run.server};
  dripping.send("GET /sign-in/good HTTP/1.1\r\nX: ");
  CHECK(silent.ended());
  CHECK(dripping.ended());
  CHECK(run.door->commands().empty());
}

TEST_CASE("thousands of silent and dripping connections do not stop a good callback") {
  struct ::rlimit descriptors {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &descriptors) == 0);
  auto before = descriptors;
  descriptors.rlim_cur = descriptors.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &descriptors) == 0);
  auto wanted = std::min<std::size_t>(5'000, descriptors.rlim_cur / 2);
  fixture run;
  asio::io_context io;
  std::vector<asio::ip::tcp::socket> silent;
  for (std::size_t opened = 0; opened < wanted; ++opened) {
    silent.emplace_back(io).connect(run.server);
    if (opened % 10 == 0)
      asio::write(silent.back(), asio::buffer(std::string{"GET /sign-in/good HTTP/1.1\r\nX: "}));
    if (opened % 500 == 0) {
      auto answer = run.get(std::string{callback_target} + "?code=c&state=s",
                            "mailfleet-043a718774c572bd=binding-1");
      REQUIRE(answer);
      REQUIRE(answer->at(http::field::location) == "/sign-in/done");
    }
  }
  CHECK(run.door->commands().size() == (wanted + 499) / 500);
  char byte = 0;
  boost::system::error_code pushed_out;
  silent.front().read_some(asio::buffer(&byte, 1), pushed_out);
  CHECK(pushed_out);
  silent.clear();
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("a busy callback outlives silent connections") {
  fixture run{{.max_connections = 4}};
  run.door->hold();
  tcp_peer good{run.server};
  good.send("GET /sign-in/good HTTP/1.1\r\n\r\n");
  while (run.door->held() == 0)
    std::this_thread::yield();
  std::vector<std::unique_ptr<tcp_peer>> silent;
  for (int opened = 0; opened < 20; ++opened)
    silent.push_back(std::make_unique<tcp_peer>(run.server));
  CHECK(silent.front()->ended());
  CHECK(
      run.door->release(control_answer{sign_in_opened{"https://idp.example/?state=s", secret{"b"}}})
      == 1);
  auto answer = good.receive();
  REQUIRE(answer);
  CHECK(answer->result_int() == 302);
}

TEST_CASE("an address that is not loopback is refused, and a taken port named") {
  asio::io_context io;
  auto door = std::make_shared<fake_door>(sign_in_script);
  auto log = std::make_shared<counting_log>();
  for (const auto* address : {"0.0.0.0", "::", "192.0.2.1", "localhost", ""}) {
    auto started = web::callback_listener::start(io, door, log, {.address = address});
    REQUIRE_FALSE(started);
    CHECK(started.error().code == errc::invalid_argument);
  }
  auto first = web::callback_listener::start(io, door, log, {});
  REQUIRE(first);
  auto second = web::callback_listener::start(io, door, log, {.port = (*first)->port()});
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::in_use);
}

namespace {

/// A certificate and key of its own, in files.
struct certificate_files {
  temporary_folder folder;
  std::string certificate =
      folder.file("certificate.pem",
                  mailfleet::test::pem_of(*mailfleet::test::make_certificate(
                      mailfleet::test::ec_key(), wall_time{std::chrono::seconds{4'000'000'000}})));
  std::string key = folder.file("key.pem", mailfleet::test::pem_of(mailfleet::test::ec_key()));
};

} // namespace

TEST_CASE("with a certificate the callback speaks TLS, and only that") {
  certificate_files files;
  fixture run{{.certificate_file = files.certificate,
               .key_file = files.key,
               .public_origin = "https://127.0.0.1"}};
  asio::io_context io;
  asio::ssl::context trusting{asio::ssl::context::tls_client};
  trusting.load_verify_file(files.certificate);
  trusting.set_verify_mode(asio::ssl::verify_peer);
  // Silent ones, before and after their handshake, keep nobody waiting.
  std::vector<std::unique_ptr<tcp_peer>> silent;
  for (int count = 0; count < 200; ++count)
    silent.push_back(std::make_unique<tcp_peer>(run.server));
  asio::ssl::stream<asio::ip::tcp::socket> browser{io, trusting};
  browser.next_layer().connect(run.server);
  browser.handshake(asio::ssl::stream_base::client);
  http::request<http::empty_body> request{http::verb::get, "/sign-in/good", 11};
  http::write(browser, request);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> answer;
  http::read(browser, buffer, answer);
  CHECK(answer.result_int() == 302);
  CHECK(std::string{answer[http::field::set_cookie]}.starts_with("__Host-"));
  auto plain = run.get("/sign-in/done");
  CHECK_FALSE(plain);
}

TEST_CASE("a certificate that cannot be used is refused by its field") {
  certificate_files files;
  asio::io_context io;
  auto door = std::make_shared<fake_door>(sign_in_script);
  auto log = std::make_shared<counting_log>();
  auto refusal = [&](const std::string& certificate, const std::string& key) {
    auto started = web::callback_listener::start(
        io, door, log, {.certificate_file = certificate, .key_file = key});
    return started ? std::string{} : started.error().detail;
  };
  CHECK(refusal("/nowhere", files.key).find("certificate") != std::string::npos);
  CHECK(refusal(files.certificate, "/nowhere").find("key") != std::string::npos);
  CHECK(refusal(files.certificate, files.key).empty());
  // With one, it may be seen from outside.
  CHECK(web::callback_listener::start(
      io, door, log,
      {.address = "0.0.0.0", .certificate_file = files.certificate, .key_file = files.key}));
}

TEST_CASE("stopping the listener ends its connections") {
  fixture run;
  tcp_peer silent{run.server};
  run.get("/sign-in/done");
  run.listener->stop();
  CHECK(silent.ended());
}
