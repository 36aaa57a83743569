// Mails in doubt: when Sent is searched, and what is done about them.
#include "tests/actors/outbox_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::test;

namespace {

struct doubt_fixture : outbox_fixture {
  message_key key;

  /// A mail whose dot was sent and not answered.
  void doubt() {
    start();
    key = submit().key;
    report(send_session_ready{});
    to_dot();
    lose_answer();
    REQUIRE(status(key) == outbox_status::in_doubt);
  }

  /// Answers the look that waits.
  void seen(result<sent_answer> what) {
    REQUIRE(world.sent_folders->waiting.size() == 1);
    auto look = std::move(world.sent_folders->waiting.front());
    world.sent_folders->waiting.pop_front();
    look.done(std::move(what));
    settle();
  }
  static sent_answer found() {
    return {.no_folder = false, .found = true, .folder = "Sent Items"};
  }
  static sent_answer not_there() {
    return {.no_folder = false, .found = false, .folder = "Sent Items"};
  }
};

} // namespace

TEST_CASE_METHOD(doubt_fixture, "a mail found in Sent was sent", "[outbox_doubt]") {
  doubt();
  CHECK(figures().in_doubt == 1);
  live(std::chrono::seconds{1});
  auto of_it = figures(some_mailbox);
  REQUIRE(of_it.doubts.size() == 1);
  CHECK(of_it.doubts[0].first == key);
  CHECK(of_it.doubts[0].second.policy == doubt_policy::at_least_once);
  CHECK(of_it.doubts[0].second.next_look.value() > world.clock->time);
  CHECK(figures(entity_id{0xb2}).in_doubt == 0);
  CHECK(world.sent_folders->waiting.empty());
  live(std::chrono::seconds{21});
  CHECK_FALSE(figures(some_mailbox).doubts.at(0).second.next_look);
  REQUIRE(world.sent_folders->waiting.size() == 1);
  CHECK(world.sent_folders->waiting.front().what.own_id == to_string(key));
  seen(found());
  CHECK(status(key) == outbox_status::sent);
  CHECK(events() == std::vector{event_kind::mail_in_doubt, event_kind::mail_sent});
  CHECK(figures().in_doubt == 0);
  CHECK(world.senders->opened.size() == 1);
}

TEST_CASE_METHOD(doubt_fixture,
                 "\"not there\" counts after ten minutes and two complete searches, then it goes "
                 "again",
                 "[outbox_doubt]") {
  doubt();
  live(std::chrono::seconds{21});
  seen(not_there());
  CHECK(status(key) == outbox_status::in_doubt);
  live(std::chrono::minutes{2});
  seen(failure{errc::connection_lost, "the connection broke"});
  live(std::chrono::minutes{8});
  seen(not_there());
  CHECK(status(key) != outbox_status::in_doubt);
  CHECK(world.senders->opened.size() == 2);
  report(send_session_ready{});
  CHECK(status(key) == outbox_status::sending);
  CHECK(durable(key).progress.attempts == 2);
}

TEST_CASE_METHOD(doubt_fixture, "without a Sent folder the policy decides: at most once asks",
                 "[outbox_doubt]") {
  auto careful = a_mailbox();
  careful.sending.in_doubt = doubt_policy::at_most_once;
  put(careful);
  doubt();
  live(std::chrono::seconds{21});
  seen(sent_answer{.no_folder = true, .found = false, .folder = {}});
  CHECK(figures(some_mailbox).doubts.at(0).second.trouble.find("--sent-folder")
        != std::string::npos);
  live(std::chrono::hours{48});
  CHECK(status(key) == outbox_status::in_doubt);
  CHECK(world.senders->opened.size() == 1);
  auto settled = ask(aut, resolve_doubt{key, doubt_end::was_sent});
  CHECK(answer<outbox_view>(settled).record.progress.status == outbox_status::sent);
  CHECK(figures().in_doubt == 0);
}

