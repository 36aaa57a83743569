#include "actors/fleet.hpp"
#include "tests/support/fleet_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::test;

namespace {

struct fixture : actor_fixture {
  scripted_world world;
  std::vector<failure> fatal;

  fleet_actor start() {
    auto root = spawn(fleet, world.ports(), fleet_settings{}, std::string{"1.2.3"},
                      [this](failure what) { fatal.push_back(std::move(what)); });
    settle();
    return root;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "an orderly stop ends every session and every actor", "[fleet]") {
  auto who = a_custom_mailbox();
  world.log->records.emplace(key_of(who), who);
  world.log->records.emplace(key_of(a_password()), a_password());
  auto root = start();
  pass(std::chrono::seconds{1});
  REQUIRE(world.sessions->opened.size() == 1);
  auto response = ask(root, stop_fleet{});
  answer<fleet_stopped>(response);
  CHECK(world.sessions->last().closed);
  CHECK(fatal.empty());
  auto late = ask(root, control_request{"uid 0", report_status{}});
  CHECK(refusal<control_answer>(late).code == errc::unavailable);
}

TEST_CASE_METHOD(fixture,
                 "who asks while mailboxes are still being read is answered by all of them",
                 "[fleet]") {
  auto who = a_custom_mailbox();
  world.log->records.emplace(key_of(who), who);
  auto root = spawn(fleet, world.ports(), fleet_settings{}, std::string{"1.2.3"},
                    [this](failure what) { fatal.push_back(std::move(what)); });
  auto response = ask(root, control_request{"uid 0", show_mailbox{{who.address}}});
  CHECK(std::holds_alternative<mailbox_view>(answer<control_answer>(response)));
  auto stopped = ask(root, stop_fleet{});
  answer<fleet_stopped>(stopped);
}

TEST_CASE_METHOD(fixture, "a supervisor that cannot read what is durable is fatal, told once",
                 "[fleet]") {
  world.log->scan_failure = failure{errc::storage_corrupt, "a record cannot be opened"};
  auto root = start();
  CHECK(fatal.size() == 1);
  auto response = ask(root, stop_fleet{});
  answer<fleet_stopped>(response);
  CHECK(fatal.size() == 1);
}
