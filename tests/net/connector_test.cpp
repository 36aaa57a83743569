// Opening connections: TLS, STARTTLS, certificates, pins, deadlines.
#include "net/connector.hpp"
#include "net/curl_session.hpp"
#include "net/limits.hpp"
#include "tests/net/connector_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::net;
using namespace mailfleet::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(connector_fixture, "every protocol connects by TLS and by STARTTLS",
                 "[connector]") {
  auto protocol = GENERATE(mail_protocol::imap, mail_protocol::pop3, mail_protocol::smtp);
  auto tls = GENERATE(tls_mode::implicit, tls_mode::starttls);
  auto who = authority.issue();
  test_server server{
      mail_script(who, {.protocol = protocol, .tls = tls, .injected = {}}, echo_lines)};
  auto connected = try_connect(endpoint_of(server, tls), protocol);
  INFO((connected ? std::string{} : to_string(connected.error())));
  REQUIRE(connected);
  CHECK(*connected == who.sha256);
}

TEST_CASE_METHOD(connector_fixture, "a server whose STARTTLS was stripped is refused",
                 "[connector]") {
  auto protocol = GENERATE(mail_protocol::imap, mail_protocol::pop3, mail_protocol::smtp);
  auto offered = GENERATE(true, false);
  test_server server{mail_script(authority.issue(),
                                 {.protocol = protocol,
                                  .tls = tls_mode::starttls,
                                  .offers_starttls = offered,
                                  .grants_starttls = false,
                                  .injected = {}},
                                 echo_lines)};
  check_failure(try_connect(endpoint_of(server, tls_mode::starttls), protocol), errc::tls_required,
                "does not offer the TLS that is demanded");
}

TEST_CASE_METHOD(connector_fixture, "bytes injected behind the consent to STARTTLS end it",
                 "[connector]") {
  test_server server{mail_script(
      authority.issue(),
      {.tls = tls_mode::starttls, .injected = "A003 OK [CAPABILITY IMAP4rev1] done\r\n"},
      echo_lines)};
  check_failure(try_connect(endpoint_of(server, tls_mode::starttls)), errc::protocol_violation,
                "broke the protocol");
}

TEST_CASE_METHOD(connector_fixture, "PREAUTH before STARTTLS is refused", "[connector]") {
  test_server server{[](tcp::socket socket) -> awaitable<> {
    std::string buffer;
    co_await write(socket, "* PREAUTH welcome\r\n");
    auto asked = co_await read_through(socket, buffer, "\r\n");
    co_await write(socket, "* CAPABILITY IMAP4rev1 STARTTLS\r\n" + asked.substr(0, asked.find(' '))
                               + " OK done\r\n");
    co_await wait_for_end(socket);
  }};
  check_failure(try_connect(endpoint_of(server, tls_mode::starttls)), errc::tls_required,
                "localhost");
}

TEST_CASE_METHOD(connector_fixture, "a certificate that is not trusted says why", "[connector]") {
  auto tls = GENERATE(tls_mode::implicit, tls_mode::starttls);
  identity who;
  std::string words;
  leaf wanted;
  SECTION("it expired") {
    wanted.valid_from = -3;
    wanted.valid_until = -1;
    who = authority.issue(wanted);
    words = "it expired on 20";
  }
  SECTION("it names another host") {
    wanted.dns_names = {"imap.example.org", "*.localhost"};
    who = authority.issue(wanted);
    words = "it does not name the host localhost";
  }
  SECTION("its CA is unknown") {
    who = test_authority{}.issue();
    words = "its CA is unknown (issuer CN=CA of";
  }
  SECTION("it is self-signed") {
    who = make_self_signed();
    words = "it is self-signed";
  }
  test_server server{mail_script(who, {.tls = tls, .injected = {}}, echo_lines)};
  check_failure(try_connect(endpoint_of(server, tls)), errc::tls_untrusted, words);
}

