#include "tests/actors/provider_fixture.hpp"

using namespace mailfleet;
using namespace std::chrono_literals;
using namespace mailfleet::test;

namespace {

constexpr entity_id other_mailbox{0xb2};

struct fixture : provider_fixture {
  auto ask_for(const providers_actor& aut, entity_id owner) {
    return ask(aut, request_token{some_provider, owner});
  }

  provider_view shown(const providers_actor& aut) {
    auto listing = ask(aut, list_views{});
    return answer<provider_list>(listing).providers.front();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "an outage is one alarm, and one mailbox asks again for all",
                 "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  keep(a_stale_grant(other_mailbox));
  auto first = ask_for(aut, some_mailbox);
  world.http->answer(503, "<html>down</html>", {{"retry-after", "60"}});
  settle();
  CHECK(refusal<token_granted>(first).code == errc::token_unavailable);
  CHECK(shown(aut).state == provider_state::outage);
  CHECK(shown(aut).trouble->code == "token.outage");
  // The others are not asked for, nor their mailboxes told of each by itself.
  auto second = ask_for(aut, other_mailbox);
  CHECK(refusal<token_granted>(second).code == errc::token_unavailable);
  CHECK(world.http->sent == 1);
  CHECK(world.log->events(event_kind::provider_state).size() == 1);
  live(75s);
  // The probe; whoever asks meanwhile waits for its outcome.
  CHECK(world.http->sent == 2);
  auto third = ask_for(aut, other_mailbox);
  CHECK(refusal<token_granted>(third).code == errc::token_unavailable);
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK(shown(aut).state == provider_state::ready);
  auto fourth = ask_for(aut, other_mailbox);
  CHECK(world.http->sent == 3);
  answer_token(200, token_json("access-2", "refresh-2"));
  CHECK(answer<token_granted>(fourth).access_token.reveal() == "access-2");
}

TEST_CASE_METHOD(fixture, "a refusal of one mailbox is no outage, and ends one", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  keep(a_stale_grant(other_mailbox));
  auto first = ask_for(aut, some_mailbox);
  world.http->answer(503, "", {{"retry-after", "10"}});
  settle();
  refusal<token_granted>(first);
  live(15s);
  answer_token(400, R"({"error":"invalid_grant","error_codes":[700082]})");
  CHECK(shown(aut).state == provider_state::ready);
  auto second = ask_for(aut, other_mailbox);
  answer_token(200, token_json("access-2", "refresh-2"));
  CHECK(answer<token_granted>(second).access_token.reveal() == "access-2");
}

TEST_CASE_METHOD(fixture, "what waits for its turn is not sent into an outage", "[provider]") {
  auto aut = start();
  constexpr std::uint64_t count = 100;
  for (std::uint64_t id = 1; id <= count; ++id)
    keep(a_stale_grant(entity_id{id}));
  for (std::uint64_t id = 1; id <= count; ++id)
    ask_for(aut, entity_id{id});
  auto sent = world.http->sent;
  CHECK(sent < 40);
  while (!world.http->waiting.empty()) {
    world.http->answer(429, "Too Many Requests", {{"retry-after", "600"}});
    settle();
  }
  CHECK(world.http->sent == sent);
  live(9min);
  CHECK(world.http->sent == sent);
}

TEST_CASE_METHOD(fixture, "a person's fetch does not wait for the next probe", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto first = ask_for(aut, some_mailbox);
  world.http->answer(503, "", {{"retry-after", "600"}});
  settle();
  refusal<token_granted>(first);
  auto hurried = ask(aut, request_token{some_provider, some_mailbox, {}, true});
  CHECK(world.http->sent == 2);
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK(answer<token_granted>(hurried).access_token.reveal() == "access-1");
}

TEST_CASE_METHOD(fixture, "no second sees more than the configured rate", "[provider]") {
  fleet_settings settings;
  settings.token_rate = 3;
  auto aut = start(a_provider(), settings);
  for (std::uint64_t id = 1; id <= 10; ++id) {
    keep(a_stale_grant(entity_id{id}));
    ask_for(aut, entity_id{id});
  }
  for (std::size_t second = 1; second <= 3; ++second) {
    CHECK(world.http->sent == 3 * second);
    live(1s);
  }
  CHECK(world.http->sent == 10);
}

TEST_CASE_METHOD(fixture, "the rate holds for what is sent again with another secret",
                 "[provider]") {
  auto who = a_provider();
  client_secret newer;
  newer.number = 2;
  newer.value = secret{"newer"};
  who.secrets.push_back(newer);
  fleet_settings settings;
  settings.token_rate = 3;
  auto aut = start(who, settings);
  for (std::uint64_t id = 1; id <= 4; ++id) {
    keep(a_stale_grant(entity_id{id}));
    ask_for(aut, entity_id{id});
  }
  for (int refused = 0; refused < 3; ++refused)
    answer_token(401, R"({"error":"invalid_client"})");
  CHECK(world.http->sent == 3);
  live(1s);
  CHECK(world.http->sent == 3 + 3);
  // What was refused goes before what was not sent yet.
  for (int sent = 0; sent < 3; ++sent) {
    CHECK(sent_body().find("canary-client-secret") != std::string::npos);
    answer_token(200, token_json("access-1", "refresh-1"));
  }
  live(1s);
  CHECK(world.http->sent == 3 + 3 + 1);
  CHECK(sent_body().find("canary-client-secret") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "the rate holds for what waits for the endpoints to be found, too",
                 "[provider]") {
  auto who = a_provider();
  who.service = "generic";
  who.discovery_url = "https://id.example/.well-known/openid-configuration";
  fleet_settings settings;
  settings.token_rate = 3;
  auto aut = start(who, settings);
  for (std::uint64_t id = 1; id <= 10; ++id) {
    keep(a_stale_grant(entity_id{id}));
    ask_for(aut, entity_id{id});
  }
  CHECK(world.http->sent == 1);
  live(5s);
  answer_token(200, R"({"issuer":"https://id.example",)"
                    R"("authorization_endpoint":"https://id.example/a",)"
                    R"("token_endpoint":"https://id.example/t",)"
                    R"("jwks_uri":"https://id.example/k"})");
  CHECK(world.http->sent == 1 + 3);
  live(1s);
  CHECK(world.http->sent == 1 + 6);
}

TEST_CASE_METHOD(fixture, "good tokens are handed out during an outage", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto good = a_stale_grant(other_mailbox);
  good.access_token = secret{"access-0"};
  good.access_granted_at = world.clock->time;
  good.access_expires_at = world.clock->time + 1h;
  good.refresh_at = world.clock->time + 30min;
  keep(good);
  auto first = ask_for(aut, some_mailbox);
  answer_token(503, "");
  refusal<token_granted>(first);
  auto second = ask_for(aut, other_mailbox);
  CHECK(answer<token_granted>(second).access_token.reveal() == "access-0");
}
