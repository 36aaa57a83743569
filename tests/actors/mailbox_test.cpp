#include "tests/actors/mailbox_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::test;
using fixture = mailbox_fixture;

namespace {

/// A mail of ours.
const message_key sent{some_mailbox, outbox_folder, 0, 40};

/// Mail `number`: a report that `sent` did not reach Bob.
mail_piece a_bounce(std::uint32_t number, const message_key& about = sent) {
  auto piece = a_message(number);
  auto& meaning = piece.last->meaning;
  meaning.kind = mail_kind::delivery_report;
  meaning.about_mailfleet_id = to_string(about);
  meaning.recipients = {{"bob@y.test", delivery_action::failed, "5.1.1", "no such user"}};
  return piece;
}

} // namespace

TEST_CASE_METHOD(fixture, "a mailbox connects with a token of its provider", "[mailbox]") {
  start();
  REQUIRE(play->asked.size() == 1);
  CHECK(play->asked.front().owner == some_mailbox);
  CHECK(session().settings.credential.reveal() == "token-1");
  CHECK(session().settings.user == "ann@example.com");
  CHECK(session().settings.server.host == "outlook.office365.com");
}

TEST_CASE_METHOD(fixture, "a custom account connects with its password", "[mailbox]") {
  world.log->records.emplace(key_of(a_password()), a_password());
  start(a_custom_mailbox());
  CHECK(play->asked.empty());
  CHECK(session().settings.credential.reveal() == "canary-password");
  CHECK(session().settings.auth == mailbox_auth::password);
}

TEST_CASE_METHOD(fixture, "the start of a new mailbox is durable before any fetch", "[mailbox]") {
  auto who = a_mailbox();
  who.from.what = fetch_from::kind::now;
  start(who);
  world.log->hold = true;
  open_folder(501);
  CHECK(session().commands.empty());
  world.log->release();
  settle();
  CHECK(session().last_command() == "fetch 500");
  CHECK(cursor().high_water == 500);
}

