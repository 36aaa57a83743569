#include "tests/actors/provider_fixture.hpp"

using namespace mailfleet;
using namespace std::chrono_literals;
using namespace mailfleet::test;

namespace {

constexpr entity_id other_mailbox{0xb2};

struct fixture : provider_fixture {
  static provider_record an_app() {
    auto who = a_provider();
    who.flow = grant_flow::app_only;
    return who;
  }

  auto ask_for(const providers_actor& aut, entity_id owner, wall_time refused = {}) {
    return ask(aut, request_token{some_provider, owner, refused});
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "all mailboxes of an app share one token", "[provider]") {
  auto aut = start(an_app());
  auto first = ask_for(aut, some_mailbox);
  auto second = ask_for(aut, other_mailbox);
  CHECK(sent_body().find("grant_type=client_credentials") != std::string::npos);
  CHECK(sent_body().find(".default") != std::string::npos);
  answer_token(200, token_json("access-1", ""));
  CHECK(answer<token_granted>(first).access_token.reveal() == "access-1");
  CHECK(answer<token_granted>(second).access_token.reveal() == "access-1");
  CHECK(world.http->sent == 1);
  auto kept = world.log->get<grant_record>(grant_key(some_provider));
  REQUIRE(kept);
  CHECK(kept->access_token.reveal() == "access-1");
  // Ahead of need, one for all.
  live(1h);
  CHECK(world.http->sent == 2);
}

TEST_CASE_METHOD(fixture, "an app's consent link asks for what Microsoft names for it",
                 "[provider]") {
  auto aut = start(an_app());
  auto asked = ask(aut, begin_consent{some_provider});
  CHECK(query_value(answer<consent_link>(asked).url, "scope")
        == "https%3A%2F%2Fps.outlook.com%2F.default");
}

TEST_CASE_METHOD(fixture, "an app's token is used again after a restart", "[provider]") {
  grant_record held;
  held.owner = some_provider;
  held.access_token = secret{"access-0"};
  held.access_granted_at = world.clock->time;
  held.access_expires_at = world.clock->time + 1h;
  held.refresh_at = world.clock->time + 30min;
  keep(held);
  auto aut = start(an_app());
  auto asked = ask_for(aut, some_mailbox);
  CHECK(answer<token_granted>(asked).access_token.reveal() == "access-0");
  CHECK(world.http->sent == 0);
}

TEST_CASE_METHOD(fixture, "a mailbox that is refused does not cost the others their token",
                 "[provider]") {
  auto aut = start(an_app());
  auto first = ask_for(aut, some_mailbox);
  answer_token(200, token_json("access-1", ""));
  auto granted = answer<token_granted>(first).granted_at;
  auto refused = ask_for(aut, other_mailbox, granted);
  CHECK(answer<token_granted>(refused).access_token.reveal() == "access-1");
  CHECK(world.http->sent == 1);
  live(5min);
  ask_for(aut, other_mailbox, granted);
  CHECK(world.http->sent == 2);
}

TEST_CASE_METHOD(fixture, "an app that is refused is one alarm, and nobody is asked to sign in",
                 "[provider]") {
  auto aut = start(an_app());
  auto first = ask_for(aut, some_mailbox);
  answer_token(400, R"({"error":"invalid_grant","error_codes":[65001]})");
  CHECK(refusal<token_granted>(first).code == errc::consent_required);
  auto second = ask_for(aut, other_mailbox);
  refusal<token_granted>(second);
  CHECK(world.http->sent == 1);
  auto listing = ask(aut, list_views{});
  CHECK(answer<provider_list>(listing).providers.front().trouble->code == "token.consent_required");
  auto begun = ask(aut, begin_mailbox_sign_in{a_mailbox()});
  CHECK(refusal<sign_in_started>(begun).code == errc::invalid_argument);
}

TEST_CASE_METHOD(fixture, "a client certificate signs an assertion in place of a secret",
                 "[provider]") {
  auto who = an_app();
  who.auth = client_auth::private_key_jwt;
  auto certificate = make_certificate(rsa_key(), world.clock->time + 24h * 90);
  who.secrets.front().value = secret{pem_of(rsa_key()) + pem_of(*certificate)};
  auto aut = start(who);
  auto asked = ask_for(aut, some_mailbox);
  auto body = sent_body();
  CHECK(body.find("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A"
                  "jwt-bearer")
        != std::string::npos);
  CHECK(body.find("client_assertion=eyJ") != std::string::npos);
  CHECK(body.find("client_secret") == std::string::npos);
  answer_token(200, token_json("access-1", ""));
  CHECK(answer<token_granted>(asked).access_token.reveal() == "access-1");
}

TEST_CASE_METHOD(fixture, "an app's token is not refreshed while all its mailboxes are paused",
                 "[provider]") {
  auto aut = start(an_app());
  auto first = ask_for(aut, some_mailbox);
  auto second = ask_for(aut, other_mailbox);
  answer_token(200, token_json("access-1", ""));
  answer<token_granted>(first);
  answer<token_granted>(second);
  self->send(aut, grant_idle{some_provider, some_mailbox});
  settle();
  live(1h);
  // One of them works.
  CHECK(world.http->sent == 2);
  answer_token(200, token_json("access-2", ""));
  self->send(aut, grant_idle{some_provider, other_mailbox});
  settle();
  for (int hour = 0; hour < 48; ++hour)
    live(1h);
  CHECK(world.http->sent == 2);
  // And goes on as if nothing had been, at once and ahead of need.
  auto resumed = ask_for(aut, other_mailbox);
  CHECK(world.http->sent == 3);
  answer_token(200, token_json("access-3", ""));
  CHECK(answer<token_granted>(resumed).access_token.reveal() == "access-3");
  live(1h);
  CHECK(world.http->sent == 4);
}

TEST_CASE_METHOD(fixture, "an app whose mailboxes were removed is not refreshed", "[provider]") {
  auto aut = start(an_app());
  auto asked = ask_for(aut, some_mailbox);
  answer_token(200, token_json("access-1", ""));
  answer<token_granted>(asked);
  self->send(aut, forget_grant{some_provider, some_mailbox});
  settle();
  live(48h);
  CHECK(world.http->sent == 1);
}

TEST_CASE_METHOD(fixture, "a token that comes after its provider was removed leaves nothing behind",
                 "[provider]") {
  auto aut = start(an_app());
  auto asked = ask_for(aut, some_mailbox);
  auto removed = ask(aut, remove_entity{{"office"}});
  answer<done>(removed);
  CHECK_FALSE(world.log->get<provider_record>(key_of(an_app())));
  answer_token(200, token_json("access-1", ""));
  CHECK(refusal<token_granted>(asked).code == errc::not_found);
  CHECK_FALSE(world.log->get<grant_record>(grant_key(some_provider)));
}

TEST_CASE_METHOD(fixture, "a secret that is added meanwhile costs an app no token", "[provider]") {
  auto aut = start(an_app());
  auto asked = ask_for(aut, some_mailbox);
  // As if somebody else wrote the record, and the news is not here yet.
  auto changed = world.log->get<provider_record>(key_of(an_app())).value();
  ++changed.header.version;
  world.log->records.insert_or_assign(key_of(changed), changed);
  answer_token(200, token_json("access-1", ""));
  CHECK(answer<token_granted>(asked).access_token.reveal() == "access-1");
  CHECK(world.http->sent == 1);
  CHECK(world.log->get<grant_record>(grant_key(some_provider)));
}
