// Looks at servers: how far each came, and what POP3 and SMTP servers say to a log-in.
#include "net/login_probe.hpp"
#include "tests/net/connector_fixture.hpp"

#include <boost/asio/ip/tcp.hpp>

using namespace mailfleet;
using namespace mailfleet::net;
using namespace mailfleet::test;

namespace {

struct dialog_line {
  std::string asked;
  std::string answer;
};

/// Plays lines; what the client said comes in `heard`.
std::function<awaitable<>(tls_socket&)> lines(std::vector<dialog_line> wanted, std::string& heard) {
  return [wanted, &heard](tls_socket& stream) -> awaitable<> {
    std::string buffer;
    for (const auto& line : wanted) {
      auto asked = co_await read_through(stream, buffer, "\r\n");
      heard += asked;
      std::string answer = "599 wrong\r\n";
      if (asked.starts_with(line.asked))
        answer = line.answer;
      co_await write(stream, answer);
    }
    auto rest = co_await read_through(stream, buffer, "\r\n");
    heard += rest;
  };
}

struct probe_fixture : connector_fixture {
  probe_report look(server_kind kind, endpoint server, std::string credential = "canary-token",
                    mailbox_auth auth = mailbox_auth::oauth2) {
    probe_report seen;
    run([&]() -> awaitable<> {
      server_probe what;
      what.kind = kind;
      what.server = server;
      what.user = "ann@example.com";
      what.auth = auth;
      what.credential = secret{credential};
      seen = co_await probe_server(settings, std::move(what));
    });
    if (seen.trouble)
      UNSCOPED_INFO(to_string(*seen.trouble));
    return seen;
  }
};

} // namespace

TEST_CASE_METHOD(probe_fixture, "a token logs in to an SMTP server behind STARTTLS",
                 "[login_probe]") {
  std::string heard;
  auto who = authority.issue();
  {
    test_server server{mail_script(
        who, {.protocol = mail_protocol::smtp, .tls = tls_mode::starttls, .injected = {}},
        lines({{"EHLO ", "250-test\r\n250 AUTH LOGIN XOAUTH2\r\n"},
               {"AUTH XOAUTH2 ", "235 2.7.0 Authentication successful\r\n"}},
              heard))};
    auto seen = look(server_kind::smtp, endpoint_of(server, tls_mode::starttls));
    CHECK_FALSE(seen.trouble);
    CHECK(seen.reached == probe_stage::authenticated);
    CHECK(seen.reply == "235 2.7.0 Authentication successful");
    REQUIRE(seen.certificate);
    CHECK(seen.certificate->sha256 == who.sha256);
    CHECK(seen.proxy.empty());
  }
  CHECK(heard.ends_with("QUIT\r\n"));
}

TEST_CASE_METHOD(probe_fixture, "a refusal of SMTP comes with the server's words",
                 "[login_probe]") {
  std::string heard;
  test_server server{mail_script(
      authority.issue(), {.protocol = mail_protocol::smtp, .injected = {}},
      lines({{"EHLO ", "250 AUTH LOGIN XOAUTH2\r\n"},
             {"AUTH XOAUTH2 ", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication "
                               "is disabled for the Mailbox.\r\n"}},
            heard))};
  auto seen = look(server_kind::smtp, endpoint_of(server));
  REQUIRE(seen.trouble);
  CHECK(seen.trouble->code == errc::authentication_failed);
  CHECK(seen.reached == probe_stage::greeting);
  CHECK(seen.reply.starts_with("535 5.7.139 Authentication unsuccessful"));
  CHECK(seen.trouble->detail.find("canary") == std::string::npos);
}

TEST_CASE_METHOD(probe_fixture, "a token logs in to a POP3 server in two steps", "[login_probe]") {
  std::string heard;
  {
    test_server server{mail_script(authority.issue(),
                                   {.protocol = mail_protocol::pop3, .injected = {}},
                                   lines({{"CAPA", "+OK\r\nSASL PLAIN XOAUTH2\r\n.\r\n"},
                                          {"AUTH XOAUTH2\r\n", "+ \r\n"},
                                          {"dXNlcj1", "+OK\r\n"},
                                          {"STAT", "+OK 0 0\r\n"}},
                                         heard))};
    auto seen = look(server_kind::pop3, endpoint_of(server));
    CHECK(seen.reached == probe_stage::authenticated);
  }
  CHECK(heard.ends_with("STAT\r\nQUIT\r\n"));
}

TEST_CASE_METHOD(probe_fixture, "a server that repeats the password is not quoted",
                 "[login_probe]") {
  for (const auto* answer :
       {"PASS canary-token\r\n", "canary-token\r\n", "-ERR canary-token\r\n"}) {
    CAPTURE(answer);
    std::string heard;
    test_server server{mail_script(
        authority.issue(), {.protocol = mail_protocol::pop3, .injected = {}},
        lines({{"CAPA", "+OK\r\nUSER\r\n.\r\n"}, {"USER ", "+OK\r\n"}, {"PASS ", answer}}, heard))};
    auto seen =
        look(server_kind::pop3, endpoint_of(server), "canary-token", mailbox_auth::password);
    REQUIRE(seen.trouble);
    CHECK(seen.trouble->detail.find("canary") == std::string::npos);
    CHECK(seen.reply.find("canary") == std::string::npos);
  }
}

