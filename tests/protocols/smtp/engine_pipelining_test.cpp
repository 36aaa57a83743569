// Goal: what goes together is what RFC 2920 lets go together, and no answer is taken for another's.
// Method: as in engine_test.cpp.
#include "protocols/smtp/session_limits.hpp"
#include "tests/protocols/smtp/talk.hpp"

using namespace mailfleet;
using namespace mailfleet::testing;
using phase = smtp::engine::phase;

TEST_CASE("A message goes in one round of commands where the server pipelines", "[smtp]") {
  talk with;
  with.submit().says("250 ok\r\n250 ok\r\n250 2.1.5 ok\r\n").says("354 go on\r\n");
  with.with_body();
  CHECK(with.engine.now() == phase::before_dot);
  CHECK_FALSE(with.engine.is_in_doubt());
  with.with_dot();
  CHECK(with.engine.is_in_doubt());
  with.says("250 2.0.0 queued as 17\r\n");
  CHECK_FALSE(with.engine.is_in_doubt());
  CHECK(with.heard.text
        == "> MAIL FROM:<ann@example.test> SIZE=30\n> RCPT TO:<r0@example.test>\n"
           "> RCPT TO:<r1@example.test>\n"
           "recipient 0 taken: 250 ok\nrecipient 1 taken: 250 2.1.5 ok\n> DATA\nbody for 2\n"
           "> .\ntaken: 250 2.0.0 queued as 17\n");
}

TEST_CASE("Many recipients are pipelined in groups", "[smtp]") {
  talk with;
  with.submit(smtp::max_pipelined + 1);
  auto count = [&] {
    std::size_t found = 0;
    for (auto at = with.heard.text.find("> RCPT"); at != std::string::npos;
         at = with.heard.text.find("> RCPT", at + 1))
      ++found;
    return found;
  };
  CHECK(count() == smtp::max_pipelined);
  std::string answers;
  for (std::size_t at = 0; at <= smtp::max_pipelined; ++at)
    answers += "250 ok\r\n";
  with.says(answers);
  CHECK(count() == smtp::max_pipelined + 1);
  with.says("250 ok\r\n");
  CHECK(with.heard.text.ends_with("recipient 100 taken: 250 ok\n> DATA\n"));
}

TEST_CASE("DATA goes with the only recipient", "[smtp]") {
  talk with;
  with.submit(1);
  CHECK(with.heard.text.ends_with("> DATA\n"));
  with.heard.text.clear();
  with.says("250 ok\r\n250 2.1.5 ok\r\n354 go\r\n");
  CHECK(with.heard.text == "recipient 0 taken: 250 2.1.5 ok\nbody for 1\n");
  with.with_body().with_dot().says("250 queued\r\n");
  CHECK(with.heard.text.ends_with("> .\ntaken: 250 queued\n"));
}

TEST_CASE("An only recipient that is refused is told once DATA is answered", "[smtp]") {
  talk with;
  with.submit(1).says("250 ok\r\n550 5.1.1 unknown\r\n");
  CHECK(with.heard.text.ends_with("recipient 0 refused: 550 5.1.1 unknown\n"));
  with.says("554 5.5.1 no valid recipients\r\n");
  CHECK(with.heard.text.ends_with("refused: 550 5.1.1 unknown\nrefused: 550 5.1.1 unknown\n"));
  CHECK(with.engine.ended_in() == phase::recipients);
  CHECK(with.engine.now() == phase::ready);
}

TEST_CASE("A server that wants content for nobody gets a lone dot", "[smtp]") {
  talk with;
  with.submit(1).says("250 ok\r\n550 5.1.1 unknown\r\n354 go\r\n");
  CHECK(with.heard.text.ends_with("> .\n"));
  CHECK_FALSE(with.engine.is_in_doubt());
  with.says(GENERATE("554 nobody\r\n", "250 thanks\r\n"));
  CHECK(with.heard.text.ends_with("refused: 550 5.1.1 unknown\n"));
  CHECK(with.engine.ended_in() == phase::recipients);
  with.heard.text.clear();
  with.submit(1);
  CHECK(with.heard.text == "> RSET\n");
}

TEST_CASE("A refused sender's recipient and DATA are heard out", "[smtp]") {
  talk with;
  with.submit(1).says("550 5.7.60 not you\r\n503 no sender\r\n");
  CHECK(with.engine.now() == phase::data);
  with.says("503 no recipients\r\n");
  CHECK(with.heard.text.ends_with("refused: 550 5.7.60 not you\n"));
  CHECK(with.engine.ended_in() == phase::sender);
}

TEST_CASE("A server that closes while DATA waits does not hide what it refused", "[smtp]") {
  talk sender;
  sender.submit(1).says("451 4.7.0 slow down\r\n503 no sender\r\n421 too many errors\r\n");
  CHECK(sender.heard.text.ends_with("refused: 451 4.7.0 slow down\n"));
  CHECK(sender.engine.ended_in() == phase::sender);
  talk recipient;
  recipient.submit(1).says("250 ok\r\n550 5.1.1 unknown\r\n421 bye\r\n");
  CHECK(recipient.heard.text.ends_with("refused: 550 5.1.1 unknown\n"));
  CHECK(recipient.engine.ended_in() == phase::recipients);
  talk cut;
  cut.submit(1).says("550 5.7.60 not you\r\n");
  REQUIRE(cut.engine.refusal());
  CHECK(cut.engine.refusal()->code == 550);
  CHECK(cut.engine.refused_in() == phase::sender);
}

TEST_CASE("No dot goes for a recipient that was taken without its sender", "[smtp]") {
  talk with;
  with.submit(1).says("550 5.7.60 not you\r\n250 ok\r\n354 go\r\n");
  CHECK(with.heard.text.find("> .") == std::string::npos);
  CHECK_FALSE(with.alive);
  REQUIRE(with.engine.refusal());
  CHECK(with.engine.refusal()->code == 550);
}

TEST_CASE("After a refusal DATA goes with the next recipient again", "[smtp]") {
  talk with;
  with.submit(1).says("250 ok\r\n550 no\r\n503 nobody\r\n");
  with.heard.text.clear();
  with.submit(1).says("250 reset\r\n");
  CHECK(with.heard.text.ends_with("> DATA\n"));
  with.says("250 ok\r\n250 ok\r\n451 4.3.0 not now\r\n");
  CHECK(with.engine.ended_in() == phase::data);
}

TEST_CASE("The end of the content may go with its dot", "[smtp]") {
  talk with;
  with.submit(1).says("250 ok\r\n250 ok\r\n354 go\r\n");
  std::string end;
  REQUIRE(with.engine.append("Subject: x\r\n\r\n.hello\r\n", end));
  REQUIRE(with.engine.end_body());
  REQUIRE(with.engine.send_dot(end));
  with.heard.text.clear();
  with.heard.drain(with.engine);
  CHECK(with.heard.text == "> Subject: x\n> \n> ..hello\n> .\n");
  CHECK(with.engine.is_in_doubt());
}

TEST_CASE("A refused sender ends the submission after the answers to pipelined recipients",
          "[smtp]") {
  talk with;
  with.submit().says("550 5.7.60 not you\r\n");
  CHECK(with.engine.now() == phase::sender);
  with.says("503 no sender\r\n503 no sender\r\n");
  CHECK(with.heard.text.ends_with("refused: 550 5.7.60 not you\n"));
  CHECK(with.engine.ended_in() == phase::sender);
}
