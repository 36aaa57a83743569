#include "actors/limits.hpp"
#include "tests/actors/provider_fixture.hpp"

using namespace mailfleet;
using namespace std::chrono_literals;
using namespace mailfleet::test;
using fixture = provider_fixture;

TEST_CASE_METHOD(fixture, "many who ask at once share one refresh", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto first = ask_token(aut);
  auto second = ask_token(aut);
  CHECK(world.http->sent == 1);
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK(answer<token_granted>(first).access_token.reveal() == "access-1");
  CHECK(answer<token_granted>(second).access_token.reveal() == "access-1");
  CHECK(world.http->sent == 1);
}

TEST_CASE_METHOD(fixture, "a token is handed out only once it is durable", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto response = ask_token(aut);
  world.log->hold = true;
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK_FALSE(answered());
  world.log->release();
  settle();
  CHECK(answer<token_granted>(response).access_token.reveal() == "access-1");
  CHECK(grant().refresh_token.reveal() == "refresh-1");
  CHECK(grant().previous_refresh_token.reveal() == "canary-refresh-0");
}

TEST_CASE_METHOD(fixture, "a valid token is used again after a restart", "[provider]") {
  auto aut = start();
  auto held = a_stale_grant();
  held.access_token = secret{"access-0"};
  held.access_granted_at = world.clock->time - 10min;
  held.access_expires_at = world.clock->time + 50min;
  held.refresh_at = world.clock->time + 20min;
  keep(held);
  auto response = ask_token(aut);
  CHECK(answer<token_granted>(response).access_token.reveal() == "access-0");
  CHECK(world.http->sent == 0);
}

TEST_CASE_METHOD(fixture, "a token is refreshed ahead of need", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto response = ask_token(aut);
  answer_token(200, token_json("access-1", "refresh-1", 3600));
  answer<token_granted>(response);
  live(1799s);
  CHECK(world.http->sent == 1);
  live(1081s);
  REQUIRE(world.http->sent == 2);
  answer_token(200, token_json("access-2", "refresh-2"));
  auto later = ask_token(aut);
  CHECK(answer<token_granted>(later).access_token.reveal() == "access-2");
}

TEST_CASE_METHOD(fixture, "the grant of a paused mailbox is refreshed weekly, also after a restart",
                 "[provider]") {
  auto aut = start();
  auto held = a_stale_grant();
  held.access_granted_at = world.clock->time;
  keep(held);
  caf::anon_send(aut, grant_idle{some_provider, some_mailbox});
  settle();
  live(jobs::keep_alive_interval - 1s);
  CHECK(world.http->sent == 0);
  live(2s);
  REQUIRE(world.http->sent == 1);
  answer_token(200, token_json("access-1", "refresh-1", 3600));
  live(24h * 6);
  CHECK(world.http->sent == 1);
  // Resumed, it is in use again.
  ask_token(aut);
  CHECK(world.http->sent == 2);
  answer_token(200, token_json("access-2", "refresh-2", 3600));
  live(1h);
  CHECK(world.http->sent == 3);
}

TEST_CASE_METHOD(fixture,
                 "a refresh that failed is tried again though the clock lags behind the timer",
                 "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto response = ask_token(aut);
  answer_token(200, token_json("access-1", "refresh-1", 3600));
  answer<token_granted>(response);
  // The first timer ends before the wall clock's second does.
  live(1799s);
  pass(1100s);
  CHECK(world.http->sent == 1);
  live(1100s);
  REQUIRE(world.http->sent == 2);
  answer_token(500, "down");
  pass(60s);
  CHECK(world.http->sent == 2);
  live(60s);
  REQUIRE(world.http->sent == 3);
  answer_token(200, token_json("access-2", "refresh-2"));
  live(1s);
  CHECK(world.http->sent == 3);
}

TEST_CASE_METHOD(fixture, "a token that the mail server refused is replaced", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto first = ask_token(aut);
  answer_token(200, token_json("access-1", "refresh-1"));
  auto granted = answer<token_granted>(first);
  auto second = ask_token(aut, granted.granted_at);
  CHECK(world.http->sent == 2);
  answer_token(200, token_json("access-2", "refresh-2"));
  CHECK(answer<token_granted>(second).access_token.reveal() == "access-2");
}

TEST_CASE_METHOD(fixture, "a lost answer falls back on the previous refresh token", "[provider]") {
  auto aut = start();
  auto held = a_stale_grant();
  held.refresh_token = secret{"rotated"};
  held.previous_refresh_token = secret{"older"};
  keep(held);
  auto response = ask_token(aut);
  CHECK(sent_body().find("rotated") != std::string::npos);
  answer_token(400, R"({"error":"invalid_grant"})");
  CHECK(sent_body().find("older") != std::string::npos);
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK(answer<token_granted>(response).access_token.reveal() == "access-1");
}

TEST_CASE_METHOD(fixture, "a dead refresh token parks its mailbox durably, with the reason",
                 "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto response = ask_token(aut);
  answer_token(400, R"({"error":"invalid_grant","error_codes":[700082]})");
  CHECK(refusal<token_granted>(response).code == errc::sign_in_required);
  CHECK_FALSE(grant().parked_reason.empty());
  auto again = ask_token(aut);
  CHECK(refusal<token_granted>(again).code == errc::sign_in_required);
  CHECK(world.http->sent == 1);
}

