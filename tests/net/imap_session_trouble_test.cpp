// Goal: whatever server and network do, a session ends with one clear report,
// passes no message by, and leaves nothing behind.
#include "messages/values/fail_point.hpp"
#include "net/imap_limits.hpp"
#include "tests/net/imap_memory_server.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using mailfleet::testing::session_fixture;
namespace limits = net::imap_limits;

namespace {

using answer = std::optional<std::string>;

struct troubled : session_fixture {
  explicit troubled(int count) {
    add_mails(count);
  }

  session_closed closed() const {
    REQUIRE(all<session_closed>().size() == 1);
    REQUIRE(std::holds_alternative<session_closed>(events.back()));
    return all<session_closed>().front();
  }
};

bool asks_for_group(const std::string& command) {
  return command.find(':') != command.npos && command.find("BODY.PEEK") != command.npos;
}

} // namespace

// -- log-in -------------------------------------------------------------------

TEST_CASE("A connection that fails is the session's end") {
  troubled with{0};
  with.connector.fault = failure{errc::tls_untrusted, "no"};
  with.open();
  CHECK(with.closed().reason == *with.connector.fault);
}

TEST_CASE("A refused token is named with the status the server gave") {
  troubled with{0};
  with.server.instead = [](const std::string& heard) -> answer {
    if (heard.starts_with("AUTHENTICATE"))
      return "+ eyJzdGF0dXMiOiI0MDEifQ==\r\n";
    return heard.empty() ? answer{"TAG NO [AUTHENTICATIONFAILED] Failed.\r\n"} : std::nullopt;
  };
  with.open();
  CHECK(with.closed().reason
        == failure{errc::authentication_failed,
                   "the server refused the sign-in: [AUTHENTICATIONFAILED] Failed. (status 401)"});
}

TEST_CASE("A server that repeats the credential does not bring it into the report") {
  for (std::string echo : {"BAD what is AUTHENTICATE XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHRva2VuAQE=",
                           "NO token is no good"}) {
    troubled with{0};
    with.instead("AUTHENTICATE", "TAG " + echo + "\r\n");
    with.open();
    CHECK(with.closed().reason.detail.find("token") == std::string::npos);
    CHECK(with.closed().reason.detail.find("dXNl") == std::string::npos);
  }
}

TEST_CASE("Refusals at the sign-in are told apart") {
  auto code = [](std::string text) {
    troubled with{0};
    with.instead("AUTHENTICATE", std::move(text));
    with.open();
    CHECK(with.on.streams == 0);
    return with.closed().reason.code;
  };
  CHECK(code("TAG NO AUTHENTICATE failed.\r\n") == errc::authentication_failed);
  CHECK(code("TAG NO [AUTHENTICATIONFAILED] x\r\n") == errc::authentication_failed);
  CHECK(code("TAG NO [UNAVAILABLE] Temporary.\r\n") == errc::server_busy);
  CHECK(code("* BYE Too many connections\r\n") == errc::server_busy);
  CHECK(code("TAG OK in\r\nA1 OK in\r\n") == errc::protocol_violation);
}

TEST_CASE("A token is never offered to a server that takes passwords only") {
  troubled with{0};
  with.server.offers = "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN";
  with.open();
  CHECK(with.closed().reason.code == errc::no_common_mechanism);
  CHECK(with.server.heard == std::vector<std::string>{"CAPABILITY"});
}

TEST_CASE("Endless challenges end the session") {
  troubled with{0};
  with.server.instead = [](const std::string& heard) -> answer {
    return heard.starts_with("AUTHENTICATE") || heard.empty() ? answer{"+ e30=\r\n"} : std::nullopt;
  };
  with.open();
  CHECK(with.closed().reason.code == errc::protocol_violation);
}

