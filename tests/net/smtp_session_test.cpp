// SMTP sessions over a byte stream in memory.
#include "net/smtp_limits.hpp"
#include "net/smtp_session.hpp"
#include "tests/net/memory_wire.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <map>

using namespace mailfleet;
using namespace mailfleet::net;
using namespace mailfleet::testing;

namespace {

/// `user=u^Aauth=Bearer token^A^A` in base64.
constexpr auto good_log_in = "AUTH XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHRva2VuAQE=";

/// Takes mail. `instead` may answer a line in its own way, by what it begins with.
struct memory_submission {
  std::string offers = "250-PIPELINING\r\n250-SIZE 1000\r\n250 AUTH XOAUTH2\r\n";
  std::map<std::string, std::string> instead;
  std::vector<std::string> heard;
  std::string content;
  bool in_content = false;
  bool challenged = false;

  std::string answer(const std::string& line) {
    if (in_content)
      return take(line);
    heard.push_back(line);
    if (std::exchange(challenged, false))
      return "535 5.7.8 no\r\n";
    for (const auto& [start, text] : instead)
      if (line.starts_with(start)) {
        challenged = text.starts_with("334");
        return text;
      }
    if (line.starts_with("EHLO"))
      return "250-mail.example.test\r\n" + offers;
    if (line.starts_with("AUTH"))
      return line == good_log_in ? "235 2.7.0 welcome\r\n" : "535 5.7.3 no\r\n";
    in_content = line == "DATA";
    if (in_content)
      return "354 go on\r\n";
    return line == "QUIT" ? "221 2.0.0 bye\r\n" : "250 2.1.0 fine\r\n";
  }

  std::string take(const std::string& line) {
    if (line == ".") {
      in_content = false;
      heard.push_back(".");
      auto own = instead.find(".");
      return own != instead.end() ? own->second : "250 2.6.0 queued as 17\r\n";
    }
    content += line.substr(line.starts_with(".") ? 1 : 0) + "\r\n";
    return "";
  }
};

/// A session and everything around it; it is given content and dots as it wants them.
struct fixture {
  fixture() {
    on.answer = [this](const std::string& line) { return server.answer(line); };
  }
  ~fixture() {
    session.reset();
    run();
  }
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  void open() {
    send_settings settings;
    settings.server.host = "smtp.example.test";
    settings.server.port = 587;
    settings.user = "u";
    settings.credential = secret{"token"};
    session = open_smtp_session(context, connector, "client.example.test", std::move(settings),
                                [this](send_event event) { take(std::move(event)); });
    run();
  }

  void take(send_event event) {
    if (const auto* wanted = std::get_if<content_wanted>(&event); wanted && gives_content)
      session->give_content(wanted->part == lost_piece ? nullptr
                                                       : make_body(pieces.at(wanted->part)));
    if (std::holds_alternative<dot_wanted>(event) && lets_dots_go)
      session->send_dot();
    events.push_back(std::move(event));
  }

  void submit(std::vector<std::string> recipients = {"ann@example.test"}) {
    submission what;
    what.envelope.sender = "me@example.test";
    what.envelope.recipients = std::move(recipients);
    for (const auto& piece : pieces)
      what.envelope.bytes += piece.size();
    what.chunks = static_cast<std::uint32_t>(pieces.size());
    what.envelope_id = envelope_id;
    session->submit(std::move(what));
    run();
  }

  void run() {
    context.restart();
    context.poll();
  }

  template <class Event>
  const Event* last() const {
    return events.empty() ? nullptr : std::get_if<Event>(&events.back());
  }

  const send_report& ended() const {
    REQUIRE(last<attempt_ended>());
    return last<attempt_ended>()->report;
  }

  const send_report& closed() const {
    REQUIRE(last<send_session_closed>());
    return last<send_session_closed>()->report;
  }

  boost::asio::io_context context;
  memory_submission server;
  wire on;
  memory_connector connector{context, on};
  std::vector<std::string> pieces{"Subject: x\r\n\r\n.one\r\n", "two\r\n"};
  std::string envelope_id = "00000000000000a1-4294967295-0-7";
  bool gives_content = true;
  std::optional<std::uint32_t> lost_piece;
  bool lets_dots_go = true;
  std::vector<send_event> events;
  std::unique_ptr<send_session> session;
};

} // namespace

TEST_CASE_METHOD(fixture, "a mail goes out piece by piece, and the dot when it is let go",
                 "[smtp_session]") {
  lets_dots_go = false;
  open();
  REQUIRE(last<send_session_ready>());
  submit();
  REQUIRE(last<dot_wanted>());
  CHECK(last<dot_wanted>()->recipients
        == std::vector<recipient_answer>{{"ann@example.test", {250, "2.1.0", "fine"}}});
  CHECK(server.heard.back() == "DATA");
  session->send_dot();
  run();
  CHECK(ended().phase == send_phase::dot);
  CHECK(ended().answer == server_words{250, "2.6.0", "queued as 17"});
  CHECK_FALSE(ended().trouble);
  CHECK(server.content == "Subject: x\r\n\r\n.one\r\ntwo\r\n");
}

