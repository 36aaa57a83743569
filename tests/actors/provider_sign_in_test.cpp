#include "tests/actors/provider_fixture.hpp"

using namespace mailfleet;
using namespace std::chrono_literals;
using namespace mailfleet::test;
using fixture = provider_fixture;

TEST_CASE_METHOD(fixture, "a sign-in ends in a durable grant", "[provider]") {
  auto aut = start();
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  auto begun = ask(aut, begin_mailbox_sign_in{who});
  auto start_url = answer<sign_in_started>(begun).start_url;
  auto ticket = start_url.substr(start_url.rfind('/') + 1);
  auto opened = ask(aut, open_sign_in{ticket});
  auto at = answer<sign_in_opened>(opened);
  auto nonce = query_value(at.authorize_url, "nonce");
  auto state = query_value(at.authorize_url, "state");
  CHECK(query_value(at.authorize_url, "code_challenge_method") == "S256");
  auto completed = ask(aut, complete_sign_in{"code=c1&state=" + state, at.browser_binding});
  CHECK(sent_body().find("code_verifier=") != std::string::npos);
  auto body = token_json("access-1", "refresh-1");
  body.insert(body.size() - 1, ",\"id_token\":\"" + id_token(nonce, "Ann@Example.com") + "\"");
  answer_token(200, body);
  CHECK(answer<signed_in>(completed).mailbox == some_mailbox);
  CHECK(grant().refresh_token.reveal() == "refresh-1");
  CHECK(world.log->events(event_kind::mailbox_signed_in).size() == 1);

  auto replayed = ask(aut, complete_sign_in{"code=c1&state=" + state, at.browser_binding});
  CHECK(refusal<signed_in>(replayed).code == errc::not_found);
  auto reopened = ask(aut, open_sign_in{ticket});
  CHECK(refusal<sign_in_opened>(reopened).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "a sign-in by another account or browser is refused", "[provider]") {
  auto aut = start();
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  auto visit = [&] {
    auto begun = ask(aut, begin_mailbox_sign_in{who});
    auto start_url = answer<sign_in_started>(begun).start_url;
    auto opened = ask(aut, open_sign_in{start_url.substr(start_url.rfind('/') + 1)});
    return answer<sign_in_opened>(opened);
  };
  auto stolen = visit();
  auto elsewhere =
      ask(aut, complete_sign_in{"code=c1&state=" + query_value(stolen.authorize_url, "state"),
                                secret{"another browser"}});
  CHECK(refusal<signed_in>(elsewhere).code == errc::invalid_argument);
  CHECK(world.http->sent == 0);

  auto at = visit();
  auto completed =
      ask(aut, complete_sign_in{"code=c1&state=" + query_value(at.authorize_url, "state"),
                                at.browser_binding});
  auto body = token_json("access-1", "refresh-1");
  body.insert(body.size() - 1,
              ",\"id_token\":\""
                  + id_token(query_value(at.authorize_url, "nonce"), "boss@example.com") + "\"");
  answer_token(200, body);
  auto what = refusal<signed_in>(completed);
  CHECK(what.code == errc::sign_in_required);
  CHECK(what.detail.find("boss@example.com") != std::string::npos);
  CHECK(world.log->count(family::grants) == 0);
}

TEST_CASE_METHOD(fixture, "a sign-in that takes longer than ten minutes is over", "[provider]") {
  auto aut = start();
  auto begun = ask(aut, begin_mailbox_sign_in{a_mailbox()});
  auto start_url = answer<sign_in_started>(begun).start_url;
  live(600s);
  auto opened = ask(aut, open_sign_in{start_url.substr(start_url.rfind('/') + 1)});
  CHECK(refusal<sign_in_opened>(opened).code == errc::not_found);
}