TEST_CASE("Authenticated but not connected is a refused sign-in with these words") {
  troubled with{0};
  with.instead("SELECT", "TAG BAD User is authenticated but not connected.\r\n");
  with.open();
  CHECK(with.closed().reason.code == errc::authentication_failed);
  CHECK(with.closed().reason.detail
        == "the server refused SELECT INBOX: User is authenticated but not connected.");
}

TEST_CASE("A folder without UIDVALIDITY, or with 0, is not opened") {
  for (std::string said : {"", "* OK [UIDVALIDITY 0] x\r\n", "* OK [UIDVALIDITY x] x\r\n"}) {
    troubled with{0};
    with.instead("SELECT", "* 0 EXISTS\r\n" + said + "TAG OK done\r\n");
    with.open();
    CHECK(with.closed().reason.code == errc::protocol_violation);
  }
}

TEST_CASE("A silent server is given up at each step of the log-in") {
  for (std::string step : {"CAPABILITY", "AUTHENTICATE", "SELECT"}) {
    troubled with{0};
    with.instead(step, "");
    with.open();
    CHECK(with.on.deadline <= limits::login_deadline);
    with.on.expire();
    with.run();
    CHECK(with.closed().reason.code == errc::timed_out);
    CHECK(with.closed().reason.detail.find(step) != std::string::npos);
  }
}

// -- BYE and lost connections -------------------------------------------------

TEST_CASE("An expired token ends the session without being an error") {
  troubled with{0};
  with.open();
  with.session->watch();
  with.run();
  with.on.say("* BYE Session invalidated - AccessTokenExpired\r\n");
  with.run();
  CHECK(with.closed().token_expired);
}

TEST_CASE("Throttling ends the session with the wait that the server named") {
  troubled with{1};
  with.instead("UID FETCH",
               "TAG BAD Request is throttled. Suggested Backoff Time: 5000 milliseconds\r\n");
  with.open();
  with.session->fetch(0);
  with.run();
  CHECK(with.closed().reason.code == errc::server_busy);
  CHECK(with.closed().retry_after == std::chrono::milliseconds{5000});
}

TEST_CASE("BYE in the middle of the mail reports what is whole and no more") {
  troubled with{3};
  with.server.instead = [&](const std::string& heard) -> answer {
    if (!asks_for_group(heard))
      return std::nullopt;
    return with.server.one(1, 1, with.server.mails[1], true)
           + "* 2 FETCH (UID 2 BODY[] {6}\r\nmail 2)\r\n* BYE Connection is closed. 13\r\n";
  };
  with.open();
  with.session->fetch(0);
  with.run();
  CHECK(with.story() == "opened batch(1 2) closed(connection_lost)");
  CHECK(with.closed().broke_at == 3);
}

TEST_CASE("A connection that ends inside a body never gives a whole mail") {
  troubled with{2};
  with.server.instead = [&](const std::string& heard) -> answer {
    if (!asks_for_group(heard))
      return std::nullopt;
    with.on.ended = true;
    return with.server.one(1, 1, with.server.mails[1], true)
           + "* 2 FETCH (UID 2 BODY[] {6}\r\nmail";
  };
  with.open();
  with.session->fetch(0);
  with.run();
  CHECK(with.story() == "opened batch(1) closed(connection_lost)");
  CHECK(with.closed().broke_at == 2);
}

TEST_CASE("A server that stops in the middle of the mail is given up") {
  troubled with{2};
  with.server.instead = [&](const std::string& heard) -> answer {
    if (!asks_for_group(heard))
      return std::nullopt;
    return with.server.one(1, 1, with.server.mails[1], true);
  };
  with.open();
  with.session->fetch(0);
  with.run();
  // The pipe ran dry: what came is reported before the deadline.
  CHECK(with.story() == "opened batch(1)");
  CHECK(with.on.deadline <= limits::data_deadline);
  with.on.expire();
  with.run();
  CHECK(with.story() == "opened batch(1) closed(timed_out)");
}

