#include "actors/store.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/scripted_ports.hpp"

using namespace mailfleet;
using namespace std::chrono_literals;

namespace {

struct fixture : test::actor_fixture {
  test::scripted_world world;
  store_actor aut = spawn(store, world.log, world.journal);

  static commit_request arrival(std::uint64_t mailbox) {
    commit_request request;
    request.events.push_back({.kind = event_kind::mail_arrived,
                              .about = entity_id{mailbox},
                              .at = {},
                              .message = std::nullopt,
                              .detail = {}});
    return request;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a commit is answered with the numbers of its events", "[store]") {
  auto first = ask(aut, arrival(1));
  CHECK(answer<commit_receipt>(first).first_event == 1);
  auto second = ask(aut, arrival(2));
  CHECK(answer<commit_receipt>(second).first_event == 2);
}

TEST_CASE_METHOD(fixture, "a refused commit is answered with its failure", "[store]") {
  world.log->refusals = {{errc::precondition_failed, "changed"}};
  auto response = ask(aut, arrival(1));
  CHECK(refusal<commit_receipt>(response) == failure{errc::precondition_failed, "changed"});
}

TEST_CASE_METHOD(fixture, "who asks for events without waiting is answered at once", "[store]") {
  auto response = ask(aut, follow_events{});
  CHECK(answer<event_list>(response).events.empty());
}

TEST_CASE_METHOD(fixture, "who waits for events gets the first that comes", "[store]") {
  auto response = ask(aut, follow_events{{.wait = 10s}, std::nullopt});
  CHECK_FALSE(answered());
  caf::anon_send(aut, arrival(5));
  settle();
  auto page = answer<event_list>(response);
  REQUIRE(page.events.size() == 1);
  CHECK(page.events.front().what.about == entity_id{5});
}

TEST_CASE_METHOD(fixture, "who waits in vain is answered at the end of the wait", "[store]") {
  auto response = ask(aut, follow_events{{.wait = 10s}, std::nullopt});
  pass(9999ms);
  CHECK_FALSE(answered());
  pass(1ms);
  CHECK(answer<event_list>(response).events.empty());
}

TEST_CASE_METHOD(fixture, "an event about another mailbox does not end the wait", "[store]") {
  auto response = ask(aut, follow_events{{.wait = 10s}, entity_id{7}});
  caf::anon_send(aut, arrival(5));
  settle();
  CHECK_FALSE(answered());
  caf::anon_send(aut, arrival(7));
  settle();
  CHECK(answer<event_list>(response).events.front().number == 2);
}

TEST_CASE_METHOD(fixture, "a page says whether there are more events", "[store]") {
  for (int i = 0; i < 3; ++i)
    caf::anon_send(aut, arrival(1));
  settle();
  auto first = ask(aut, follow_events{{.limit = 2}, std::nullopt});
  auto page = answer<event_list>(first);
  CHECK(page.events.size() == 2);
  CHECK(page.more);
  auto second = ask(aut, follow_events{{.after = 2, .limit = 2}, std::nullopt});
  page = answer<event_list>(second);
  CHECK(page.events.size() == 1);
  CHECK_FALSE(page.more);
}
