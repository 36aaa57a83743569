#include "protocols/oauth2/client_assertion.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "tests/actors/provider_fixture.hpp"

#include <algorithm>

using namespace mailfleet;
using namespace std::chrono_literals;
using namespace mailfleet::test;
using std::chrono::days;

namespace {

constexpr const char* forbidden =
    R"({"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges."}})";

struct fixture : provider_fixture {
  /// One that asks the directory by itself.
  static provider_record a_reader() {
    auto who = a_provider();
    who.reads_expiry = true;
    return who;
  }

  provider_view shown(const providers_actor& aut) {
    auto listing = ask(aut, list_views{});
    return answer<provider_list>(listing).providers.front();
  }

  const http_request& sent() {
    REQUIRE_FALSE(world.http->waiting.empty());
    return world.http->waiting.front().request;
  }

  /// The token request that comes before the directory is asked.
  void answer_directory_token() {
    CHECK(sent_body().find("grant_type=client_credentials") != std::string::npos);
    CHECK(sent_body().find("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default")
          != std::string::npos);
    answer_token(200, token_json("canary-graph", ""));
    CHECK(sent().method == "GET");
    CHECK(sent().url
          == "https://graph.microsoft.com/v1.0/applications(appId='client-1')"
             "?$select=passwordCredentials,keyCredentials");
    CHECK(sent().bearer.reveal() == "canary-graph");
  }

  /// A listing with one secret, `hint` and its end.
  static std::string listing(const std::string& hint, const std::string& end) {
    return nlohmann::json{{"passwordCredentials", {{{"hint", hint}, {"endDateTime", end}}}},
                          {"keyCredentials", nlohmann::json::array()}}
        .dump();
  }

  std::size_t lines_with(std::string_view word) {
    return static_cast<std::size_t>(std::ranges::count_if(
        world.journal->lines, [word](const auto& line) { return line.find(word) != line.npos; }));
  }
};

// The world's clock begins at 2023-11-14T22:13:20Z.
constexpr const char* in_twenty_days = "2023-12-04T22:13:20Z";

} // namespace

