// What the outbox knows of each mailbox that sends.
#include "tests/actors/outbox_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::test;

namespace {

struct lanes_fixture : outbox_fixture {
  /// Gives the mailbox another server; its record.
  mailbox_record move() {
    auto moved = a_mailbox();
    moved.header.version = 2;
    moved.smtp.host = "smtp2.example.com";
    moved.smtp.port = 465;
    put(moved);
    self->send(aut, mailbox_altered{some_mailbox, true});
    settle();
    return moved;
  }
};

} // namespace

TEST_CASE_METHOD(lanes_fixture, "a mailbox whose server is another sends there at once",
                 "[outbox]") {
  start();
  send_whole();
  CHECK(figures().sent == 1);
  auto moved = move();
  // The session that is kept is with the old one.
  submit(a_submission(), moved);
  REQUIRE(world.senders->opened.size() == 2);
  CHECK(session().settings.server.host == "smtp2.example.com");
  send_report refused;
  refused.phase = send_phase::log_in;
  refused.answer = server_words{535, "5.7.139", "SmtpClientAuthentication is disabled"};
  report(send_session_closed{refused});
  report(send_session_closed{refused});
  CHECK(figures().at_rest.size() == 1);
  self->send(aut, mailbox_altered{some_mailbox, true});
  settle();
  CHECK(figures().at_rest.empty());
}

TEST_CASE_METHOD(lanes_fixture, "what an old server ends with holds nothing up at the new one",
                 "[outbox]") {
  start();
  auto mail = submit();
  auto& old = session();
  move();
  send_report refused;
  refused.phase = send_phase::connecting;
  refused.trouble = failure{errc::tls_untrusted, "nobody vouches for it"};
  old.report(send_session_closed{refused});
  settle();
  live(std::chrono::seconds{2});
  CHECK(figures().at_rest.empty());
  REQUIRE(world.senders->opened.size() == 2);
  CHECK(session().settings.server.host == "smtp2.example.com");
  CHECK(status(mail.key) == outbox_status::sending);
}

TEST_CASE_METHOD(outbox_fixture, "a mail that is being taken in counts as its mailbox's",
                 "[outbox]") {
  start();
  world.composer->hold = true;
  auto asked = ask(aut, accept_mail{a_mailbox(), a_submission()});
  CHECK(figures(some_mailbox).waiting == 1);
  world.composer->release();
  settle();
  CHECK(answer<outbox_view>(asked).record.key.mailbox == some_mailbox);
}

TEST_CASE_METHOD(outbox_fixture, "the figures of one mailbox are its own", "[outbox]") {
  start();
  auto later = a_submission();
  later.wishes.due = world.clock->time + std::chrono::hours{1};
  auto other = a_mailbox(entity_id{0xb2}, "eve@example.com");
  put(other);
  submit(later);
  submit(later);
  std::get<outgoing_mail>(later.content).from.address = "eve@example.com";
  submit(later, other);
  CHECK(figures().waiting == 3);
  CHECK(figures(some_mailbox).waiting == 2);
  CHECK(figures(other.id).waiting == 1);
  CHECK(figures(other.id).oldest == world.clock->time);
  CHECK(figures(entity_id{0xb3}).waiting == 0);
}
