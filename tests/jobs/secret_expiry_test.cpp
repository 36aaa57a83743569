#include "jobs/client_secrets.hpp"
#include "jobs/diagnosis.hpp"
#include "jobs/limits.hpp"
#include "jobs/secret_expiry.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

const wall_time now{1'800'000'000s};

client_secret one(std::uint32_t number, std::string value,
                  std::optional<wall_time> expires_at = std::nullopt) {
  return {number, secret{std::move(value)}, expires_at, now - 100h};
}

provider_record provider(std::vector<client_secret> secrets) {
  provider_record record;
  record.service = "microsoft";
  record.tenant_id = "contoso.example";
  record.secrets = std::move(secrets);
  return record;
}

app_credential listed_secret_of(std::string hint, wall_time ends_at) {
  return {app_credential::kind::secret, std::move(hint), {}, ends_at};
}

app_credential listed_certificate(std::string print, wall_time ends_at) {
  return {app_credential::kind::certificate, {}, std::move(print), ends_at};
}

std::vector<listed_secret> found_in(const provider_record& who,
                                    std::vector<app_credential> listing) {
  return find_listed(who, {}, listing);
}

} // namespace

TEST_CASE("a secret is found by its first three characters", "[secret_expiry]") {
  auto who = provider({one(1, "18Q~one"), one(2, "28Q~two"), one(3, "38Q~three")});
  auto found =
      found_in(who, {listed_secret_of("28Q", now + days{2}), listed_secret_of("18Q", now + days{1}),
                     listed_certificate("38Q", now + days{9})});
  REQUIRE(found.size() == 3);
  CHECK(found[0] == listed_secret{1, listed::once, now + days{1}});
  CHECK(found[1] == listed_secret{2, listed::once, now + days{2}});
  CHECK(found[2] == listed_secret{3, listed::never, std::nullopt});
}

TEST_CASE("what more than one entry may be is not taken", "[secret_expiry]") {
  auto who = provider({one(1, "18Q~one")});
  auto found = found_in(
      who, {listed_secret_of("18Q", now + days{1}), listed_secret_of("18Q", now + days{2})});
  CHECK(found.front() == listed_secret{1, listed::several, std::nullopt});
}

TEST_CASE("an entry that more than one of ours may be is not taken", "[secret_expiry]") {
  auto alike = provider({one(1, "18Q~one"), one(2, "18Q~two")});
  for (const auto& here : found_in(alike, {listed_secret_of("18Q", now + days{1})}))
    CHECK(here.how == listed::several);
  // The same secret given twice is one.
  auto same = provider({one(1, "18Q~one"), one(2, "18Q~one")});
  for (const auto& here : found_in(same, {listed_secret_of("18Q", now + days{1})}))
    CHECK(here.ends_at == now + days{1});
}

TEST_CASE("a hint of another length names nobody", "[secret_expiry]") {
  auto who = provider({one(1, "18Q~one")});
  for (const auto* hint : {"", "1", "18", "18Q~"})
    CHECK(found_in(who, {listed_secret_of(hint, now)}).front().how == listed::never);
}

TEST_CASE("a certificate is found by one of its digests", "[secret_expiry]") {
  auto who = provider({one(1, "PEM"), one(2, "PEM too")});
  who.auth = client_auth::private_key_jwt;
  certificate_prints prints{{1, {"sha1-a", "sha256-a"}}, {2, {}}};
  std::vector listing{listed_secret_of("PEM", now), listed_certificate("sha256-a", now + days{3}),
                      listed_certificate("", now + days{4})};
  auto found = find_listed(who, prints, listing);
  CHECK(found[0] == listed_secret{1, listed::once, now + days{3}});
  CHECK(found[1].how == listed::never);
}

TEST_CASE("the earlier of the given and the listed end counts", "[secret_expiry]") {
  auto held = one(1, "18Q~one");
  CHECK(end_of(held) == std::nullopt);
  held.listed_expires_at = now + days{5};
  CHECK(end_of(held) == now + days{5});
  held.expires_at = now + days{3};
  CHECK(end_of(held) == now + days{3});
  held.expires_at = now + days{9};
  CHECK(end_of(held) == now + days{5});
  CHECK(is_expired(held, now + days{5}));
  CHECK(next_secret_change(std::vector{held}, now + days{4} + 1h) == now + days{5});
}

TEST_CASE("a listed end is kept with the record, and warnings begin anew", "[secret_expiry]") {
  auto who = provider({one(1, "18Q~one", now + days{400})});
  who.secrets.front().warned_days = 60;
  auto version = who.header.version;
  auto next = with_listed(who, std::vector{listed_secret{1, listed::once, now + days{20}}});
  REQUIRE(next);
  CHECK(next->header.version == version + 1);
  CHECK(next->secrets.front().expires_at == now + days{400});
  CHECK(next->secrets.front().listed_expires_at == now + days{20});
  CHECK_FALSE(next->secrets.front().warned_days);
  // The same again changes nothing, nor does an end that is not told any more.
  CHECK_FALSE(with_listed(*next, std::vector{listed_secret{1, listed::once, now + days{20}}}));
  CHECK_FALSE(with_listed(*next, std::vector{listed_secret{1, listed::several, std::nullopt}}));
  // A later listed end than the given one is no new end.
  next->secrets.front().expires_at = now + days{10};
  next->secrets.front().warned_days = 14;
  auto later = with_listed(*next, std::vector{listed_secret{1, listed::once, now + days{30}}});
  CHECK(later->secrets.front().warned_days == 14);
}

