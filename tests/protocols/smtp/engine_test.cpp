// Goal: the engine says what SMTP servers say, however the network cuts it, always knows
// whether a message may have been taken, and stops at everything that is not SMTP. Method:
// hand-written conversations; `talk` feeds each answer and notes what the engine does.
#include "protocols/smtp/engine.hpp"
#include "protocols/smtp/session_limits.hpp"
#include "tests/protocols/smtp/talk.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::testing;
using phase = smtp::engine::phase;

namespace {

bool is_broken(const talk& after) {
  return after.heard.text.find("broken: ") != std::string::npos;
}

} // namespace

TEST_CASE("Without PIPELINING each command waits for its answer", "[smtp]") {
  talk with{plain_ehlo};
  with.submit().says("250 ok\r\n").says("250 ok\r\n").says("250 ok\r\n").says("354 go\r\n");
  CHECK(with.heard.text
        == "> MAIL FROM:<ann@example.test>\n> RCPT TO:<r0@example.test>\n"
           "recipient 0 taken: 250 ok\n> RCPT TO:<r1@example.test>\n"
           "recipient 1 taken: 250 ok\n> DATA\nbody for 2\n");
}

TEST_CASE("A conversation from the greeting is the same however it is cut", "[smtp]") {
  const std::string bytes = "220-hello\r\n220 there\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    auto engine = *smtp::engine::begin("[192.0.2.1]", smtp::engine::first::greeting);
    smtp_transcript heard;
    for (std::size_t at = 0; at < bytes.size(); at += step)
      CHECK(heard.feed(engine, std::string{bytes, at, step}));
    CHECK(heard.text == "> EHLO [192.0.2.1]\n");
    for (std::size_t at = 0; at < full_ehlo.size(); at += step)
      CHECK(heard.feed(engine, std::string{full_ehlo, at, step}));
    CHECK(heard.text == "> EHLO [192.0.2.1]\nready\n");
    CHECK(engine.server().max_bytes == 1000);
    CHECK(engine.server().mechanisms == std::vector<std::string>{"LOGIN", "XOAUTH2"});
  }
}

TEST_CASE("Recipients that the server refuses do not stop the others", "[smtp]") {
  talk with;
  with.submit(3).says("250 ok\r\n250 ok\r\n550 5.1.1 unknown\r\n452 4.2.2 full\r\n");
  with.says("354 go\r\n").with_body().with_dot().says("250 ok\r\n");
  CHECK(with.heard.text.find("recipient 1 refused: 550 5.1.1 unknown\n"
                             "recipient 2 refused: 452 4.2.2 full\n> DATA\nbody for 1\n")
        != std::string::npos);
  CHECK(with.heard.text.ends_with("taken: 250 ok\n"));
}

TEST_CASE("No content goes when nobody would get it", "[smtp]") {
  talk with;
  with.submit().says("250 ok\r\n550 no\r\n551 neither\r\n");
  CHECK(with.heard.text.ends_with("recipient 1 refused: 551 neither\nrefused: 551 neither\n"));
  CHECK(with.engine.ended_in() == phase::recipients);
  CHECK(with.engine.now() == phase::ready);
}

TEST_CASE("After a refusal the connection is reset and used again", "[smtp]") {
  talk with;
  with.submit(1).says("250 ok\r\n250 ok\r\n").says("451 later\r\n");
  CHECK(with.engine.ended_in() == phase::data);
  with.heard.text.clear();
  with.submit(1);
  CHECK(with.heard.text == "> RSET\n");
  with.says("250 ok\r\n").says("250 ok\r\n250 ok\r\n").says("354 go\r\n").with_body().with_dot();
  with.says("554 5.6.0 content\r\n");
  CHECK(with.engine.ended_in() == phase::dot);
  CHECK_FALSE(with.engine.is_in_doubt());
  REQUIRE(with.engine.quit());
  with.heard.drain(with.engine);
  with.says("221 bye\r\n");
  CHECK(with.heard.text.ends_with("> QUIT\nover\n"));
  CHECK_FALSE(with.alive);
}