TEST_CASE_METHOD(fixture, "a date is looked for before the start is placed", "[mailbox]") {
  auto who = a_mailbox();
  who.from = {fetch_from::kind::date, wall_time{std::chrono::seconds{86'400}}};
  start(who);
  open_folder(501);
  CHECK(session().last_command() == "find_since 86400");
  report(start_found{120});
  CHECK(session().last_command() == "fetch 119");
}

TEST_CASE_METHOD(fixture, "a batch is one commit of bodies, rows, events and cursor", "[mailbox]") {
  start();
  open_folder(3);
  auto before = world.log->committed.size();
  report(mail_batch{{a_message(1), a_message(2)}});
  CHECK(world.log->committed.size() == before + 1);
  CHECK(world.log->count(family::messages) == 2);
  CHECK(world.log->count(family::bodies) == 2);
  CHECK(world.log->events(event_kind::mail_arrived).size() == 2);
  CHECK(cursor().high_water == 2);
  CHECK(play->views.back().fetched == 2);
}

TEST_CASE_METHOD(fixture, "after the fetch the mailbox watches, and fetches on news", "[mailbox]") {
  start();
  open_folder(1);
  CHECK(session().last_command() == "fetch 0");
  watch_after(0);
  CHECK(session().last_command() == "watch");
  CHECK(state() == mailbox_state::watching);
  report(news_arrived{});
  CHECK(session().last_command() == "fetch 0");
}

TEST_CASE_METHOD(fixture, "what is here already is not stored again", "[mailbox]") {
  start();
  open_folder(3);
  report(mail_batch{{a_message(1), a_message(2)}});
  report(mail_batch{{a_message(2, "again")}});
  CHECK(world.log->events(event_kind::mail_arrived).size() == 2);
}

TEST_CASE_METHOD(fixture, "a changed UIDVALIDITY is told, and what follows is flagged",
                 "[mailbox]") {
  start();
  open_folder(2);
  report(mail_batch{{a_message(1)}});
  watch_after(1);
  report(session_closed{{errc::connection_lost, "gone"}, false, std::nullopt});
  pass(1s);
  open_folder(2, 78);
  CHECK(world.log->events(event_kind::mailbox_reset).size() == 1);
  CHECK(session().last_command() == "fetch 0");
  report(mail_batch{{a_message(1)}});
  auto row =
      world.log->get<message_record>(key_in(family::messages, {some_mailbox, inbox_folder, 78, 1}));
  REQUIRE(row);
  CHECK(row->possible_duplicate);
}

TEST_CASE_METHOD(fixture, "a server action follows the commit and is forgotten when done",
                 "[mailbox]") {
  auto who = a_mailbox();
  who.action = server_action::seen;
  start(who);
  open_folder(2);
  world.log->hold = true;
  report(mail_batch{{a_message(1)}});
  report(fetch_finished{1, {}});
  CHECK(session().last_command() == "watch");
  world.log->release();
  settle();
  report(now_watching{});
  CHECK(world.log->count(family::owed_actions) == 1);
  REQUIRE(session().last_command() == "act 1 2 ");
  report(action_finished{1, std::nullopt});
  CHECK(world.log->count(family::owed_actions) == 0);
}

TEST_CASE_METHOD(fixture, "an action still owed is done after a restart", "[mailbox]") {
  owed_action_record owed;
  owed.key = {some_mailbox, inbox_folder, 77, 9};
  owed.action = server_action::seen;
  world.log->records.emplace(key_of(owed), owed);
  start();
  open_folder(10);
  report(fetch_finished{9, {}});
  CHECK(session().last_command() == "act 9 2 ");
}

TEST_CASE_METHOD(fixture, "a bounce of our mail is one commit, and the outbox is told of it then",
                 "[mailbox]") {
  index->note(sent, "<m@x.test>");
  start();
  open_folder(3);
  auto before = world.log->committed.size();
  world.log->hold = true;
  report(mail_batch{{a_message(1), a_bounce(2)}});
  CHECK(play->reports.empty());
  world.log->release();
  settle();
  CHECK(world.log->committed.size() == before + 1);
  auto bounced = world.log->events(event_kind::mail_bounced);
  REQUIRE(bounced.size() == 1);
  CHECK(bounced.front().what.about == some_mailbox);
  CHECK(bounced.front().what.message == sent);
  auto row =
      world.log->get<message_record>(key_in(family::messages, {some_mailbox, inbox_folder, 77, 2}));
  REQUIRE(row);
  CHECK(row->about == sent);
  REQUIRE(play->reports.size() == 1);
  CHECK(play->reports.front().about == sent);
  CHECK(play->reports.front().kind == mail_kind::delivery_report);
  CHECK(play->reports.front().recipients.front().address == "bob@y.test");
}

TEST_CASE_METHOD(fixture, "the outbox is told of a bounce whose connection broke meanwhile",
                 "[mailbox]") {
  index->note(sent, "<m@x.test>");
  start();
  open_folder(2);
  world.log->hold = true;
  report(mail_batch{{a_bounce(1)}});
  report(session_closed{{errc::connection_lost, "gone"}, false, std::nullopt});
  world.log->release();
  settle();
  CHECK(play->reports.size() == 1);
}

TEST_CASE_METHOD(fixture, "a forged report is a mail like others", "[mailbox]") {
  index->note(sent, "<m@x.test>");
  start();
  open_folder(3);
  auto made_up = sent;
  made_up.number = 41;
  auto of_another = sent;
  of_another.mailbox = entity_id{some_mailbox.value + 1};
  index->note(of_another, "<n@x.test>");
  report(mail_batch{{a_bounce(1, made_up), a_bounce(2, of_another)}});
  CHECK(world.log->events(event_kind::mail_arrived).size() == 2);
  CHECK(world.log->events(event_kind::mail_bounced).empty());
  CHECK(play->reports.empty());
}

TEST_CASE_METHOD(fixture, "a sync that lasts is not cut off", "[mailbox]") {
  start();
  open_folder(1);
  watch_after(0);
  report(news_arrived{});
  CHECK(session().last_command() == "fetch 0");
  pass(15min);
  CHECK(world.sessions->opened.size() == 1);
  CHECK_FALSE(session().closed);
}

TEST_CASE_METHOD(fixture, "a paused mailbox rests until it is resumed, across restarts",
                 "[mailbox]") {
  auto aut = start();
  open_folder(1);
  auto paused = ask(aut, steer_mailbox{{}, steer_mailbox::verb::pause});
  CHECK(answer<mailbox_view>(paused).state == mailbox_state::paused);
  CHECK(session().closed);
  CHECK(world.log->get<mailbox_record>(key_of(a_mailbox()))->paused);
  REQUIRE(play->resting.size() == 1);
  CHECK(play->resting.front().owner == some_mailbox);
  pass(24h);
  CHECK(play->resting.size() == 2);
  CHECK(world.sessions->opened.size() == 1);
  auto resumed = ask(aut, steer_mailbox{{}, steer_mailbox::verb::resume});
  CHECK(answer<mailbox_view>(resumed).record.paused == false);
  CHECK(world.sessions->opened.size() == 2);
}

TEST_CASE_METHOD(fixture, "a mailbox says that it watches once its mail is durable", "[mailbox]") {
  start();
  open_folder(2);
  world.log->hold = true;
  report(mail_batch{{a_message(1)}});
  watch_after(1);
  CHECK(state() == mailbox_state::syncing);
  world.log->release();
  settle();
  CHECK(state() == mailbox_state::watching);
  CHECK(world.log->count(family::messages) == 1);
}

TEST_CASE_METHOD(fixture, "fetch of a paused mailbox is refused, with the cure", "[mailbox]") {
  auto who = a_mailbox();
  who.paused = true;
  auto aut = start(who);
  auto asked = ask(aut, steer_mailbox{{"ann@example.com"}, steer_mailbox::verb::fetch});
  auto refused = refusal<mailbox_view>(asked);
  CHECK(refused.code == errc::precondition_failed);
  CHECK(refused.detail.find("mailbox resume") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "fetch wakes a watching mailbox, and one that backs off", "[mailbox]") {
  auto aut = start();
  open_folder(1);
  watch_after(0);
  ask(aut, steer_mailbox{{}, steer_mailbox::verb::fetch});
  CHECK(session().last_command() == "fetch 0");
  report(session_closed{{errc::connection_lost, "gone"}, false, std::nullopt});
  ask(aut, steer_mailbox{{}, steer_mailbox::verb::fetch});
  CHECK(world.sessions->opened.size() == 2);
}

TEST_CASE_METHOD(fixture, "a fetch that is asked for while the folder opens waits for it",
                 "[mailbox]") {
  auto aut = start();
  ask(aut, steer_mailbox{{}, steer_mailbox::verb::fetch});
  CHECK(session().commands.empty());
  open_folder(1);
  CHECK(session().last_command() == "fetch 0");
}

TEST_CASE_METHOD(fixture, "reports of an older session are dropped", "[mailbox]") {
  start();
  auto old = world.sessions->opened.front();
  report(session_closed{{errc::connection_lost, "gone"}, false, std::nullopt});
  pass(1s);
  old->report(folder_opened{inbox_folder, 77, 5, 4});
  settle();
  CHECK(session().commands.empty());
}
