#include "actors/mailboxes.hpp"
#include "actors/providers.hpp"
#include "actors/store.hpp"
#include "tests/support/fleet_fixture.hpp"

using namespace mailfleet;
using namespace std::chrono_literals;
using namespace mailfleet::test;

namespace {

/// A session factory whose mailbox throws: the fault under test.
class throwing_sessions : public mail_session_factory {
public:
  int thrown = 0;
  int throws_left = 0;
  scripted_sessions good;

  [[nodiscard]] std::unique_ptr<mail_session>
  open(session_settings settings, std::function<void(session_event)> report) override {
    if (throws_left > 0) {
      --throws_left;
      ++thrown;
      throw std::runtime_error{"canary in an exception"};
    }
    return good.open(std::move(settings), std::move(report));
  }
};

struct fixture : actor_fixture {
  scripted_world world;
  std::shared_ptr<throwing_sessions> sessions = std::make_shared<throwing_sessions>();
  std::shared_ptr<byte_budget> budget = byte_budget::make(100'000'000);
  store_actor durable = spawn(store, world.log, world.journal);
  providers_actor clouds;

  mailboxes_actor start() {
    auto outside = world.ports();
    outside.sessions = sessions;
    clouds = spawn(providers, provider_surroundings{outside, {}, durable, {}});
    auto aut = spawn(mailboxes, mailbox_surroundings{outside, {}, durable, clouds, {}, budget});
    settle();
    return aut;
  }

  void keep(std::uint64_t id, const std::string& address) {
    world.log->records.emplace(key_of(a_password(entity_id{id})), a_password(entity_id{id}));
    auto who = a_custom_mailbox(entity_id{id}, address);
    world.log->records.emplace(key_of(who), who);
  }

