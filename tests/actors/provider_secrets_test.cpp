#include "tests/actors/provider_fixture.hpp"

using namespace mailfleet;
using namespace std::chrono_literals;
using namespace mailfleet::test;
using std::chrono::days;

namespace {

struct fixture : provider_fixture {
  provider_record a_provider_until(wall_time end) {
    auto who = a_provider();
    who.secrets.front().expires_at = end;
    return who;
  }

  provider_view shown(const providers_actor& aut) {
    auto listing = ask(aut, list_views{});
    return answer<provider_list>(listing).providers.front();
  }

  client_secret another(const std::string& value, std::optional<wall_time> end = std::nullopt) {
    client_secret added;
    added.value = secret{value};
    added.expires_at = end;
    added.added_at = world.clock->time;
    added.added_by = "uid 0";
    return added;
  }

  std::vector<std::string> warnings() {
    std::vector<std::string> found;
    for (const auto& event : world.log->events(event_kind::secret_expiring))
      found.push_back(event.what.detail);
    return found;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "an expiry is told of at 60, 30, 14, 7 and 1 days, once each",
                 "[provider]") {
  auto aut = start(a_provider_until(world.clock->time + days{61}));
  CHECK(shown(aut).state == provider_state::ready);
  live(days{1});
  CHECK(shown(aut).state == provider_state::secret_expiring);
  CHECK(shown(aut).trouble->code == "secret.expiring");
  for (int day = 0; day < 59; ++day)
    live(days{1});
  CHECK(warnings()
        == std::vector<std::string>{R"({"secret":1,"days":60})", R"({"secret":1,"days":30})",
                                    R"({"secret":1,"days":14})", R"({"secret":1,"days":7})",
                                    R"({"secret":1,"days":1})"});
  live(days{1});
  CHECK(shown(aut).state == provider_state::secret_expired);
  CHECK(world.log->events(event_kind::secret_expired).size() == 1);
}

TEST_CASE_METHOD(fixture, "what was told of is not told of again after a restart", "[provider]") {
  auto who = a_provider_until(world.clock->time + days{20});
  start(who);
  CHECK(warnings().size() == 1);
  auto kept = world.log->get<provider_record>(key_of(who)).value();
  CHECK(kept.secrets.front().warned_days == 30);
  start(kept);
  CHECK(warnings().size() == 1);
}

TEST_CASE_METHOD(fixture, "the whole life of a secret: it ends, all wait, another one is given",
                 "[provider]") {
  auto aut = start(a_provider_until(world.clock->time + days{1}));
  keep(a_stale_grant());
  live(days{1});
  auto asked = ask_token(aut);
  // The date may be wrong: the server has the last word.
  CHECK(shown(aut).state == provider_state::secret_expired);
  answer_token(401, R"({"error":"invalid_client","error_codes":[7000222]})");
  CHECK(refusal<token_granted>(asked).code == errc::client_refused);
  auto waits = ask_token(aut);
  CHECK(refusal<token_granted>(waits).code == errc::client_refused);
  CHECK(world.http->sent == 1);
  auto put =
      ask(aut, put_secret{{"office"},
                          another("second-secret-of-office", world.clock->time + days{365})});
  CHECK(answer<provider_view>(put).secrets.size() == 2);
  CHECK(world.log->events(event_kind::secret_added).size() == 1);
  CHECK(shown(aut).state == provider_state::ready);
  auto again = ask_token(aut);
  CHECK(sent_body().find("second-secret-of-office") != std::string::npos);
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK(answer<token_granted>(again).access_token.reveal() == "access-1");
  auto views = shown(aut).secrets;
  CHECK(views[0].state == secret_state::expired);
  CHECK(views[1].state == secret_state::in_use);
  CHECK(views[1].hint == "sec");
  CHECK(views[1].added_by == "uid 0");
  auto dropped = ask(aut, drop_secret{{"office"}, 1});
  CHECK(answer<provider_view>(dropped).secrets.size() == 1);
  CHECK(world.log->get<provider_record>(key_of(a_provider()))->secrets.front().number == 2);
}

TEST_CASE_METHOD(fixture, "a secret that expires gives way to the one on standby", "[provider]") {
  auto who = a_provider_until(world.clock->time + days{1});
  who.secrets.front().added_at = wall_time{2s};
  auto standby = another("standby");
  standby.number = 2;
  standby.added_at = wall_time{1s};
  who.secrets.push_back(standby);
  auto aut = start(who);
  keep(a_stale_grant());
  ask_token(aut);
  CHECK(sent_body().find("canary-client-secret") != std::string::npos);
  answer_token(200, token_json("access-1", "refresh-1", 3600));
  live(days{1});
  CHECK(sent_body().find("standby") != std::string::npos);
  CHECK(shown(aut).state == provider_state::ready);
  // Nobody need be warned of it.
  CHECK(warnings().empty());
}

TEST_CASE_METHOD(fixture, "a refused secret is told of once, and the next one is used",
                 "[provider]") {
  auto who = a_provider();
  auto newer = another("newer");
  newer.number = 2;
  who.secrets.push_back(newer);
  auto aut = start(who);
  keep(a_stale_grant());
  auto asked = ask_token(aut);
  CHECK(sent_body().find("newer") != std::string::npos);
  answer_token(401, R"({"error":"invalid_client","error_codes":[7000215]})");
  CHECK(sent_body().find("canary-client-secret") != std::string::npos);
  answer_token(200, token_json("access-1", "refresh-1"));
  answer<token_granted>(asked);
  CHECK(world.log->events(event_kind::secret_refused).size() == 1);
  CHECK(shown(aut).secrets[1].state == secret_state::refused);
  CHECK(shown(aut).secrets[1].refused_at == world.clock->time);
  CHECK_FALSE(shown(aut).secrets[0].refused_at);
}

TEST_CASE_METHOD(fixture, "all that were sent with a refused secret go on with the next",
                 "[provider]") {
  constexpr entity_id other{0xb2};
  auto who = a_provider();
  auto newer = another("newer");
  newer.number = 2;
  who.secrets.push_back(newer);
  auto aut = start(who);
  keep(a_stale_grant());
  keep(a_stale_grant(other));
  auto first = ask_token(aut);
  auto second = ask(aut, request_token{some_provider, other});
  REQUIRE(world.http->waiting.size() == 2);
  answer_token(401, R"({"error":"invalid_client"})");
  answer_token(401, R"({"error":"invalid_client"})");
  answer_token(200, token_json("access-1", "refresh-1"));
  answer_token(200, token_json("access-2", "refresh-2"));
  CHECK(answer<token_granted>(first).access_token.reveal() == "access-1");
  CHECK(answer<token_granted>(second).access_token.reveal() == "access-2");
  CHECK(shown(aut).state == provider_state::ready);
  CHECK(world.log->events(event_kind::secret_refused).size() == 1);
}

TEST_CASE_METHOD(fixture, "a refresh under way outlives a change of secrets", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto asked = ask_token(aut);
  auto put = ask(aut, put_secret{{"office"}, another("second-secret-of-office")});
  answer<provider_view>(put);
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK(answer<token_granted>(asked).access_token.reveal() == "access-1");
  CHECK(grant().refresh_token.reveal() == "refresh-1");
}

TEST_CASE_METHOD(fixture, "the last good secret cannot be retired", "[provider]") {
  auto aut = start();
  auto dropped = ask(aut, drop_secret{{"office"}, 1});
  auto what = refusal<provider_view>(dropped);
  CHECK(what.code == errc::in_use);
  CHECK(what.detail.find("provider secret add") != std::string::npos);
  auto unknown = ask(aut, drop_secret{{"office"}, 7});
  CHECK(refusal<provider_view>(unknown).code == errc::not_found);
  auto nobody = ask(aut, put_secret{{"nobody"}, another("x")});
  CHECK(refusal<provider_view>(nobody).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "a secret that follows a refused one is told of by itself",
                 "[provider]") {
  constexpr entity_id other{0xb2};
  constexpr const char* refused = R"({"error":"invalid_client"})";
  auto aut = start();
  keep(a_stale_grant());
  keep(a_stale_grant(other));
  auto put_second = ask(aut, put_secret{{"office"}, another("second-secret-of-office")});
  answer<provider_view>(put_second);
  auto first = ask_token(aut);
  auto second = ask(aut, request_token{some_provider, other});
  REQUIRE(world.http->waiting.size() == 2);
  answer_token(401, refused);
  auto dropped = ask(aut, drop_secret{{"office"}, 2});
  answer<provider_view>(dropped);
  world.clock->time += 1s;
  auto put_third = ask(aut, put_secret{{"office"}, another("third-secret-of-office")});
  CHECK(answer<provider_view>(put_third).secrets[1].number == 3);
  // The refusal of the retired one was still under way; the new one knows nothing of it.
  answer_token(401, refused);
  CHECK(shown(aut).secrets[1].state == secret_state::in_use);
  CHECK(world.log->events(event_kind::secret_refused).size() == 1);
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK(answer<token_granted>(first).access_token.reveal() == "access-1");
  CHECK(sent_body().find("third-secret-of-office") != std::string::npos);
  answer_token(401, refused);
  CHECK(world.log->events(event_kind::secret_refused).size() == 2);
  CHECK(shown(aut).secrets[1].state == secret_state::refused);
  answer_token(200, token_json("access-2", "refresh-2"));
  CHECK(answer<token_granted>(second).access_token.reveal() == "access-2");
}