TEST_CASE_METHOD(fixture, "a server with DSN is asked for reports that name the mail",
                 "[smtp_session]") {
  server.offers = "250-SIZE 1000\r\n250-DSN\r\n250 AUTH XOAUTH2\r\n";
  open();
  SECTION("by its own id") {
    submit({"ann@example.test", "b+x@example.test"});
    CHECK(server.heard.at(2)
          == "MAIL FROM:<me@example.test> SIZE=25 RET=HDRS ENVID=00000000000000a1-4294967295-0-7");
    CHECK(server.heard.at(3)
          == "RCPT TO:<ann@example.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;ann@example.test");
    CHECK(server.heard.at(4)
          == "RCPT TO:<b+x@example.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bx@example.test");
  }
  SECTION("in xtext") {
    envelope_id = "a+1=2";
    submit();
    CHECK(server.heard.at(2).ends_with(" RET=HDRS ENVID=a+2B1+3D2"));
  }
  CHECK(ended().answer->code == 250);
}

TEST_CASE_METHOD(fixture, "a server without DSN hears nothing of reports", "[smtp_session]") {
  open();
  submit();
  CHECK(server.heard.at(2) == "MAIL FROM:<me@example.test> SIZE=25");
  CHECK(server.heard.at(3) == "RCPT TO:<ann@example.test>");
  CHECK(ended().answer->code == 250);
}

TEST_CASE_METHOD(fixture,
                 "a mail of which a piece is lost is not ended, and no fault of the server",
                 "[smtp_session]") {
  lost_piece = 1;
  open();
  submit();
  CHECK(closed().phase == send_phase::body);
  CHECK_FALSE(closed().answer);
  REQUIRE(closed().trouble);
  CHECK(closed().trouble->code == errc::storage_corrupt);
  CHECK(closed().trouble->detail.find("piece 1 ") == 0);
  CHECK(server.content == pieces[0]);
  CHECK(server.in_content);
}

TEST_CASE_METHOD(fixture, "a session takes one mail after the other and quits", "[smtp_session]") {
  open();
  submit();
  CHECK(ended().answer->code == 250);
  submit();
  CHECK(ended().answer->code == 250);
  CHECK(on.streams == 1);
  session->close();
  run();
  CHECK(server.heard.back() == "QUIT");
  CHECK(on.streams == 0);
  CHECK(last<attempt_ended>());
}

TEST_CASE_METHOD(fixture, "a refused sign-in is told with the server's words", "[smtp_session]") {
  server.instead["AUTH"] = "535 5.7.139 SmtpClientAuthentication is disabled\r\n";
  open();
  CHECK(closed().phase == send_phase::log_in);
  CHECK(closed().answer == server_words{535, "5.7.139", "SmtpClientAuthentication is disabled"});
  CHECK_FALSE(closed().challenged);
  CHECK_FALSE(closed().trouble);
}

TEST_CASE_METHOD(fixture, "a challenge before the refusal is told", "[smtp_session]") {
  server.instead["AUTH"] = "334 eyJzdGF0dXMiOiI0MDEifQ==\r\n";
  open();
  CHECK(closed().challenged);
}

TEST_CASE_METHOD(fixture, "words that repeat the credential are not told", "[smtp_session]") {
  server.instead["AUTH"] = "535 5.7.8 what is dXNlcj11AWF1dGg9QmVhcmVyIHRva2VuAQE=\r\n";
  open();
  CHECK(closed().answer->words == "(the server repeats what it was sent)");
}

TEST_CASE_METHOD(fixture, "a line that is no reply and repeats the credential is not told",
                 "[smtp_session]") {
  server.instead["AUTH"] = std::string{good_log_in} + "\r\n";
  open();
  REQUIRE(closed().trouble);
  CHECK(closed().trouble->code == errc::protocol_violation);
  CHECK(closed().trouble->detail.find("dXNl") == std::string::npos);
}

TEST_CASE_METHOD(fixture, "a server without our mechanism ends the session", "[smtp_session]") {
  server.offers = "250 AUTH PLAIN\r\n";
  open();
  CHECK(closed().phase == send_phase::log_in);
  REQUIRE(closed().trouble);
  CHECK(closed().trouble->code == errc::no_common_mechanism);
}

TEST_CASE_METHOD(fixture, "a connection that cannot be made is told", "[smtp_session]") {
  connector.fault = failure{errc::dns_failed, "no such name"};
  open();
  CHECK(closed().phase == send_phase::connecting);
  CHECK(closed().trouble == connector.fault);
}