TEST_CASE_METHOD(fixture, "a throttled token endpoint is left alone as long as it asks",
                 "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto response = ask_token(aut);
  world.http->answer(429, "Too Many Requests", {{"retry-after", "60"}});
  settle();
  CHECK(refusal<token_granted>(response).code == errc::token_throttled);
  live(59s);
  auto early = ask_token(aut);
  CHECK(refusal<token_granted>(early).code == errc::token_throttled);
  CHECK(world.http->sent == 1);
  live(20s);
  ask_token(aut);
  CHECK(world.http->sent == 2);
}

TEST_CASE_METHOD(fixture, "a refused client secret gives way to the next", "[provider]") {
  auto who = a_provider();
  client_secret other;
  other.number = 2;
  other.value = secret{"second-secret"};
  other.added_at = wall_time{1s};
  who.secrets.push_back(other);
  auto aut = start(who);
  keep(a_stale_grant());
  auto response = ask_token(aut);
  CHECK(sent_body().find("second-secret") != std::string::npos);
  answer_token(401, R"({"error":"invalid_client","error_codes":[7000222]})");
  CHECK(sent_body().find("canary-client-secret") != std::string::npos);
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK(answer<token_granted>(response).access_token.reveal() == "access-1");
}

TEST_CASE_METHOD(fixture, "with no secret left the provider raises one alarm", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto response = ask_token(aut);
  answer_token(401, R"({"error":"invalid_client","error_codes":[7000222]})");
  CHECK(refusal<token_granted>(response).code == errc::client_refused);
  auto listing = ask(aut, list_views{});
  auto shown = answer<provider_list>(listing).providers.front();
  REQUIRE(shown.trouble);
  CHECK_FALSE(shown.trouble->cure.empty());
  CHECK(shown.state != provider_state::ready);
}

TEST_CASE_METHOD(fixture, "a refresh asks for what was granted, and no more", "[provider]") {
  auto aut = start();
  auto held = a_stale_grant();
  held.scope = "mail openid";
  keep(held);
  ask_token(aut);
  CHECK(sent_body().find("scope=mail%20openid") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "a provider that stops makes an answered token durable first",
                 "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  ask_token(aut);
  self->send_exit(aut, caf::exit_reason::user_shutdown);
  settle();
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK(grant().refresh_token.reveal() == "refresh-1");
  auto late = ask_token(aut);
  CHECK(refusal<token_granted>(late).code == errc::unavailable);
}

TEST_CASE_METHOD(fixture, "a provider that stops waits five seconds and no longer", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  ask_token(aut);
  self->send_exit(aut, caf::exit_reason::user_shutdown);
  settle();
  pass(4999ms);
  CHECK(world.http->waiting.size() == 1);
  pass(1ms);
  auto late = ask_token(aut);
  CHECK(refusal<token_granted>(late).code == errc::unavailable);
}

TEST_CASE_METHOD(fixture, "a token that a busy store did not take is written again", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto response = ask_token(aut);
  world.log->refusals = {{errc::overloaded, "busy"}, {errc::overloaded, "busy"}};
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK_FALSE(answered());
  pass(rewrite_wait + refresh_tick);
  CHECK_FALSE(answered());
  pass(rewrite_wait + refresh_tick);
  CHECK(world.log->refusals.empty());
  CHECK(answer<token_granted>(response).access_token.reveal() == "access-1");
  CHECK(grant().refresh_token.reveal() == "refresh-1");
}

TEST_CASE_METHOD(fixture, "a refused client secret is tried again after a quarter of an hour",
                 "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto response = ask_token(aut);
  answer_token(401, R"({"error":"invalid_client"})");
  refusal<token_granted>(response);
  auto sent = world.http->sent;
  for (int hour = 0; hour < 7 && world.http->sent == sent; ++hour)
    live(3600s);
  REQUIRE(world.http->sent == sent + 1);
  CHECK(sent_body().find("canary-client-secret") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "an answer to an older grant does not touch a newer sign-in",
                 "[provider]") {
  auto aut = start();
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  auto held = a_stale_grant();
  keep(held);
  ask_token(aut);
  auto at = visit(aut, who);
  auto completed = come_back(aut, at);
  REQUIRE(world.http->waiting.size() == 2);
  // The code is redeemed first; the refresh that was sent before it is answered last.
  std::swap(world.http->waiting[0], world.http->waiting[1]);
  answer_token(200,
               signed_in_json(query_value(at.authorize_url, "nonce"), "ann@example.com", "new"));
  std::swap(world.http->waiting[0], world.http->waiting[1]);
  answer_keys();
  answer_token(400, R"({"error":"invalid_grant"})");
  CHECK(std::get<signed_in>(answer<sign_in_outcome>(completed)).mailbox == some_mailbox);
  CHECK(grant().refresh_token.reveal() == "refresh-new");
  CHECK(grant().parked_reason.empty());
}

TEST_CASE_METHOD(fixture, "no secret and no token comes near the log or a view", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto response = ask_token(aut);
  answer_token(400, R"({"error":"invalid_grant","error_description":"canary-refresh-0"})");
  refusal<token_granted>(response);
  REQUIRE_FALSE(world.journal->lines.empty());
  for (const auto& line : world.journal->lines)
    CHECK(line.find("canary") == std::string::npos);
  auto listing = ask(aut, list_views{});
  auto shown = answer<provider_list>(listing).providers.front();
  CHECK(shown.record.secrets.empty());
  CHECK(shown.secrets.size() == 1);
}