TEST_CASE("a typed day and the moment that is listed may be the same", "[secret_expiry]") {
  auto held = one(1, "18Q~one", now);
  CHECK_FALSE(expiries_differ(held));
  held.listed_expires_at = now + same_expiry_most_apart;
  CHECK_FALSE(expiries_differ(held));
  held.listed_expires_at = now + same_expiry_most_apart + 1s;
  CHECK(expiries_differ(held));
  held.listed_expires_at = now - same_expiry_most_apart - 1s;
  CHECK(expiries_differ(held));
}

TEST_CASE("the directory can be asked for an app with a credential and a tenant",
          "[secret_expiry]") {
  auto who = provider({one(1, "18Q~one")});
  auto obstacle = [](const provider_record& of) {
    auto why = expiry_obstacle(of, *resolve(of));
    return why ? why->detail : std::string{};
  };
  CHECK(obstacle(who).empty());
  who.tenant_id = "organizations";
  CHECK(obstacle(who).empty());
  for (const auto* tenant : {"common", "consumers"}) {
    who.tenant_id = tenant;
    CHECK(obstacle(who).find("tenant_id") == 0);
  }
  who.tenant_id = "contoso.example";
  who.auth = client_auth::none;
  CHECK(obstacle(who).find("auth") == 0);
  who.auth = client_auth::secret_post;
  // What discovery has not named is nobody.
  who.discovery_url = "https://id.example/.well-known/openid-configuration";
  CHECK(obstacle(who).find("service") == 0);
  who.discovery_url.clear();
  who.service = "google";
  CHECK(obstacle(who).find("service") == 0);
}

TEST_CASE("what the directory's answer means", "[secret_expiry]") {
  auto forbidden = directory_refusal(403, "Authorization_RequestDenied", {});
  CHECK(forbidden.diagnosis == "secret.expiry_not_permitted");
  CHECK(forbidden.needs_person);
  auto told = as_failure(forbidden, "office");
  CHECK(told.code == errc::consent_required);
  CHECK(told.detail.find("Authorization_RequestDenied") != std::string::npos);
  CHECK(told.detail.find("secret add office --expires") != std::string::npos);
  CHECK(directory_refusal(404, "", {}).diagnosis == "secret.app_not_listed");
  auto busy = directory_refusal(429, "", 30s);
  CHECK(busy.diagnosis == "secret.expiry_unread");
  CHECK(busy.retry_after == 30s);
  for (int status : {400, 401, 500, 503}) {
    CHECK(directory_refusal(status, "", {}).diagnosis == "secret.expiry_unread");
    CHECK_FALSE(directory_refusal(status, "", {}).needs_person);
  }
  CHECK(no_listing({errc::dns_failed, "no such host"}).diagnosis == "secret.expiry_unread");
  token_fault unknown_app;
  unknown_app.code = errc::provider_misconfigured;
  CHECK(no_directory_token(unknown_app).diagnosis == "secret.expiry_not_permitted");
  token_fault outage;
  CHECK(no_directory_token(outage).diagnosis == "secret.expiry_unread");
  for (const auto* code : {"secret.expiry_not_permitted", "secret.app_not_listed",
                           "secret.expiry_unread", "secret.expiry_differs"})
    CHECK(find_diagnosis(code));
}

TEST_CASE("the directory is asked daily, weekly after a refusal, sooner after trouble",
          "[secret_expiry]") {
  CHECK(expiry_wait(std::nullopt, 0, 0.5) == 24h);
  CHECK(expiry_wait(std::nullopt, 0, 0) == 21h + 36min);
  auto forbidden = directory_refusal(403, "", {});
  CHECK(expiry_wait(forbidden, 1, 0.5) == 7 * 24h);
  CHECK(expiry_wait(forbidden, 9, 0.5) == 7 * 24h);
  auto trouble = directory_refusal(500, "", {});
  CHECK(expiry_wait(trouble, 1, 0) == 1h);
  CHECK(expiry_wait(trouble, 2, 0) == 2h);
  CHECK(expiry_wait(trouble, 5, 0) == 16h);
  CHECK(expiry_wait(trouble, 6, 0) == 24h);
  CHECK(expiry_wait(trouble, 4'000'000, 0) == 24h);
  CHECK(expiry_wait(directory_refusal(429, "", 3h), 1, 0) == 3h);
  CHECK(first_expiry_wait(0) == 2min);
  CHECK(first_expiry_wait(1) == 10min);
}
