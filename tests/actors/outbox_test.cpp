// The outbox with its ports scripted and time under the test's control.
#include "actors/limits.hpp"
#include "tests/actors/outbox_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::test;

TEST_CASE_METHOD(outbox_fixture, "a mail is durable with its bytes when it is accepted, then sent",
                 "[outbox]") {
  start();
  auto mail = submit();
  CHECK(mail.progress.status == outbox_status::accepted);
  CHECK(mail.key.folder == outbox_folder);
  CHECK(world.log->get<body_chunk>(key_in(family::bodies, mail.key)));
  CHECK(status(mail.key) == outbox_status::sending);
  report(send_session_ready{});
  to_dot();
  CHECK(status(mail.key) == outbox_status::dot_sent);
  report(attempt_ended{taken()});
  CHECK(status(mail.key) == outbox_status::sent);
  CHECK(events() == std::vector{event_kind::mail_sent});
  // Nobody will ask for its bytes again.
  CHECK(world.log->count(family::bodies) == 0);
  CHECK(figures().waiting == 0);
}

TEST_CASE_METHOD(outbox_fixture, "mails of one mailbox go over sessions that are kept",
                 "[outbox]") {
  start();
  auto first = send_whole();
  auto second = submit();
  CHECK(world.senders->opened.size() == 1);
  to_dot();
  report(attempt_ended{taken()});
  CHECK(status(second.key) == outbox_status::sent);
  CHECK(second.key.number > first.key.number);
}

TEST_CASE_METHOD(outbox_fixture, "a server may take its time over a mail", "[outbox]") {
  start();
  auto mail = submit();
  report(send_session_ready{});
  to_dot();
  pass(10min);
  CHECK_FALSE(world.senders->last().closed);
  report(attempt_ended{taken()});
  CHECK(status(mail.key) == outbox_status::sent);
}

TEST_CASE_METHOD(outbox_fixture, "a mailbox has no more sessions than its service admits",
                 "[outbox]") {
  start();
  for (int i = 0; i < 5; ++i)
    submit();
  CHECK(world.senders->opened.size() == 3);
  CHECK(figures().under_way == 3);
  CHECK(figures().waiting == 2);
}

TEST_CASE_METHOD(outbox_fixture, "a mail that is scheduled waits for its time", "[outbox]") {
  start();
  auto what = a_submission();
  what.wishes.due = world.clock->time + std::chrono::hours{1};
  auto mail = submit(what);
  CHECK(world.senders->opened.empty());
  live(std::chrono::minutes{59});
  CHECK(world.senders->opened.empty());
  live(std::chrono::minutes{1});
  CHECK(world.senders->opened.size() == 1);
  CHECK(status(mail.key) == outbox_status::sending);
}

TEST_CASE_METHOD(outbox_fixture, "a mail that waits is cancelled, and one under way is not",
                 "[outbox]") {
  start();
  auto what = a_submission();
  what.wishes.due = world.clock->time + std::chrono::hours{1};
  auto later = submit(what);
  auto gone = ask(aut, cancel_mail{later.key});
  CHECK(answer<outbox_view>(gone).record.progress.status == outbox_status::cancelled);
  CHECK(world.log->count(family::bodies) == 0);
  CHECK(figures().waiting == 0);
  live(std::chrono::hours{2});
  CHECK(world.senders->opened.empty());
  auto now = submit();
  auto busy = ask(aut, cancel_mail{now.key});
  CHECK(refusal<outbox_view>(busy).code == errc::in_use);
  auto unknown = ask(aut, cancel_mail{{some_mailbox, outbox_folder, 0, 5}});
  CHECK(refusal<outbox_view>(unknown).code == errc::not_found);
}

TEST_CASE_METHOD(outbox_fixture, "a mail that was put off is tried again, or at once if asked",
                 "[outbox]") {
  start();
  auto mail = submit();
  report(send_session_ready{});
  send_report later;
  later.phase = send_phase::recipients;
  later.answer = server_words{451, "4.7.1", "try again later"};
  later.recipients = {{"bob@example.org", *later.answer}};
  report(attempt_ended{later});
  CHECK(status(mail.key) == outbox_status::deferred);
  CHECK(session().submitted.size() == 1);
  // The session is kept, and takes it at once.
  auto asked = ask(aut, retry_mail{mail.key});
  CHECK(answer<outbox_view>(asked).record.key == mail.key);
  CHECK(session().submitted.size() == 2);
  CHECK(status(mail.key) == outbox_status::sending);
}

