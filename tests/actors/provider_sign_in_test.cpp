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
  answer_token(200, signed_in_json(nonce, "Ann@Example.com"));
  answer_keys();
  CHECK(std::get<signed_in>(answer<sign_in_outcome>(completed)).mailbox == some_mailbox);
  CHECK(grant().refresh_token.reveal() == "refresh-1");
  CHECK(world.log->events(event_kind::mailbox_signed_in).size() == 1);

  auto replayed = ask(aut, complete_sign_in{"code=c1&state=" + state, at.browser_binding});
  CHECK(refusal<sign_in_outcome>(replayed).code == errc::not_found);
  auto reopened = ask(aut, open_sign_in{ticket});
  CHECK(refusal<sign_in_opened>(reopened).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "a sign-in by another account or browser is refused", "[provider]") {
  auto aut = start();
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  auto stolen = visit(aut, who);
  auto elsewhere =
      ask(aut, complete_sign_in{"code=c1&state=" + query_value(stolen.authorize_url, "state"),
                                secret{"another browser"}});
  CHECK(refusal<sign_in_outcome>(elsewhere).code == errc::invalid_argument);
  CHECK(world.http->sent == 0);

  auto at = visit(aut, who);
  auto completed = come_back(aut, at);
  answer_token(200, signed_in_json(query_value(at.authorize_url, "nonce"), "boss@example.com"));
  answer_keys();
  auto what = refusal<sign_in_outcome>(completed);
  CHECK(what.code == errc::sign_in_required);
  CHECK(what.detail.find("boss@example.com") != std::string::npos);
  auto told = world.log->events(event_kind::sign_in_failed);
  REQUIRE_FALSE(told.empty());
  CHECK(told.back().what.detail
        == R"({"code":"identity.wrong_account","evidence":"'boss@example.com' signed in, but )"
           R"('ann@example.com' is wanted"})");
  for (const auto& line : world.journal->lines)
    CHECK(line.find("boss@example.com") == std::string::npos);
  CHECK(world.log->count(family::grants) == 0);
}

TEST_CASE_METHOD(fixture, "another browser uses no sign-in up, and is told of once", "[provider]") {
  auto aut = start();
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  auto at = visit(aut, who);
  auto query = "code=c1&state=" + query_value(at.authorize_url, "state");
  for (const auto* binding : {"another browser", ""}) {
    auto elsewhere = ask(aut, complete_sign_in{query, secret{binding}});
    CHECK(refusal<sign_in_outcome>(elsewhere).code == errc::invalid_argument);
  }
  auto told = world.log->events(event_kind::sign_in_failed);
  REQUIRE(told.size() == 1);
  CHECK(told.front().what.detail.starts_with(R"({"code":"identity.other_browser")"));
  auto completed = come_back(aut, at);
  answer_token(200, signed_in_json(query_value(at.authorize_url, "nonce"), "ann@example.com"));
  answer_keys();
  CHECK(std::get<signed_in>(answer<sign_in_outcome>(completed)).mailbox == some_mailbox);
}

TEST_CASE_METHOD(fixture, "a sign-in whose provider cannot be found ends with an event",
                 "[provider]") {
  auto who = a_provider();
  who.service = "generic";
  who.discovery_url = "https://id.example/.well-known/openid-configuration";
  auto aut = start(who);
  auto begun = ask(aut, begin_mailbox_sign_in{a_mailbox()});
  auto start_url = answer<sign_in_started>(begun).start_url;
  auto opened = ask(aut, open_sign_in{start_url.substr(start_url.rfind('/') + 1)});
  answer_token(503, "");
  CHECK(refusal<sign_in_opened>(opened).code == errc::token_unavailable);
  auto told = world.log->events(event_kind::sign_in_failed);
  REQUIRE(told.size() == 1);
  CHECK(told.front().what.detail.starts_with(R"({"code":"identity.unavailable")"));
}