TEST_CASE_METHOD(fixture, "the end of a secret is read from the directory once a day",
                 "[provider]") {
  auto aut = start(a_reader());
  live(2min - 1s);
  CHECK(world.http->sent == 0);
  live(8min + 1s);
  answer_directory_token();
  answer_token(200, listing("can", in_twenty_days));
  auto end = wall_time{1'700'000'000s} + days{20};
  CHECK(shown(aut).secrets.front().listed_expires_at == end);
  CHECK(shown(aut).secrets.front().expires_at == end);
  CHECK(shown(aut).state == provider_state::secret_expiring);
  CHECK_FALSE(shown(aut).last_expiry_look->trouble);
  CHECK(world.log->events(event_kind::secret_expiring).size() == 1);
  auto kept = world.log->get<provider_record>(key_of(a_reader())).value();
  CHECK(kept.secrets.front().listed_expires_at == end);
  live(21h);
  CHECK(world.http->sent == 2);
  live(6h);
  CHECK(world.http->sent == 3);
  answer_directory_token();
  answer_token(200, listing("can", in_twenty_days));
  // What is known already is not written again.
  auto again = world.log->get<provider_record>(key_of(a_reader())).value();
  CHECK(again.header.version == kept.header.version);
}

TEST_CASE_METHOD(fixture, "an app that may not read is told of once, and asked for weekly",
                 "[provider]") {
  auto aut = start(a_reader());
  live(10min);
  answer_directory_token();
  answer_token(403, forbidden);
  CHECK(shown(aut).state == provider_state::ready);
  CHECK(shown(aut).last_expiry_look->trouble->code == "secret.expiry_not_permitted");
  live(days{6});
  CHECK(world.http->sent == 2);
  live(days{2});
  CHECK(world.http->sent == 3);
  answer_directory_token();
  answer_token(403, forbidden);
  CHECK(lines_with("secret_expiry_unread") == 1);
}

TEST_CASE_METHOD(fixture, "trouble of the directory is nobody's alarm, and passes", "[provider]") {
  auto aut = start(a_reader());
  live(10min);
  answer_directory_token();
  answer_token(200, "<html>Sign in</html>");
  CHECK(shown(aut).state == provider_state::ready);
  CHECK(shown(aut).last_expiry_look->trouble->code == "secret.expiry_unread");
  live(1h - 1s);
  CHECK(world.http->sent == 2);
  live(7min);
  answer_directory_token();
  answer_token(200, listing("can", in_twenty_days));
  CHECK_FALSE(shown(aut).last_expiry_look->trouble);
}

TEST_CASE_METHOD(fixture, "a secret that is added is looked for at once, even after a refusal",
                 "[provider]") {
  auto aut = start(a_reader());
  live(10min);
  answer_directory_token();
  answer_token(403, forbidden);
  client_secret added;
  added.value = secret{"second-secret-of-office"};
  added.expires_at = world.clock->time + days{400};
  added.added_at = world.clock->time;
  auto put = ask(aut, put_secret{{"office"}, added});
  answer<provider_view>(put);
  live(5s);
  CHECK(world.http->sent == 3);
  answer_directory_token();
  answer_token(200, listing("sec", in_twenty_days));
  auto view = shown(aut).secrets[1];
  CHECK(view.expiries_differ);
  CHECK(view.expires_at == view.listed_expires_at);
  CHECK(view.given_expires_at == added.expires_at);
  CHECK(lines_with("secret_expiry_differs secret") + lines_with("secret_expiry_differs provider")
        == 1);
}

TEST_CASE_METHOD(fixture, "a secret that is not listed yet is looked for again", "[provider]") {
  auto aut = start(a_reader());
  client_secret added;
  added.value = secret{"second-secret-of-office"};
  added.added_at = world.clock->time;
  auto put = ask(aut, put_secret{{"office"}, added});
  answer<provider_view>(put);
  live(5s);
  answer_directory_token();
  answer_token(200, listing("can", in_twenty_days));
  CHECK_FALSE(shown(aut).secrets[1].listed_expires_at);
  live(2min - 1s);
  CHECK(world.http->sent == 2);
  live(1s);
  answer_directory_token();
  answer_token(200, listing("sec", in_twenty_days));
  CHECK(shown(aut).secrets[1].listed_expires_at);
  live(1h);
  CHECK(world.http->sent == 4);
}

TEST_CASE_METHOD(fixture, "whoever asks is answered by the look that is under way", "[provider]") {
  // By itself this one does not ask.
  auto aut = start();
  live(days{2});
  CHECK(world.http->sent == 0);
  auto first = ask(aut, look_for_expiry{some_provider});
  auto second = ask(aut, look_for_expiry{some_provider});
  answer_directory_token();
  answer_token(200, listing("can", in_twenty_days));
  CHECK(answer<provider_view>(first).secrets.front().listed_expires_at);
  CHECK(answer<provider_view>(second).secrets.front().listed_expires_at);
  auto third = ask(aut, look_for_expiry{some_provider});
  answer_directory_token();
  answer_token(403, forbidden);
  auto refused = refusal<provider_view>(third);
  CHECK(refused.code == errc::consent_required);
  CHECK(refused.detail.find("Application.Read.All") != std::string::npos);
  // What was read stays.
  CHECK(shown(aut).secrets.front().listed_expires_at);
}

TEST_CASE_METHOD(fixture, "what was listed is written again when the record changed beside it",
                 "[provider]") {
  auto aut = start();
  auto asked = ask(aut, look_for_expiry{some_provider});
  answer_directory_token();
  auto kept = key_of(a_provider());
  auto before = world.log->records.at(kept);
  auto meanwhile = a_provider();
  ++meanwhile.header.version;
  world.log->records.insert_or_assign(kept, meanwhile);
  answer_token(200, listing("can", in_twenty_days));
  world.log->records.insert_or_assign(kept, before);
  live(1s);
  CHECK(answer<provider_view>(asked).secrets.front().listed_expires_at);
  CHECK_FALSE(shown(aut).last_expiry_look->trouble);
  CHECK(world.http->sent == 2);
}

TEST_CASE_METHOD(fixture, "a record that goes on changing ends the look", "[provider]") {
  auto aut = start();
  auto asked = ask(aut, look_for_expiry{some_provider});
  answer_directory_token();
  auto meanwhile = a_provider();
  ++meanwhile.header.version;
  world.log->records.insert_or_assign(key_of(meanwhile), meanwhile);
  answer_token(200, listing("can", in_twenty_days));
  live(1s);
  live(1s);
  refusal<provider_view>(asked);
  CHECK(shown(aut).last_expiry_look->trouble->code == "secret.expiry_unread");
}

TEST_CASE_METHOD(fixture, "where there is no directory nobody is asked", "[provider]") {
  auto who = a_reader();
  who.tenant_id = "common";
  auto aut = start(who);
  live(days{1});
  CHECK(world.http->sent == 0);
  CHECK_FALSE(shown(aut).last_expiry_look);
  auto asked = ask(aut, look_for_expiry{some_provider});
  CHECK(refusal<provider_view>(asked).detail.find("tenant_id") == 0);
}

TEST_CASE_METHOD(fixture, "a certificate's end is read by its digest", "[provider]") {
  auto who = a_provider();
  who.auth = client_auth::private_key_jwt;
  auto certificate = make_certificate(rsa_key(), world.clock->time + days{300});
  who.secrets.front().value = secret{pem_of(rsa_key()) + pem_of(*certificate)};
  auto loaded = oauth2::load_pem_certificate(who.secrets.front().value);
  auto aut = start(who);
  auto asked = ask(aut, look_for_expiry{some_provider});
  answer_directory_token();
  auto print = oauth2::base64url(loaded->sha1);
  std::ranges::replace(print, '-', '+');
  std::ranges::replace(print, '_', '/');
  nlohmann::json entry{{"customKeyIdentifier", print + "="}, {"endDateTime", in_twenty_days}};
  auto document = nlohmann::json::object();
  document["passwordCredentials"] = nlohmann::json::array();
  document["keyCredentials"] = nlohmann::json::array();
  document["keyCredentials"].push_back(std::move(entry));
  answer_token(200, document.dump());
  CHECK(answer<provider_view>(asked).secrets.front().expires_at
        == wall_time{1'700'000'000s} + days{20});
}

TEST_CASE_METHOD(fixture, "no token of the directory is kept or logged", "[provider]") {
  auto aut = start();
  auto asked = ask(aut, look_for_expiry{some_provider});
  answer_directory_token();
  answer_token(200, listing("can", in_twenty_days));
  answer<provider_view>(asked);
  CHECK(lines_with("canary") == 0);
  CHECK_FALSE(world.log->get<grant_record>(grant_key(some_provider)));
}