TEST_CASE_METHOD(probe_fixture, "a server that closes during the log-in is named so",
                 "[login_probe]") {
  test_server server{mail_script(authority.issue(),
                                 {.protocol = mail_protocol::pop3, .injected = {}},
                                 [](tls_socket&) -> awaitable<> { co_return; })};
  auto seen = look(server_kind::pop3, endpoint_of(server));
  REQUIRE(seen.trouble);
  CHECK(seen.trouble->code == errc::connection_lost);
  CHECK(seen.reached == probe_stage::greeting);
}

TEST_CASE_METHOD(probe_fixture, "without a credential the greeting is the end", "[login_probe]") {
  auto kind = GENERATE(server_kind::imap, server_kind::pop3, server_kind::smtp);
  auto protocol = kind == server_kind::imap   ? mail_protocol::imap
                  : kind == server_kind::pop3 ? mail_protocol::pop3
                                              : mail_protocol::smtp;
  test_server server{
      mail_script(authority.issue(), {.protocol = protocol, .injected = {}}, echo_lines)};
  auto seen = look(kind, endpoint_of(server), "");
  CHECK_FALSE(seen.trouble);
  CHECK(seen.reached == probe_stage::greeting);
}

TEST_CASE_METHOD(probe_fixture, "of an HTTPS server TLS and no more is asked", "[login_probe]") {
  auto who = authority.issue();
  test_server server{over_tls(who, [](tls_socket& s) { return wait_for_end(s); })};
  auto seen = look(server_kind::identity, endpoint_of(server));
  CHECK_FALSE(seen.trouble);
  CHECK(seen.reached == probe_stage::tls);
  REQUIRE(seen.certificate);
  CHECK(seen.certificate->sha256 == who.sha256);
}

TEST_CASE_METHOD(probe_fixture, "a look tells where it got stuck", "[login_probe]") {
  SECTION("at the certificate") {
    test_server server{mail_script(test_authority{}.issue(),
                                   {.protocol = mail_protocol::smtp, .injected = {}}, echo_lines)};
    auto seen = look(server_kind::smtp, endpoint_of(server));
    REQUIRE(seen.trouble);
    CHECK(seen.trouble->code == errc::tls_untrusted);
    CHECK(seen.reached == probe_stage::connected);
    CHECK(seen.certificate);
  }
  SECTION("before it, at a port that nobody listens on") {
    endpoint nobody;
    {
      test_server gone{[](tcp::socket) -> awaitable<> { co_return; }};
      nobody = endpoint_of(gone);
    }
    auto seen = look(server_kind::pop3, nobody);
    REQUIRE(seen.trouble);
    CHECK(seen.trouble->code == errc::connect_failed);
    CHECK(seen.reached == probe_stage::resolved);
    CHECK_FALSE(seen.certificate);
  }
  SECTION("before anything, at a CA file that cannot be read") {
    endpoint server;
    server.host = "localhost";
    server.port = 995;
    server.ca_file = authority.ca_file() + ".gone";
    auto seen = look(server_kind::pop3, server);
    REQUIRE(seen.trouble);
    CHECK(seen.trouble->code == errc::invalid_argument);
    CHECK(seen.trouble->detail.starts_with("ca_file \"" + server.ca_file
                                           + "\" cannot be read: No such file or directory; "));
    CHECK(seen.reached == probe_stage::nothing);
  }
  SECTION("at an endpoint that makes no sense") {
    auto seen = look(server_kind::pop3, endpoint{});
    REQUIRE(seen.trouble);
    CHECK(seen.trouble->code == errc::invalid_argument);
    CHECK(seen.reached == probe_stage::nothing);
  }
}

TEST_CASE_METHOD(probe_fixture, "a CA file alone is looked at without a connection",
                 "[login_probe]") {
  auto look_at_file = [&](const std::string& path) {
    probe_report seen;
    run([&]() -> awaitable<> {
      server_probe what;
      what.only_ca_file = true;
      what.server.ca_file = path;
      seen = co_await probe_server(settings, std::move(what));
    });
    CHECK(seen.reached == probe_stage::nothing);
    return seen.trouble ? seen.trouble->detail : std::string{};
  };
  CHECK(look_at_file(authority.ca_file()).empty());
  CHECK(look_at_file("/does/not/exist").starts_with("ca_file \"/does/not/exist\" cannot be read"));
  CHECK(look_at_file("/dev/null").starts_with("ca_file \"/dev/null\" holds no certificate"));
}

TEST_CASE_METHOD(probe_fixture, "a proxy that was to lead there is named", "[login_probe]") {
  endpoint server;
  server.host = "localhost";
  server.port = 995;
  server.ca_file = authority.ca_file();
  {
    test_server gone{[](tcp::socket) -> awaitable<> { co_return; }};
    server.proxy.url = "http://localhost:" + std::to_string(gone.port());
  }
  auto seen = look(server_kind::pop3, server);
  REQUIRE(seen.trouble);
  CHECK(seen.trouble->code == errc::proxy_failed);
  CHECK(seen.proxy == server.proxy.url);
}