TEST_CASE_METHOD(outbox_fixture, "trouble of the mailbox holds all its mail until it is mended",
                 "[outbox]") {
  start();
  play->refusals.push_back(failure{errc::sign_in_required, "a person must sign in"});
  auto mail = submit();
  CHECK(world.senders->opened.empty());
  auto seen = figures();
  REQUIRE(seen.at_rest.size() == 1);
  CHECK(seen.at_rest[0].first == some_mailbox);
  auto second = submit();
  live(std::chrono::hours{12});
  CHECK(world.senders->opened.empty());
  CHECK(status(mail.key) != outbox_status::failed);
  CHECK(durable(mail.key).progress.failures == 0);
  self->send(aut, grant_changed{some_mailbox});
  settle();
  CHECK(world.senders->opened.size() == 2);
  CHECK(figures().at_rest.empty());
  CHECK(status(second.key) == outbox_status::sending);
}

TEST_CASE_METHOD(outbox_fixture, "what was being sent when the runtime ended goes again",
                 "[outbox]") {
  start();
  auto mail = submit();
  report(send_session_ready{});
  CHECK(status(mail.key) == outbox_status::sending);
  self->send_exit(aut, caf::exit_reason::kill);
  settle();
  start();
  CHECK(status(mail.key) == outbox_status::sending);
  CHECK(durable(mail.key).progress.attempts == 2);
  CHECK(events().empty());
}

TEST_CASE_METHOD(outbox_fixture, "a mail whose mailbox is removed is forgotten", "[outbox]") {
  start();
  auto what = a_submission();
  what.wishes.due = world.clock->time + std::chrono::hours{1};
  auto mail = submit(what);
  world.log->records.erase(key_of(a_mailbox()));
  world.log->records.erase(key_in(family::outbox, mail.key));
  self->send(aut, mailbox_altered{some_mailbox});
  settle();
  CHECK(figures().waiting == 0);
  live(std::chrono::hours{2});
  CHECK(world.senders->opened.empty());
}

TEST_CASE_METHOD(outbox_fixture, "finished mail is kept for 30 days, then purged", "[outbox]") {
  start();
  auto mail = send_whole(a_submission("reply-10"));
  live(std::chrono::hours{29 * 24});
  CHECK(world.log->count(family::outbox) == 1);
  for (int day = 0; day < 3; ++day)
    live(std::chrono::hours{24});
  CHECK(world.log->count(family::outbox) == 0);
  CHECK(submit(a_submission("reply-10")).key.number > mail.key.number);
}

TEST_CASE_METHOD(outbox_fixture, "the end waits for what is under way, not for long", "[outbox]") {
  start();
  auto mail = submit();
  report(send_session_ready{});
  to_dot();
  self->send_exit(aut, caf::exit_reason::user_shutdown);
  settle();
  report(attempt_ended{taken()});
  CHECK(status(mail.key) == outbox_status::sent);
  auto refused = ask(aut, report_outbox{});
  CHECK(answered());
  refused.receive([](outbox_figures&) { FAIL("it has ended"); }, [](caf::error&) {});
}

TEST_CASE_METHOD(outbox_fixture, "a bounce is noted with its recipient", "[outbox]") {
  start();
  auto mail = submit(a_submission({}, {"bob@example.org", "eve@example.org"}));
  report(send_session_ready{});
  to_dot({"bob@example.org", "eve@example.org"});
  report(attempt_ended{taken({"bob@example.org", "eve@example.org"})});
  self->send(aut,
             mail_reported{mail.key,
                           mail_kind::delivery_report,
                           {{"BOB@example.org", delivery_action::failed, "5.1.1", "no user"}}});
  settle();
  auto recipients = durable(mail.key).progress.recipients;
  CHECK(recipients[0].status == recipient_status::bounced);
  CHECK(recipients[0].said->words == "no user");
  CHECK(recipients[1].status == recipient_status::taken);
}

TEST_CASE_METHOD(outbox_fixture, "whoever asks for a mail of a mailbox at rest wakes it",
                 "[outbox]") {
  start();
  play->refusals.push_back(failure{errc::sign_in_required, "a person must sign in"});
  auto mail = submit();
  CHECK(figures().at_rest.size() == 1);
  auto asked = ask(aut, retry_mail{mail.key});
  CHECK(answer<outbox_view>(asked).record.key == mail.key);
  CHECK(world.senders->opened.size() == 1);
}