TEST_CASE("After success the next message goes without a reset", "[smtp]") {
  talk with;
  with.submit(1).says("250 ok\r\n250 ok\r\n").says("354 go\r\n").with_body().with_dot();
  with.says("250 ok\r\n");
  with.heard.text.clear();
  with.submit(1);
  CHECK(with.heard.text.starts_with("> MAIL FROM:"));
}

TEST_CASE("An answer that never comes to the dot leaves the message in doubt", "[smtp]") {
  talk with;
  with.submit(1).says("250 ok\r\n250 ok\r\n").says("354 go\r\n").with_body().with_dot();
  with.says("rubbish\r\n");
  CHECK(is_broken(with));
  CHECK(with.engine.is_in_doubt());
}

TEST_CASE("A 421 is understood in every phase", "[smtp]") {
  const std::string bye = "421 4.3.2 going down\r\n";
  SECTION("idle") {
    talk with;
    with.says(bye);
    CHECK(with.heard.text == "closes: 421 4.3.2 going down\n");
  }
  SECTION("at the recipients") {
    talk with;
    with.submit().says("250 ok\r\n" + bye);
    CHECK(with.heard.text.ends_with("\nrefused: 421 4.3.2 going down\n"));
    CHECK(with.engine.ended_in() == phase::recipients);
    CHECK_FALSE(with.alive);
  }
  SECTION("amid the content") {
    talk with;
    with.submit(1).says("250 ok\r\n250 ok\r\n").says("354 go\r\n").with_body().says(bye);
    CHECK(with.heard.text.ends_with("refused: 421 4.3.2 going down\n"));
    CHECK_FALSE(with.engine.is_in_doubt());
    CHECK(with.engine.send_dot().error().code == errc::internal);
  }
}