TEST_CASE_METHOD(doubt_fixture, "without a Sent folder the policy decides: at least once sends",
                 "[outbox_doubt]") {
  doubt();
  live(std::chrono::seconds{21});
  seen(sent_answer{.no_folder = true, .found = false, .folder = {}});
  CHECK(world.senders->opened.size() == 2);
  // It was marked before it went a second time.
  CHECK(events().front() == event_kind::mail_in_doubt);
}

TEST_CASE_METHOD(doubt_fixture, "a dot that was sent when the runtime ended is in doubt",
                 "[outbox_doubt]") {
  start();
  key = submit().key;
  report(send_session_ready{});
  to_dot();
  CHECK(status(key) == outbox_status::dot_sent);
  self->send_exit(aut, caf::exit_reason::kill);
  settle();
  start();
  CHECK(status(key) == outbox_status::in_doubt);
  CHECK(events() == std::vector{event_kind::mail_in_doubt});
  live(std::chrono::seconds{25});
  seen(found());
  CHECK(status(key) == outbox_status::sent);
}

TEST_CASE_METHOD(doubt_fixture, "a person gives a mail in doubt up", "[outbox_doubt]") {
  doubt();
  auto settled = ask(aut, resolve_doubt{key, doubt_end::give_up});
  CHECK(answer<outbox_view>(settled).record.progress.status == outbox_status::failed);
  CHECK(events().back() == event_kind::mail_failed);
  live(std::chrono::hours{1});
  CHECK(world.sent_folders->waiting.empty());
}

TEST_CASE_METHOD(doubt_fixture, "a copy from an earlier attempt proves nothing of a later one",
                 "[outbox_doubt]") {
  start();
  key = submit(a_submission({}, {"bob@example.org", "eve@example.org"})).key;
  report(send_session_ready{});
  send_report half;
  half.phase = send_phase::dot;
  half.answer = server_words{250, "2.0.0", "queued"};
  half.recipients = {{"bob@example.org", {250, "2.1.5", "ok"}},
                     {"eve@example.org", {451, "4.2.1", "later"}}};
  report(content_wanted{0});
  report(dot_wanted{half.recipients});
  report(attempt_ended{half});
  REQUIRE(status(key) == outbox_status::deferred);
  auto asked = ask(aut, retry_mail{key});
  CHECK(answer<outbox_view>(asked).record.key == key);
  to_dot({"eve@example.org"});
  lose_answer();
  REQUIRE(status(key) == outbox_status::in_doubt);
  live(std::chrono::seconds{21});
  seen(found());
  CHECK(durable(key).progress.recipients[1].status != recipient_status::taken);
}

TEST_CASE_METHOD(doubt_fixture,
                 "a copy from an attempt in doubt proves nothing of one to others too",
                 "[outbox_doubt]") {
  start();
  key = submit(a_submission({}, {"bob@example.org", "eve@example.org"})).key;
  report(send_session_ready{});
  report(content_wanted{0});
  report(dot_wanted{
      {{"bob@example.org", {250, "2.1.5", "ok"}}, {"eve@example.org", {451, "4.2.1", "later"}}}});
  lose_answer();
  REQUIRE(status(key) == outbox_status::in_doubt);
  auto asked = ask(aut, resolve_doubt{key, doubt_end::send_again});
  CHECK(answer<outbox_view>(asked).record.key == key);
  report(send_session_ready{});
  to_dot({"bob@example.org", "eve@example.org"});
  lose_answer();
  REQUIRE(status(key) == outbox_status::in_doubt);
  live(std::chrono::seconds{21});
  while (!world.sent_folders->waiting.empty())
    seen(found());
  CHECK(durable(key).progress.recipients[1].status != recipient_status::taken);
}

TEST_CASE_METHOD(doubt_fixture, "after a long stop a mail is looked for before the policy decides",
                 "[outbox_doubt]") {
  start();
  key = submit().key;
  report(send_session_ready{});
  to_dot();
  self->send_exit(aut, caf::exit_reason::kill);
  settle();
  world.clock->time += std::chrono::hours{5};
  start();
  live(std::chrono::seconds{2});
  CHECK(status(key) == outbox_status::in_doubt);
  seen(found());
  CHECK(status(key) == outbox_status::sent);
}