TEST_CASE_METHOD(connector_fixture, "a pinned certificate is let in, whatever it says of itself",
                 "[connector]") {
  auto tls = GENERATE(tls_mode::implicit, tls_mode::starttls);
  leaf bad;
  bad.dns_names = {"elsewhere.example.org"};
  bad.valid_from = -3;
  bad.valid_until = -1;
  auto who = make_self_signed(bad);
  test_server server{mail_script(who, {.tls = tls, .injected = {}}, echo_lines)};
  auto wanted = endpoint_of(server, tls);
  wanted.pin_sha256 = who.sha256;
  auto connected = try_connect(wanted);
  INFO((connected ? std::string{} : to_string(connected.error())));
  REQUIRE(connected);
  CHECK(*connected == who.sha256);
  for (auto& digit : wanted.pin_sha256)
    digit = static_cast<char>(std::toupper(static_cast<unsigned char>(digit)));
  CHECK(try_connect(wanted));
}

TEST_CASE_METHOD(connector_fixture, "with a pin even a certificate of the CA is refused",
                 "[connector]") {
  auto who = authority.issue();
  bool reached = false;
  test_server server{mail_script(who, {.injected = {}}, [&](tls_socket& s) {
    reached = true;
    return echo_lines(s);
  })};
  auto wanted = endpoint_of(server);
  wanted.pin_sha256 = make_self_signed().sha256;
  check_failure(try_connect(wanted), errc::tls_untrusted, "its SHA-256 is " + who.sha256);
  CHECK_FALSE(reached);
}

TEST_CASE_METHOD(connector_fixture, "an endpoint that makes no sense is refused", "[connector]") {
  endpoint good;
  good.host = "localhost";
  good.port = 1;
  good.ca_file = authority.ca_file();
  auto bad = good;
  SECTION("a host with a path") {
    bad.host = "localhost/x";
  }
  SECTION("a host with a user") {
    bad.host = "user@localhost";
  }
  SECTION("no host") {
    bad.host.clear();
  }
  SECTION("no port") {
    bad.port = 0;
  }
  SECTION("a short pin") {
    bad.pin_sha256 = std::string(63, 'a');
  }
  SECTION("a pin of other letters") {
    bad.pin_sha256 = std::string(64, 'g');
  }
  SECTION("a proxy of another kind") {
    bad.proxy.url = "ftp://localhost:1";
  }
  SECTION("a proxy without port") {
    bad.proxy.url = "http://localhost";
  }
  SECTION("a list of exceptions with a comma") {
    bad.proxy.url = "http://localhost:1";
    bad.proxy.no_proxy = {"a,b"};
  }
  check_failure(try_connect(bad), errc::invalid_argument, "");
  check_failure(try_connect(good), errc::connect_failed, "localhost:1");
}

TEST_CASE_METHOD(connector_fixture, "a stage that hangs passes the deadline and is named",
                 "[connector]") {
  // Long enough for the stages before it on a busy machine.
  settings.deadline = 1s;
  SECTION("the handshake") {
    test_server server{[](tcp::socket s) -> awaitable<> { co_await wait_for_end(s); }};
    check_failure(try_connect(endpoint_of(server)), errc::timed_out, "in the TLS handshake");
  }
  SECTION("the greeting before STARTTLS") {
    test_server server{[](tcp::socket s) -> awaitable<> { co_await wait_for_end(s); }};
    check_failure(try_connect(endpoint_of(server, tls_mode::starttls)), errc::timed_out,
                  "in the conversation before TLS");
  }
  SECTION("the greeting behind TLS") {
    test_server server{over_tls(authority.issue(), [](tls_socket& s) { return wait_for_end(s); })};
    check_failure(try_connect(endpoint_of(server)), errc::timed_out, "in waiting for the answer");
  }
}