  std::vector<mailbox_view> views(const mailboxes_actor& aut) {
    auto response = ask(aut, list_views{});
    return answer<mailbox_list>(response).mailboxes;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "what is durable is started, spread out", "[mailboxes]") {
  for (std::uint64_t id = 1; id <= 300; ++id)
    keep(id, "user" + std::to_string(id) + "@example.com");
  auto aut = start();
  CHECK(views(aut).size() == 300);
  pass(1s);
  CHECK(sessions->good.opened.size() < 200);
  pass(3s);
  CHECK(sessions->good.opened.size() == 300);
}

TEST_CASE_METHOD(fixture, "those that wait for their provider go on when it is well, spread out",
                 "[mailboxes]") {
  world.log->records.emplace(key_of(a_provider()), a_provider());
  constexpr std::uint64_t count = 60;
  for (std::uint64_t id = 1; id <= count; ++id) {
    auto who = a_mailbox(entity_id{id}, "user" + std::to_string(id) + "@example.com");
    world.log->records.emplace(key_of(who), who);
    auto grant = a_stale_grant(entity_id{id});
    world.log->records.emplace(key_of(grant), grant);
  }
  auto aut = start();
  pass(2s);
  REQUIRE_FALSE(world.http->waiting.empty());
  while (!world.http->waiting.empty()) {
    world.http->answer(401, R"({"error":"invalid_client"})");
    settle();
  }
  auto waiting = [&] {
    return std::ranges::count(views(aut), mailbox_state::parked, &mailbox_view::state);
  };
  pass(5s);
  CHECK(waiting() == count);
  client_secret added;
  added.value = secret{"a-secret-of-some-length"};
  auto put = ask(clouds, put_secret{{"office"}, added});
  answer<provider_view>(put);
  auto before = world.http->sent;
  // 20 in each second.
  pass(1s);
  CHECK(world.http->sent > before);
  CHECK(world.http->sent < before + 45);
  pass(3s);
  CHECK(waiting() == 0);
}

TEST_CASE_METHOD(fixture, "a mailbox goes on as soon as its token is there", "[mailboxes]") {
  world.log->records.emplace(key_of(a_provider()), a_provider());
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  world.log->records.emplace(key_of(a_stale_grant()), a_stale_grant());
  auto aut = start();
  pass(1s);
  world.http->answer(400, R"({"error":"invalid_grant","error_codes":[50196]})");
  settle();
  // The provider is held back for a minute; the mailbox asks in vain, ever more seldom.
  for (int second = 0; second < 75; ++second) {
    world.clock->time += 1s;
    pass(1s);
  }
  REQUIRE(world.http->waiting.size() == 1);
  CHECK(sessions->good.opened.empty());
  world.http->answer(200, token_json("access-1", "refresh-1"));
  settle();
  pass(1s);
  CHECK(sessions->good.opened.size() == 1);
}

TEST_CASE_METHOD(fixture, "a mailbox whose handler throws comes back and goes on", "[mailboxes]") {
  keep(1, "ann@example.com");
  keep(2, "bob@example.com");
  sessions->throws_left = 1;
  auto aut = start();
  pass(1s);
  CHECK(sessions->thrown == 1);
  CHECK(sessions->good.opened.size() == 2);
  std::uint64_t restarts = 0;
  for (const auto& view : views(aut))
    restarts += view.restarts;
  CHECK(restarts == 1);
}

TEST_CASE_METHOD(fixture, "one that keeps throwing waits, and its sibling does not notice",
                 "[mailboxes]") {
  keep(1, "ann@example.com");
  auto aut = start();
  pass(1s);
  REQUIRE(sessions->good.opened.size() == 1);
  sessions->throws_left = 1'000;
  keep(2, "bob@example.com");
  auto added = ask(aut, start_mailbox{a_custom_mailbox(entity_id{3}, "eve@example.com"),
                                      a_password(entity_id{3})});
  answer<mailbox_view>(added);
  settle();
  // Three restarts at once, then waits of 1 s and more.
  CHECK(sessions->thrown == 4);
  pass(999ms);
  CHECK(sessions->thrown == 4);
  for (int second = 0; second < 600; ++second)
    pass(1s);
  CHECK(sessions->thrown >= 8);
  CHECK(sessions->thrown <= 14);
  CHECK_FALSE(sessions->good.opened.front()->closed);
  sessions->throws_left = 0;
  pass(16min);
  CHECK(sessions->good.opened.size() == 2);
}

TEST_CASE_METHOD(fixture, "an exception's text is not logged", "[mailboxes]") {
  keep(1, "ann@example.com");
  sessions->throws_left = 1;
  start();
  pass(1s);
  bool told = false;
  for (const auto& line : world.journal->lines) {
    CHECK(line.find("canary") == std::string::npos);
    told = told || line == "actor threw role=mailbox type=std::runtime_error";
  }
  CHECK(told);
}

TEST_CASE_METHOD(fixture, "a mailbox that exists cannot be added again", "[mailboxes]") {
  auto aut = start();
  auto first = ask(aut, start_mailbox{a_custom_mailbox(), a_password()});
  CHECK(answer<mailbox_view>(first).record.address == "ann@example.com");
  auto second = ask(aut, start_mailbox{a_custom_mailbox(entity_id{9}), a_password(entity_id{9})});
  CHECK(refusal<mailbox_view>(second).code == errc::already_exists);
  CHECK(world.log->count(family::mailboxes) == 1);
  CHECK(world.log->count(family::grants) == 1);
}

TEST_CASE_METHOD(fixture, "an address is free again when the commit was refused", "[mailboxes]") {
  auto aut = start();
  world.log->refusals = {{errc::overloaded, "busy"}};
  auto first = ask(aut, start_mailbox{a_custom_mailbox(), a_password()});
  CHECK(refusal<mailbox_view>(first).code == errc::overloaded);
  CHECK(views(aut).empty());
  auto second = ask(aut, start_mailbox{a_custom_mailbox(), a_password()});
  answer<mailbox_view>(second);
  CHECK(views(aut).size() == 1);
}

TEST_CASE_METHOD(fixture, "a removed mailbox is gone with all it had", "[mailboxes]") {
  keep(1, "ann@example.com");
  auto aut = start();
  pass(1s);
  auto removed = ask(aut, remove_entity{{"ann@example.com"}});
  answer<done>(removed);
  CHECK(sessions->good.last().closed);
  CHECK(views(aut).empty());
  CHECK(world.log->count(family::mailboxes) == 0);
  CHECK(world.log->count(family::grants) == 0);
  auto again = ask(aut, remove_entity{{"ann@example.com"}});
  CHECK(refusal<done>(again).code == errc::not_found);
  pass(1h);
  CHECK(sessions->good.opened.size() == 1);
}

TEST_CASE_METHOD(fixture, "a refused removal and a due restart start a mailbox once",
                 "[mailboxes]") {
  keep(1, "ann@example.com");
  sessions->throws_left = 4;
  auto aut = start();
  pass(500ms);
  REQUIRE(sessions->thrown == 4);
  // Its restart is due in a second or so, when a removal is asked for and fails.
  world.log->refusals = {{errc::overloaded, "busy"}};
  auto removed = ask(aut, remove_entity{{"ann@example.com"}});
  CHECK(refusal<done>(removed).code == errc::overloaded);
  settle();
  CHECK(sessions->good.opened.size() == 1);
  pass(16min);
  CHECK(sessions->good.opened.size() == 1);
}

TEST_CASE_METHOD(fixture, "a thousand mailboxes killed in mid-batch leave the budget whole",
                 "[mailboxes]") {
  for (std::uint64_t id = 1; id <= 1'000; ++id)
    keep(id, "user" + std::to_string(id) + "@example.com");
  auto aut = start();
  pass(30s);
  REQUIRE(sessions->good.opened.size() == 1'000);
  world.log->hold = true;
  for (auto& session : sessions->good.opened) {
    session->report(folder_opened{inbox_folder, 7, 3, 2});
    auto piece = a_message(1, std::string(1'000, 'x'));
    piece.bytes = make_body(std::string(1'000, 'x'), *session->settings.budget->try_take(1'000));
    session->report(mail_batch{{piece}});
  }
  CHECK(budget->used() == 1'000'000);
  self->send_exit(aut, caf::exit_reason::kill);
  settle();
  for (auto& session : sessions->good.opened)
    CHECK(session->closed);
  world.log->refusals.assign(2'000, failure{errc::shutting_down, "stopped"});
  world.log->release();
  settle();
  CHECK(budget->used() == 0);
}
