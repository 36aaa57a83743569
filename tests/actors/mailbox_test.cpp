#include "actors/mailbox.hpp"
#include "actors/store.hpp"
#include "tests/support/fleet_fixture.hpp"

using namespace mailfleet;
using namespace std::chrono_literals;
using namespace mailfleet::test;

namespace {

/// What the mailbox told its supervisor, and what it asked the providers.
struct neighbours {
  std::vector<mailbox_view> views;
  std::vector<request_token> asked;
  std::deque<failure> refusals;
};

mailboxes_actor::behavior_type scripted_parent(std::shared_ptr<neighbours> play) {
  return {
      [](const start_mailbox&) -> caf::result<mailbox_view> {
        return caf::sec::unexpected_message;
      },
      [](const remove_entity&) -> caf::result<done> { return caf::sec::unexpected_message; },
      [](const list_views&) -> caf::result<mailbox_list> { return caf::sec::unexpected_message; },
      [](const steer_mailbox&) -> caf::result<mailbox_view> {
        return caf::sec::unexpected_message;
      },
      [](const grant_changed&) {},
      [play](const mailbox_changed& news) { play->views.push_back(news.view); },
      [](const restart_child&) {},
      [](const load_children&) {},
  };
}

providers_actor::behavior_type scripted_providers(std::shared_ptr<neighbours> play) {
  return {
      [play](const request_token& request) -> caf::result<token_granted> {
        play->asked.push_back(request);
        if (play->refusals.empty())
          return token_granted{secret{"token-" + std::to_string(play->asked.size())},
                               wall_time{std::chrono::seconds{play->asked.size()}},
                               wall_time::max()};
        auto what = play->refusals.front();
        play->refusals.pop_front();
        return as_error(what);
      },
      [](const begin_mailbox_sign_in&) -> caf::result<sign_in_started> {
        return caf::sec::unexpected_message;
      },
      [](const open_sign_in&) -> caf::result<sign_in_opened> {
        return caf::sec::unexpected_message;
      },
      [](const complete_sign_in&) -> caf::result<signed_in> {
        return caf::sec::unexpected_message;
      },
      [](const forget_grant&) {},
      [](const start_provider&) -> caf::result<provider_view> {
        return caf::sec::unexpected_message;
      },
      [](const remove_entity&) -> caf::result<done> { return caf::sec::unexpected_message; },
      [](const list_views&) -> caf::result<provider_list> { return caf::sec::unexpected_message; },
      [](const provider_changed&) {},
      [](const restart_child&) {},
      [](const load_children&) {},
  };
}

struct fixture : actor_fixture {
  scripted_world world;
  std::shared_ptr<neighbours> play = std::make_shared<neighbours>();
  std::shared_ptr<byte_budget> budget = byte_budget::make(1'000'000);

  mailbox_actor start(mailbox_record who = a_mailbox()) {
    world.log->records.emplace(key_of(who), who);
    if (who.provider)
      world.log->records.emplace(key_of(a_provider()), a_provider());
    mailbox_surroundings around{world.ports(),
                                {},
                                spawn(store, world.log, world.journal),
                                spawn(scripted_providers, play),
                                spawn(scripted_parent, play),
                                budget};
    auto aut = spawn(mailbox, around, who, 0ms);
    pass(0ms);
    return aut;
  }

  scripted_session& session() {
    return world.sessions->last();
  }

  void report(session_event event) {
    session().report(std::move(event));
    settle();
  }

  /// Opens a folder with `next_number`, and lets the mailbox fetch.
  void open_folder(std::uint32_t next_number, std::uint32_t validity = 77) {
    report(folder_opened{inbox_folder, validity, next_number, next_number - 1});
  }

  void watch_after(std::uint32_t through) {
    report(fetch_finished{through, {}});
    report(now_watching{});
  }

  cursor_record cursor() {
    return world.log->get<cursor_record>(cursor_key(some_mailbox, inbox_folder)).value();
  }
  mailbox_state state() {
    return play->views.back().state;
  }
};

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
    pass(15min);
    REQUIRE(session().last_command() == "fetch_one 2");
    report(fetch_finished{2, {2}});
    report(now_watching{});
  }
  CHECK(cursor().owed.empty());
  CHECK(world.log->events(event_kind::mail_quarantined).size() == 1);
}

TEST_CASE_METHOD(fixture, "an owed message that comes after all is stored once", "[mailbox]") {
  start();
  open_folder(3);
  report(fetch_finished{1, {1}});
  report(fetch_finished{2, {}});
  report(now_watching{});
  pass(15min);
  REQUIRE(session().last_command() == "fetch_one 1");
  report(mail_batch{{a_message(1)}});
  report(fetch_finished{1, {}});
  CHECK(cursor().owed.empty());
  CHECK(cursor().high_water == 2);
  CHECK(world.log->events(event_kind::mail_arrived).size() == 1);
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

TEST_CASE_METHOD(fixture, "a paused mailbox rests until it is resumed, across restarts",
                 "[mailbox]") {
  auto aut = start();
  open_folder(1);
  auto paused = ask(aut, steer_mailbox{{}, steer_mailbox::verb::pause});
  CHECK(answer<mailbox_view>(paused).state == mailbox_state::paused);
  CHECK(session().closed);
  CHECK(world.log->get<mailbox_record>(key_of(a_mailbox()))->paused);
  pass(24h);
  CHECK(world.sessions->opened.size() == 1);
  auto resumed = ask(aut, steer_mailbox{{}, steer_mailbox::verb::resume});
  CHECK(answer<mailbox_view>(resumed).record.paused == false);
  CHECK(world.sessions->opened.size() == 2);
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