TEST_CASE("Answers out of order break the session", "[smtp]") {
  SECTION("unasked") {
    CHECK(is_broken(talk{}.says("250 ok\r\n")));
  }
  SECTION("more than was asked") {
    CHECK(is_broken(talk{}.submit(1).says("250 ok\r\n250 ok\r\n250 ok\r\n")));
  }
  SECTION("354 then an answer to a dot that was not sent") {
    talk with;
    with.submit(1).says("250 ok\r\n250 ok\r\n").says("354 go\r\n250 taken\r\n");
    CHECK(is_broken(with));
    CHECK_FALSE(with.engine.is_in_doubt());
  }
  SECTION("250 to DATA") {
    CHECK(is_broken(talk{}.submit(1).says("250 ok\r\n250 ok\r\n").says("250 ok\r\n")));
  }
  SECTION("a challenge to MAIL") {
    CHECK(is_broken(talk{}.submit(1).says("334 x\r\n")));
  }
  SECTION("a line without end, and it is told so") {
    auto after = talk{}.submit(1).says("250-" + std::string(65'536, 'x'));
    CHECK(after.heard.text.find("broken: the server sent a line of more than 4096 bytes")
          != std::string::npos);
  }
  SECTION("a part of an answer before its command") {
    talk with;
    with.says("25");
    CHECK(with.engine.submit(envelope(), {}).error().code == errc::protocol_violation);
  }
}

TEST_CASE("What the server cannot do is refused before anything is sent", "[smtp]") {
  talk with;
  auto big = envelope();
  big.bytes = 1001;
  CHECK(with.engine.submit(big, {}).error().code == errc::too_large);
  auto international = envelope();
  international.needs_smtputf8 = true;
  CHECK(with.engine.submit(international, {}).error().code == errc::invalid_argument);
  auto injected = envelope();
  injected.recipients.push_back("x@example.test>\r\nRCPT TO:<y@example.test");
  CHECK(with.engine.submit(injected, {}).error().code == errc::invalid_argument);
  talk old{plain_ehlo};
  auto eight = envelope();
  eight.needs_8bitmime = true;
  CHECK(old.engine.submit(eight, {}).error().code == errc::invalid_argument);
  CHECK(with.heard.text.empty());
  CHECK(with.engine.now() == phase::ready);
}

TEST_CASE("Reports are asked for where the server offers them", "[smtp]") {
  talk with;
  smtp::submission_options options;
  options.notify = smtp::notify_when{.failed = true, .delayed = true};
  options.envelope_id = "a+1";
  REQUIRE(with.engine.submit(envelope(1), options));
  with.heard.drain(with.engine);
  CHECK(with.heard.text
        == "> MAIL FROM:<ann@example.test> SIZE=30 RET=HDRS ENVID=a+2B1\n"
           "> RCPT TO:<r0@example.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;r0@example.test\n"
           "> DATA\n");
}

TEST_CASE("A short token is said at once, a long one in two steps", "[smtp]") {
  auto log_in = [](std::size_t bytes) {
    talk with;
    REQUIRE(with.engine.log_in(sasl::mechanism::xoauth2,
                               {"ann", secret{std::string(bytes, 't')}, "h", 587}));
    with.heard.drain(with.engine);
    return with;
  };
  auto brief = log_in(20);
  CHECK(brief.heard.text.starts_with("> AUTH XOAUTH2 "));
  brief.says("235 2.7.0 ok\r\n");
  CHECK(brief.heard.text.ends_with("logged in\n"));
  auto lengthy = log_in(2'000);
  CHECK(lengthy.heard.text == "> AUTH XOAUTH2\n");
  lengthy.says("334 \r\n");
  CHECK(lengthy.heard.text.size() > 2'600);
  lengthy.says("535 5.7.3 no\r\n");
  CHECK(lengthy.heard.text.ends_with("log-in refused: 535 5.7.3 no\n"));
  CHECK(lengthy.engine.now() == phase::ready);
}

TEST_CASE("A token's refusal is heard out before the answer", "[smtp]") {
  talk with;
  REQUIRE(with.engine.log_in(sasl::mechanism::xoauth2, {"ann", secret{"t"}, "h", 587}));
  with.heard.drain(with.engine);
  // {"status":"401"}
  with.says("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n");
  with.says("535 5.7.8 no\r\n");
  CHECK(with.heard.text.ends_with("> \nlog-in refused: 535 5.7.8 no [401]\n"));
}

TEST_CASE("A greeting or EHLO that is refused ends the session", "[smtp]") {
  auto engine = *smtp::engine::begin("c", smtp::engine::first::greeting);
  smtp_transcript heard;
  CHECK_FALSE(heard.feed(engine, "554 5.3.2 no service\r\n"));
  CHECK(heard.text == "closes: 554 5.3.2 no service\n");
  CHECK_FALSE(smtp::engine::begin("a b", smtp::engine::first::greeting));
}

TEST_CASE("Content with a bare line end cannot be ended", "[smtp]") {
  talk with;
  with.submit(1).says("250 ok\r\n250 ok\r\n").says("354 go\r\n");
  std::string out;
  CHECK_FALSE(with.engine.append("a\n.\nb\r\n", out));
  CHECK_FALSE(with.engine.end_body());
  CHECK_FALSE(with.engine.send_dot());
  CHECK_FALSE(with.engine.is_in_doubt());
}

TEST_CASE("What is no reply, or has no end, breaks the session", "[smtp]") {
  std::string endless;
  for (int count = 0; count < 200; ++count)
    endless += "250-x\r\n";
  for (const auto& bytes :
       {std::string{"000 x\r\n"}, std::string{"999 x\r\n"}, std::string{"150 x\r\n"},
        std::string{"25\r\n"}, std::string{"\r\n"}, std::string{"250_x\r\n"},
        std::string{"250-a\r\n251 b\r\n"}, std::string("250 a\0b\r\n", 9), std::string(65'536, 'x'),
        "250 " + std::string(65'536, 'x') + "\r\n", endless}) {
    talk with;
    with.submit(1).says(bytes);
    CHECK(is_broken(with));
    CHECK(with.heard.text.size() < 1'000);
  }
}