TEST_CASE("A broken listing, a forged completion, an endless plus: protocol violations") {
  for (std::string text : {"* 1 FETCH (UID 1 RFC822.SIZE -5)\r\n", "A004 OK done\r\n", "+ more\r\n",
                           "* 1 FETCH (UID 0)\r\n"}) {
    troubled with{1};
    with.instead("UID FETCH", text);
    with.open();
    with.session->fetch(0);
    with.run();
    CHECK(with.closed().reason.code == errc::protocol_violation);
  }
}

// -- close --------------------------------------------------------------------

TEST_CASE("Close while connecting ends without a report") {
  troubled with{0};
  with.connector.held = true;
  with.open();
  with.session.reset();
  with.run();
  with.connector.release();
  with.run();
  CHECK(with.events.empty());
  CHECK(with.on.streams == 0);
}

TEST_CASE("Close at any step of the conversation ends without a further report") {
  for (std::string step :
       {"CAPABILITY", "AUTHENTICATE", "SELECT", "UID FETCH 1:* (UID RFC822.SIZE)", "UID FETCH 1:2",
        "UID STORE", "IDLE", "DONE"}) {
    troubled with{2};
    with.instead(step, "");
    with.open();
    if (with.all<folder_opened>().size() == 1) {
      with.session->fetch(0);
      with.session->act(1, server_action::seen, "");
      with.run();
      with.session->watch();
      with.run();
      if (step == "DONE")
        with.session->fetch(0);
      with.run();
    }
    INFO(step);
    REQUIRE(with.server.heard.back().starts_with(step));
    auto before = with.story();
    with.session.reset();
    with.run();
    CHECK(with.story() == before);
    CHECK(with.on.streams == 0);
  }
}

TEST_CASE("Close while the session waits for budget gives everything back") {
  troubled with{0};
  for (int count = 0; count < 8; ++count)
    with.server.add(std::string(100'000, 'x'));
  auto budget = byte_budget::make(250'000);
  with.open(budget);
  with.session->fetch(0);
  with.run();
  REQUIRE(with.all<mail_batch>().size() == 1);
  REQUIRE_FALSE(with.on.waiting);
  with.session.reset();
  with.run();
  CHECK(with.on.streams == 0);
  with.events.clear();
  CHECK(budget->used() == 0);
}

TEST_CASE("A report may close its own session") {
  troubled with{1};
  with.on_event = [&](const session_event&) { with.session->close(); };
  with.open();
  // The first report comes when `session` is set.
  with.session->fetch(0);
  with.run();
  CHECK(with.events.size() == 1);
  CHECK(with.on.streams == 0);
}

TEST_CASE("LOGOUT waits only for its own deadline") {
  troubled with{0};
  with.instead("LOGOUT", "");
  with.open();
  with.session->close();
  with.run();
  CHECK(with.on.streams == 1);
  CHECK(with.on.deadline <= limits::logout_deadline);
  with.on.expire();
  with.run();
  CHECK(with.on.streams == 0);
}

TEST_CASE("Too many waiting commands end the session") {
  troubled with{0};
  with.open();
  for (std::size_t count = 0; count <= limits::max_waiting_commands; ++count)
    with.session->fetch(0);
  with.run();
  CHECK(with.closed().reason.code == errc::overloaded);
}

#ifdef MAILFLEET_FAIL_POINTS
TEST_CASE("The fail points of a session are passed where they stand") {
  std::map<std::string, int> passed;
  set_fail_point_handler([&](std::string_view name) { ++passed[std::string{name}]; });
  troubled with{1};
  with.server.add(std::string(2 * max_chunk_bytes + 1, 'x'));
  with.open();
  with.session->fetch(0);
  with.session->act(1, server_action::seen, "");
  with.run();
  set_fail_point_handler(nullptr);
  CHECK(passed
        == std::map<std::string, int>{{"after_fetch", 2},
                                      {"in_mid_chunk", 2},
                                      {"before_server_action", 1},
                                      {"after_server_action", 1}});
}
#endif