TEST_CASE_METHOD(connector_fixture, "a server that speaks TLS 1.1 only is refused", "[connector]") {
  auto context = make_tls_context(authority.issue(), true);
  test_server server{[&](tcp::socket socket) -> awaitable<> {
    tls_socket stream{std::move(socket), context};
    co_await stream.async_handshake(tls_socket::server, boost::asio::use_awaitable);
  }};
  check_failure(try_connect(endpoint_of(server)), errc::tls_failed, "TLS handshake");
}

TEST_CASE_METHOD(connector_fixture, "a greeting that turns us away is told apart", "[connector]") {
  struct row {
    const char* greeting;
    errc code;
    const char* words;
  };
  auto [greeting, code, words] =
      GENERATE(row{"* BYE too many\a connections\r\n", errc::server_busy, "* BYE too many? conn"},
               row{"* NO such thing\r\n", errc::protocol_violation, "broke the protocol"},
               row{"", errc::connection_lost, "ended in"});
  test_server server{
      over_tls(authority.issue(), [greeting = std::string{greeting}](tls_socket& s) -> awaitable<> {
        co_await write(s, greeting);
        co_await s.async_shutdown(boost::asio::use_awaitable);
      })};
  check_failure(try_connect(endpoint_of(server)), code, words);
}

TEST_CASE("what turns us away differs by protocol", "[connector]") {
  CHECK(turns_away(mail_protocol::imap, "* BYE later"));
  CHECK_FALSE(turns_away(mail_protocol::imap, "* OK BYE"));
  CHECK(turns_away(mail_protocol::pop3, "-ERR [SYS/TEMP] later"));
  CHECK_FALSE(turns_away(mail_protocol::pop3, "+OK"));
  CHECK(turns_away(mail_protocol::smtp, "421 later"));
  CHECK_FALSE(turns_away(mail_protocol::smtp, "554 never"));
}

TEST_CASE_METHOD(connector_fixture, "a flood of capabilities is cut off", "[connector]") {
  test_server server{over_tls(authority.issue(), [](tls_socket& s) -> awaitable<> {
    co_await write(s, "* OK ready\r\n");
    for (;;)
      co_await write(s, "* CAPABILITY " + std::string(900, 'X') + "\r\n");
  })};
  check_failure(try_connect(endpoint_of(server)), errc::too_large, "pass their limit");
}

TEST_CASE_METHOD(connector_fixture, "a probe shows a certificate and sends nothing",
                 "[connector]") {
  auto tls = GENERATE(tls_mode::implicit, tls_mode::starttls);
  auto self_signed = GENERATE(true, false);
  auto who = self_signed ? make_self_signed() : authority.issue();
  bool reached = false;
  test_server server{mail_script(who, {.tls = tls, .injected = {}}, [&](tls_socket& s) {
    reached = true;
    return echo_lines(s);
  })};
  result<offered_certificate> seen{failure{}};
  run([&]() -> awaitable<> {
    seen = co_await probe_certificate(settings, mail_protocol::imap, endpoint_of(server, tls));
  });
  REQUIRE(seen);
  CHECK(seen->sha256 == who.sha256);
  CHECK(seen->not_after > std::chrono::system_clock::now());
  if (self_signed) {
    CHECK(seen->trouble == "it is self-signed");
    CHECK(seen->issuer == "CN=self");
  } else {
    CHECK(seen->trouble.empty());
    CHECK(seen->issuer.starts_with("CN=CA of"));
  }
  CHECK_FALSE(reached);
}

TEST_CASE_METHOD(connector_fixture, "a probe of what is not there fails as connecting does",
                 "[connector]") {
  endpoint nowhere;
  nowhere.host = "localhost";
  nowhere.port = 1;
  nowhere.ca_file = authority.ca_file();
  result<offered_certificate> seen{failure{}};
  run([&]() -> awaitable<> {
    seen = co_await probe_certificate(settings, mail_protocol::imap, nowhere);
  });
  check_failure(seen, errc::connect_failed, "localhost:1");
}