TEST_CASE_METHOD(outbox_fixture, "421 to the dot is an answer, though the server closes behind it",
                 "[outbox]") {
  start();
  auto mail = submit();
  report(send_session_ready{});
  to_dot();
  send_report busy;
  busy.phase = send_phase::dot;
  busy.answer = server_words{421, "", "try again"};
  world.log->hold = true;
  session().report(attempt_ended{busy});
  send_report closed;
  closed.phase = send_phase::dot;
  session().report(send_session_closed{closed});
  settle();
  world.log->release();
  settle();
  CHECK(status(mail.key) == outbox_status::deferred);
  CHECK(events().empty());
}

TEST_CASE_METHOD(outbox_fixture, "a kept session that its server closed costs a mail nothing",
                 "[outbox]") {
  start();
  auto first = send_whole();
  auto second = submit();
  REQUIRE(session().submitted.size() == 2);
  send_report lost;
  lost.phase = send_phase::sender;
  lost.trouble = failure{errc::connection_lost, "the server closed the connection"};
  report(send_session_closed{lost});
  REQUIRE(world.senders->opened.size() == 2);
  report(send_session_ready{});
  to_dot();
  report(attempt_ended{taken()});
  CHECK(status(second.key) == outbox_status::sent);
  CHECK(durable(second.key).progress.attempts == 1);
  CHECK(first.key != second.key);
}

TEST_CASE_METHOD(outbox_fixture, "a success that began before a rest does not end it", "[outbox]") {
  start();
  auto first = submit();
  auto slow = world.senders->opened.back();
  live(std::chrono::seconds{2});
  auto second = submit();
  auto quick = world.senders->opened.back();
  for (const auto& one : {slow, quick}) {
    one->report(send_session_ready{});
    settle();
  }
  send_report busy;
  busy.phase = send_phase::sender;
  busy.answer = server_words{432, "4.3.2", "STOREDRV; Suggested Backoff Time: 600000 milliseconds"};
  quick->report(attempt_ended{busy});
  settle();
  REQUIRE(figures().at_rest.size() == 1);
  slow->report(content_wanted{0});
  settle();
  slow->report(dot_wanted{taken().recipients});
  settle();
  slow->report(attempt_ended{taken()});
  settle();
  CHECK(status(first.key) == outbox_status::sent);
  CHECK(figures().at_rest.size() == 1);
}

TEST_CASE_METHOD(outbox_fixture, "a mailbox that cannot send is tried more and more seldom",
                 "[outbox]") {
  start();
  submit();
  int opened = 0;
  for (int hour = 0; hour < 12; ++hour)
    for (int minute = 0; minute < 60; ++minute) {
      if (static_cast<int>(world.senders->opened.size()) > opened) {
        ++opened;
        send_report down;
        down.trouble = failure{errc::connect_failed, "nobody listens"};
        report(send_session_closed{down});
      }
      live(std::chrono::minutes{1});
    }
  CHECK(opened > 5);
  CHECK(opened < 30);
}

TEST_CASE_METHOD(outbox_fixture, "attempts that reach nobody cost nothing of the day", "[outbox]") {
  auto limited = a_mailbox();
  limited.sending.recipients_per_day = 3;
  put(limited);
  start();
  auto mail = submit(a_submission({}, {"a@example.org", "b@example.org"}), limited);
  for (int i = 0; i < 3; ++i) {
    send_report down;
    down.trouble = failure{errc::connect_failed, "nobody listens"};
    report(send_session_closed{down});
    auto again = ask(aut, retry_mail{mail.key});
    CHECK(answer<outbox_view>(again).record.key == mail.key);
  }
  CHECK(world.senders->opened.size() == 4);
}

TEST_CASE_METHOD(outbox_fixture, "attempts that came to their dot count, however close they are",
                 "[outbox]") {
  auto limited = a_mailbox();
  limited.sending.recipients_per_day = 5;
  put(limited);
  start();
  const std::vector<std::string> both{"a@example.org", "b@example.org"};
  auto mail = submit(a_submission({}, both), limited);
  report(send_session_ready{});
  for (int i = 0; i < 2; ++i) {
    to_dot(both);
    auto later = taken(both);
    later.answer = server_words{451, "4.3.0", "try again later"};
    report(attempt_ended{later});
    REQUIRE(status(mail.key) == outbox_status::deferred);
    auto again = ask(aut, retry_mail{mail.key});
    CHECK(answer<outbox_view>(again).record.key == mail.key);
  }
  CHECK(durable(mail.key).progress.attempts == 2);
  live(std::chrono::hours{23});
  CHECK(durable(mail.key).progress.attempts == 2);
}