TEST_CASE_METHOD(fixture, "what the provider's pages said is told by its diagnosis", "[provider]") {
  auto aut = start();
  auto at = visit(aut, a_mailbox());
  auto completed = ask(
      aut, complete_sign_in{"error=access_denied&error_description=AADSTS90094%3A+An+administrator"
                            "+must+consent.&state="
                                + query_value(at.authorize_url, "state"),
                            at.browser_binding});
  auto why = refusal<sign_in_outcome>(completed);
  CHECK(why.detail.starts_with("token.consent_required"));
  auto told = world.log->events(event_kind::sign_in_failed);
  REQUIRE(told.size() == 1);
  CHECK(told.front().what.detail.starts_with(R"({"code":"token.consent_required","evidence":")"));
  CHECK(told.front().what.detail.find("AADSTS90094") != std::string::npos);
  CHECK(world.http->sent == 0);
}

TEST_CASE_METHOD(fixture, "a sign-in shows what is asked for by its prompt", "[provider]") {
  auto aut = start();
  auto url_of = [&](std::optional<sign_in_prompt> prompt) {
    auto begun = ask(aut, begin_mailbox_sign_in{a_mailbox(), prompt});
    auto start_url = answer<sign_in_started>(begun).start_url;
    auto opened = ask(aut, open_sign_in{start_url.substr(start_url.rfind('/') + 1)});
    return answer<sign_in_opened>(opened).authorize_url;
  };
  CHECK(url_of(std::nullopt).find("prompt=") == std::string::npos);
  CHECK(url_of(std::nullopt).find("login_hint=ann") != std::string::npos);
  CHECK(url_of(sign_in_prompt::login).find("&prompt=login") != std::string::npos);
  auto choice = url_of(sign_in_prompt::select_account);
  CHECK(choice.find("&prompt=select_account") != std::string::npos);
  CHECK(choice.find("login_hint") == std::string::npos);
}

TEST_CASE_METHOD(fixture, "a delegate signs in for a shared mailbox", "[provider]") {
  auto aut = start();
  auto who = a_mailbox(some_mailbox, "shared@example.com");
  who.delegate = "ann@example.com";
  world.log->records.emplace(key_of(who), who);
  auto at = visit(aut, who);
  CHECK(query_value(at.authorize_url, "login_hint") == "ann%40example.com");
  auto completed = come_back(aut, at);
  answer_token(200, signed_in_json(query_value(at.authorize_url, "nonce"), "ann@example.com"));
  answer_keys();
  CHECK(std::get<signed_in>(answer<sign_in_outcome>(completed)).account == "ann@example.com");
}

TEST_CASE_METHOD(fixture, "an id_token that the provider did not sign is refused", "[provider]") {
  auto aut = start();
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  auto at = visit(aut, who);
  auto completed = come_back(aut, at);
  answer_token(200, signed_in_json(query_value(at.authorize_url, "nonce"), "ann@example.com"));
  auto other = make_ec_key();
  answer_keys(*other);
  CHECK(refusal<sign_in_outcome>(completed).code == errc::sign_in_required);
  CHECK(world.log->count(family::grants) == 0);
}

TEST_CASE_METHOD(fixture, "an answer that names another issuer is refused before its code is used",
                 "[provider]") {
  auto aut = start();
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  auto mixed_up = come_back(aut, visit(aut, who), "&iss=https%3A%2F%2Faccounts.google.com");
  CHECK(refusal<sign_in_outcome>(mixed_up).code == errc::sign_in_required);
  CHECK(world.http->sent == 0);
  auto told = world.log->events(event_kind::sign_in_failed);
  REQUIRE(told.size() == 1);
  CHECK(told.front().what.detail.starts_with(R"({"code":"identity.other_issuer")"));
  CHECK(told.front().what.detail.find("accounts.google.com") != std::string::npos);
  come_back(aut, visit(aut, who), "&iss=https%3A%2F%2Flogin.microsoftonline.com%2Ftenant-1%2Fv2.0");
  CHECK(world.http->sent == 1);
}

TEST_CASE_METHOD(fixture, "keys are fetched once, and again for a name that they lack",
                 "[provider]") {
  auto aut = start();
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  for (int round = 0; round < 2; ++round) {
    auto at = visit(aut, who);
    auto completed = come_back(aut, at);
    answer_token(200, signed_in_json(query_value(at.authorize_url, "nonce"), "ann@example.com"));
    if (round == 0)
      answer_keys();
    answer<sign_in_outcome>(completed);
  }
  CHECK(world.http->sent == 3);
}

// -- on another device -------------------------------------------------------

namespace {

const std::string device_json =
    R"({"device_code":"canary-device","user_code":"ABCD-EFGH","expires_in":600,"interval":5,)"
    R"("verification_uri":"https://microsoft.com/devicelogin"})";

} // namespace

TEST_CASE_METHOD(fixture, "a person signs in by a code on another device", "[provider]") {
  auto aut = start();
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  auto begun = ask(aut, begin_mailbox_device_sign_in{who});
  CHECK(world.http->waiting.front().request.url.ends_with("/oauth2/v2.0/devicecode"));
  answer_token(200, device_json);
  auto shown = answer<device_sign_in_started>(begun);
  CHECK(shown.user_code == "ABCD-EFGH");
  CHECK(shown.expires_at == world.clock->time + 600s);
  live(4s);
  CHECK(world.http->waiting.empty());
  live(1s);
  CHECK(sent_body().find("canary-device") != std::string::npos);
  answer_token(400, R"({"error":"authorization_pending"})");
  live(5s);
  answer_token(400, R"({"error":"slow_down"})");
  // Told to slow down, it asks each 10 s.
  live(9s);
  CHECK(world.http->waiting.empty());
  live(1s);
  answer_token(200, signed_in_json("", "ann@example.com"));
  answer_keys();
  CHECK(grant().refresh_token.reveal() == "refresh-1");
  CHECK(world.log->events(event_kind::mailbox_signed_in).size() == 1);
  live(60s);
  CHECK(world.http->waiting.empty());
}

TEST_CASE_METHOD(fixture, "a code that nobody types in, or that is declined, ends with an event",
                 "[provider]") {
  auto aut = start();
  auto who = a_mailbox();
  world.log->records.emplace(key_of(who), who);
  ask(aut, begin_mailbox_device_sign_in{who});
  answer_token(200, device_json);
  live(5s);
  answer_token(400, R"({"error":"authorization_declined"})");
  CHECK(world.log->events(event_kind::sign_in_failed).size() == 1);
  ask(aut, begin_mailbox_device_sign_in{who});
  answer_token(200, device_json);
  world.clock->time += 600s;
  live(5s);
  CHECK(world.log->events(event_kind::sign_in_failed).size() == 2);
  CHECK(world.http->waiting.empty());
  CHECK(world.log->count(family::grants) == 0);
}

// -- an administrator's consent ----------------------------------------------

TEST_CASE_METHOD(fixture, "a consent lets a parked mailbox go on unaided", "[provider]") {
  auto aut = start();
  keep(a_stale_grant());
  auto parked = ask_token(aut);
  answer_token(400, R"({"error":"invalid_grant","error_codes":[65001],)"
                    R"("suberror":"consent_required"})");
  CHECK(refusal<token_granted>(parked).code == errc::consent_required);
  auto asked = ask(aut, begin_consent{some_provider});
  auto link = answer<consent_link>(asked);
  CHECK(link.url.starts_with("https://login.microsoftonline.com/organizations/v2.0/adminconsent?"));
  CHECK(link.url.find("IMAP.AccessAsUser.All") != std::string::npos);
  CHECK(link.url.find("offline_access") == std::string::npos);
  auto query = "admin_consent=True&tenant=0b1c2d3e-0000-4000-8000-000000000001&state="
               + query_value(link.url, "state");
  auto completed = ask(aut, complete_sign_in{query, {}});
  CHECK(std::get<consent_given>(answer<sign_in_outcome>(completed)).tenant
        == "0b1c2d3e-0000-4000-8000-000000000001");
  CHECK(world.log->events(event_kind::consent_given).size() == 1);
  auto again = ask_token(aut);
  answer_token(200, token_json("access-1", "refresh-1"));
  CHECK(answer<token_granted>(again).access_token.reveal() == "access-1");
  CHECK(grant().parked_reason.empty());
  auto replayed = ask(aut, complete_sign_in{query, {}});
  CHECK(refusal<sign_in_outcome>(replayed).code == errc::not_found);
}

TEST_CASE_METHOD(fixture, "a consent that was refused changes nothing", "[provider]") {
  auto aut = start();
  auto asked = ask(aut, begin_consent{some_provider});
  auto link = answer<consent_link>(asked);
  auto completed =
      ask(aut, complete_sign_in{"error=access_denied&state=" + query_value(link.url, "state"), {}});
  CHECK(refusal<sign_in_outcome>(completed).code == errc::consent_required);
  CHECK(world.log->events(event_kind::consent_given).empty());
}

TEST_CASE_METHOD(fixture, "a sign-in that takes longer than ten minutes is over", "[provider]") {
  auto aut = start();
  auto begun = ask(aut, begin_mailbox_sign_in{a_mailbox()});
  auto start_url = answer<sign_in_started>(begun).start_url;
  live(600s);
  auto opened = ask(aut, open_sign_in{start_url.substr(start_url.rfind('/') + 1)});
  CHECK(refusal<sign_in_opened>(opened).code == errc::not_found);
}
