#include "tests/actors/mailbox_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::test;

namespace {

struct fixture : mailbox_fixture {
  /// The server refuses the only message, and the mailbox watches.
  void owe_the_first() {
    start();
    open_folder(2);
    report(fetch_finished{1, {1}});
    report(fetch_finished{1, {}});
    report(now_watching{});
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a refused message is owed, asked for again and quarantined",
                 "[mailbox]") {
  start();
  open_folder(4);
  report(mail_batch{{a_message(1)}});
  report(fetch_finished{2, {2}});
  REQUIRE(cursor().owed.size() == 1);
  REQUIRE(session().last_command() == "fetch 2");
  report(mail_batch{{a_message(3)}});
  report(fetch_finished{3, {}});
  CHECK(cursor().high_water == 3);
  report(now_watching{});
  for (int round = 0; round < 2; ++round) {
    live(15min);
    REQUIRE(session().last_command() == "fetch_one 2");
    report(fetch_finished{2, {2}});
    report(now_watching{});
  }
  CHECK(cursor().owed.empty());
  CHECK(world.log->events(event_kind::mail_quarantined).size() == 1);
}

TEST_CASE_METHOD(fixture, "a mailbox that gets mail all the time still asks for what it owes",
                 "[mailbox]") {
  owe_the_first();
  for (std::uint32_t number = 2; number < 4; ++number) {
    live(10min);
    if (session().last_command() == "fetch_one 1")
      break;
    report(news_arrived{});
    report(mail_batch{{a_message(number)}});
    report(fetch_finished{number, {}});
    report(now_watching{});
  }
  CHECK(session().last_command() == "fetch_one 1");
}

TEST_CASE_METHOD(fixture, "what comes due while a session works is asked for after it",
                 "[mailbox]") {
  owe_the_first();
  report(news_arrived{});
  live(15min);
  REQUIRE(session().last_command() == "fetch 1");
  report(mail_batch{{a_message(2)}});
  report(fetch_finished{2, {}});
  CHECK(session().last_command() == "fetch_one 1");
}

TEST_CASE_METHOD(fixture, "an owed message that comes after all is stored once", "[mailbox]") {
  start();
  open_folder(3);
  report(fetch_finished{1, {1}});
  report(fetch_finished{2, {}});
  report(now_watching{});
  live(15min);
  REQUIRE(session().last_command() == "fetch_one 1");
  report(mail_batch{{a_message(1)}});
  report(fetch_finished{1, {}});
  CHECK(cursor().owed.empty());
  CHECK(cursor().high_water == 2);
  CHECK(world.log->events(event_kind::mail_arrived).size() == 1);
}

TEST_CASE_METHOD(fixture, "a message that breaks every session does not block those behind it",
                 "[mailbox]") {
  start();
  session_closed end;
  end.reason = {errc::connection_lost, "the server closed the connection"};
  end.broke_at = 2;
  for (int round = 0; round < 3; ++round) {
    open_folder(4);
    if (round == 0)
      report(mail_batch{{a_message(1)}});
    REQUIRE(session().last_command() == (round == 0 ? "fetch 0" : "fetch 1"));
    report(end);
    pass(15min);
  }
  open_folder(4);
  CHECK(session().last_command() == "fetch 2");
  REQUIRE(cursor().owed.size() == 1);
  report(mail_batch{{a_message(3)}});
  report(fetch_finished{3, {}});
  CHECK(cursor().high_water == 3);
  CHECK(world.log->events(event_kind::mail_arrived).size() == 2);
  REQUIRE(session().last_command() == "fetch_one 2");
  // It breaks this session too: it rests, and the mailbox watches.
  report(end);
  live(15min);
  open_folder(4);
  report(fetch_finished{3, {}});
  CHECK(session().last_command() == "watch");
  report(now_watching{});
  live(1h);
  REQUIRE(session().last_command() == "fetch_one 2");
  report(mail_batch{{a_message(2)}});
  report(fetch_finished{2, {}});
  CHECK(cursor().owed.empty());
  CHECK(world.log->events(event_kind::mail_arrived).size() == 3);
}

TEST_CASE_METHOD(fixture, "the first refusal after an outage waits minutes, not hours",
                 "[mailbox]") {
  start();
  for (int round = 0; round < 9; ++round) {
    report(session_closed{{errc::connect_failed, "nobody listens"}, false, {}});
    pass(15min);
  }
  report(session_closed{{errc::authentication_failed, "NO"}, false, {}});
  report(session_closed{{errc::authentication_failed, "NO"}, false, {}});
  REQUIRE(play->views.back().trouble);
  CHECK(*play->views.back().trouble->retry_at - world.clock->time < 13min);
}

TEST_CASE_METHOD(fixture, "a refused action is tried again after a quarter of an hour",
                 "[mailbox]") {
  auto who = a_mailbox();
  who.action = server_action::seen;
  start(who);
  open_folder(2);
  report(mail_batch{{a_message(1)}});
  report(fetch_finished{1, {}});
  REQUIRE(session().last_command() == "act 1 2 ");
  report(action_finished{1, failure{errc::server_refused, "no"}});
  report(now_watching{});
  CHECK(session().last_command() == "watch");
  CHECK(world.log->count(family::owed_actions) == 1);
  pass(15min);
  CHECK(session().last_command() == "act 1 2 ");
}

TEST_CASE_METHOD(fixture, "an action of another UIDVALIDITY is never carried out", "[mailbox]") {
  owed_action_record owed;
  owed.key = {some_mailbox, inbox_folder, 77, 9};
  owed.action = server_action::remove;
  world.log->records.emplace(key_of(owed), owed);
  start();
  open_folder(10, 78);
  report(fetch_finished{9, {}});
  CHECK(session().last_command() == "watch");
  CHECK(world.log->count(family::owed_actions) == 0);
  CHECK(world.log->events(event_kind::action_failed).size() == 1);
}

TEST_CASE_METHOD(fixture, "with no room to owe, the same message is not asked for without end",
                 "[mailbox]") {
  cursor_record full;
  full.mailbox = some_mailbox;
  full.validity = 77;
  full.high_water = 5'000;
  for (std::uint32_t number = 1; number <= max_owed_messages; ++number)
    full.owed.push_back({number, 1});
  world.log->records.emplace(key_of(full), full);
  start();
  open_folder(5'010);
  CHECK(session().last_command() == "fetch 5000");
  report(fetch_finished{5'001, {5'001}});
  CHECK(session().last_command() == "fetch_one 1");
  report(fetch_finished{1, {}});
  CHECK(session().last_command() == "fetch 5000");
}

TEST_CASE_METHOD(fixture, "a refused commit starts over from what is durable", "[mailbox]") {
  start();
  open_folder(3);
  world.log->refusals = {{errc::precondition_failed, "changed"}};
  report(mail_batch{{a_message(1)}});
  CHECK(state() == mailbox_state::backing_off);
  CHECK(world.sessions->opened.front()->closed);
  pass(1s);
  REQUIRE(world.sessions->opened.size() == 2);
  open_folder(3);
  CHECK(session().last_command() == "fetch 0");
}

TEST_CASE_METHOD(fixture, "a lost connection is tried again after a wait", "[mailbox]") {
  start();
  report(session_closed{{errc::connect_failed, "refused"}, false, std::nullopt});
  CHECK(state() == mailbox_state::backing_off);
  CHECK(world.sessions->opened.size() == 1);
  pass(1s);
  CHECK(world.sessions->opened.size() == 2);
}

TEST_CASE_METHOD(fixture, "a token that ended with its session is replaced at once", "[mailbox]") {
  start();
  open_folder(1);
  watch_after(0);
  report(session_closed{{errc::connection_lost, "token"}, true, std::nullopt});
  pass(0ms);
  REQUIRE(play->asked.size() == 2);
  CHECK(play->asked.back().refused_grant == wall_time{1s});
  CHECK(session().settings.credential.reveal() == "token-2");
}

TEST_CASE_METHOD(fixture, "a refused token is renewed once, then the mailbox is parked",
                 "[mailbox]") {
  start();
  report(session_closed{{errc::authentication_failed, "no"}, false, std::nullopt});
  pass(0ms);
  CHECK(play->asked.back().refused_grant == wall_time{1s});
  report(session_closed{{errc::authentication_failed, "no"}, false, std::nullopt});
  CHECK(state() == mailbox_state::parked);
  REQUIRE(play->views.back().trouble);
  CHECK_FALSE(play->views.back().trouble->cure.empty());
  pass(299s);
  CHECK(world.sessions->opened.size() == 2);
}

TEST_CASE_METHOD(fixture, "without a grant the mailbox needs a sign-in, and goes on after it",
                 "[mailbox]") {
  play->refusals = {{errc::sign_in_required, "nobody has signed in yet"}};
  auto aut = start();
  CHECK(state() == mailbox_state::needs_sign_in);
  CHECK(world.sessions->opened.empty());
  caf::anon_send(aut, grant_changed{some_mailbox});
  settle();
  CHECK(world.sessions->opened.size() == 1);
}

TEST_CASE_METHOD(fixture, "no token, password or body comes near the log", "[mailbox]") {
  world.log->records.emplace(key_of(a_password()), a_password());
  start(a_custom_mailbox());
  open_folder(2);
  report(mail_batch{{a_message(1, "canary-body")}});
  report(session_closed{{errc::authentication_failed, "no"}, false, std::nullopt});
  REQUIRE_FALSE(world.journal->lines.empty());
  for (const auto& line : world.journal->lines)
    CHECK(line.find("canary") == std::string::npos);
}