TEST_CASE_METHOD(fixture, "a refused recipient does not keep the mail from the others",
                 "[smtp_session]") {
  server.instead["RCPT TO:<bob@"] = "550 5.1.1 nobody\r\n";
  open();
  submit({"ann@example.test", "bob@example.test"});
  REQUIRE(ended().recipients.size() == 2);
  CHECK(ended().recipients[0].said.code == 250);
  CHECK(ended().recipients[1].said == server_words{550, "5.1.1", "nobody"});
  CHECK(ended().answer->code == 250);
}

TEST_CASE_METHOD(fixture, "a refused mail ends the attempt and not the session", "[smtp_session]") {
  server.instead["MAIL"] = "550 5.7.60 not as him\r\n";
  server.instead["RCPT"] = server.instead["DATA"] = "503 5.5.1 no sender\r\n";
  open();
  submit();
  CHECK(ended().phase == send_phase::sender);
  CHECK(ended().answer == server_words{550, "5.7.60", "not as him"});
  server.instead.clear();
  submit();
  CHECK(ended().answer->code == 250);
}

TEST_CASE_METHOD(fixture, "a mail that the server cannot take is not begun", "[smtp_session]") {
  pieces = {std::string(2'000, 'x') + "\r\n"};
  open();
  submit();
  REQUIRE(ended().trouble);
  CHECK(ended().trouble->code == errc::too_large);
  CHECK(server.heard.back() == good_log_in);
}

TEST_CASE_METHOD(fixture, "a connection cut before the dot leaves no doubt", "[smtp_session]") {
  lets_dots_go = false;
  open();
  submit();
  REQUIRE(last<dot_wanted>());
  on.end();
  run();
  CHECK(closed().phase == send_phase::body);
  CHECK(closed().trouble->code == errc::connection_lost);
  CHECK(server.heard.back() == "DATA");
}

TEST_CASE_METHOD(fixture, "an answer to the dot that never comes is told as such",
                 "[smtp_session]") {
  server.instead["."] = "";
  open();
  submit();
  REQUIRE(on.waiting);
  CHECK(on.deadline > smtp_limits::dot_deadline - std::chrono::seconds{5});
  SECTION("because the server is silent") {
    on.expire();
    run();
    CHECK(closed().trouble->code == errc::timed_out);
  }
  SECTION("because the connection ends") {
    on.end();
    run();
    CHECK(closed().trouble->code == errc::connection_lost);
  }
  CHECK(closed().phase == send_phase::dot);
  CHECK_FALSE(closed().answer);
}

TEST_CASE_METHOD(fixture, "a server that falls silent is waited for with a limit, in each phase",
                 "[smtp_session]") {
  // What is answered with silence, and what was under way then.
  const std::map<std::string, send_phase> silences{{"EHLO", send_phase::greeting},
                                                   {"AUTH", send_phase::log_in},
                                                   {"MAIL", send_phase::sender},
                                                   {"RCPT", send_phase::recipients},
                                                   {"DATA", send_phase::data}};
  for (const auto& [line, phase] : silences)
    DYNAMIC_SECTION(line) {
      server.instead[line] = "";
      server.offers = "250 AUTH XOAUTH2\r\n";
      open();
      if (last<send_session_ready>())
        submit();
      REQUIRE(on.waiting);
      on.expire();
      run();
      CHECK(closed().trouble->code == errc::timed_out);
      CHECK(closed().phase == phase);
      CHECK_FALSE(server.in_content);
    }
}

TEST_CASE_METHOD(fixture, "421 ends attempt and session", "[smtp_session]") {
  server.instead["DATA"] = "421 4.3.2 going down\r\n";
  open();
  submit();
  REQUIRE(events.size() >= 2);
  const auto* attempt = std::get_if<attempt_ended>(&events[events.size() - 2]);
  REQUIRE(attempt);
  CHECK(attempt->report.answer->code == 421);
  CHECK(attempt->report.phase == send_phase::data);
  CHECK(last<send_session_closed>());
}

TEST_CASE_METHOD(fixture, "a server that closes an idle session is noticed", "[smtp_session]") {
  open();
  on.say("421 4.4.2 idle for too long\r\n");
  run();
  CHECK(closed().answer->code == 421);
}

TEST_CASE_METHOD(fixture, "an answer before the dot breaks the session", "[smtp_session]") {
  lets_dots_go = false;
  open();
  submit();
  on.say("250 2.0.0 taken already\r\n");
  run();
  CHECK(closed().trouble->code == errc::protocol_violation);
  CHECK(closed().phase == send_phase::body);
}

TEST_CASE_METHOD(fixture, "a session that is closed amid a mail does not send its dot",
                 "[smtp_session]") {
  gives_content = false;
  open();
  submit();
  REQUIRE(last<content_wanted>());
  session->close();
  run();
  CHECK(server.heard.back() == "DATA");
  CHECK(on.streams == 0);
  CHECK(last<content_wanted>());
}
