#include "jobs/token_lifecycle.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;

namespace {

const wall_time now{1'800'000'000s};

grant_record grant() {
  grant_record record;
  record.header.version = 7;
  record.refresh_token = secret{"r1"};
  record.previous_refresh_token = secret{"r0"};
  record.access_token = secret{"a1"};
  record.access_granted_at = now - 3'600s;
  record.access_expires_at = now;
  record.refresh_at = now - 1'800s;
  record.scope = "mail";
  return record;
}

token_answer answer(std::string refresh_token = {}) {
  token_answer it;
  it.access_token = secret{"a2"};
  it.refresh_token = secret{std::move(refresh_token)};
  it.expires_in = 1'000s;
  return it;
}

} // namespace

TEST_CASE("a token is usable until its margin", "[token_lifecycle]") {
  auto it = grant();
  it.access_expires_at = now + token_margin + 1s;
  CHECK(is_usable(it, now));
  it.access_expires_at = now + token_margin;
  CHECK_FALSE(is_usable(it, now));
  it.access_expires_at = now + 1h;
  it.access_token = {};
  CHECK_FALSE(is_usable(it, now));
  CHECK_FALSE(is_usable(grant_record{}, now));
}

TEST_CASE("a short-lived token has a margin of a quarter of its life", "[token_lifecycle]") {
  auto it = grant();
  it.access_granted_at = now;
  it.access_expires_at = now + 20s;
  CHECK(is_usable(it, now));
  CHECK(is_usable(it, now + 14s));
  CHECK_FALSE(is_usable(it, now + 15s));
}

TEST_CASE("a stored token that is still valid is used again after a restart", "[token_lifecycle]") {
  auto fresh = apply_answer(grant(), answer(), refresh_with::current, now, 0);
  auto read_back = fresh;
  CHECK(is_usable(read_back, now + 900s));
  CHECK(next_refresh(read_back, true) == now + 500s);
}

TEST_CASE("a refresh is due between half and four fifths of the life", "[token_lifecycle]") {
  auto at = [](double fraction) {
    return apply_answer(grant(), answer(), refresh_with::current, now, fraction).refresh_at - now;
  };
  CHECK(at(0) == 500s);
  CHECK(at(0.5) == 650s);
  CHECK(at(0.9999) <= 800s);
  CHECK(at(0.9999) >= 799s);
}

TEST_CASE("the server's own refresh time counts while it lies within the life",
          "[token_lifecycle]") {
  auto at = [](std::chrono::seconds refresh_in) {
    auto it = answer();
    it.refresh_in = refresh_in;
    return apply_answer(grant(), it, refresh_with::current, now, 0).refresh_at - now;
  };
  CHECK(at(999s) == 999s);
  CHECK(at(1s) == 1s);
  CHECK(at(1'000s) == 500s);
}

TEST_CASE("a life that is not said is taken for a short one", "[token_lifecycle]") {
  auto it = answer();
  it.expires_in.reset();
  auto next = apply_answer(grant(), it, refresh_with::current, now, 0);
  CHECK(next.access_expires_at == now + assumed_token_life);
}

TEST_CASE("a token of one second is not refreshed without a pause", "[token_lifecycle]") {
  auto it = answer();
  it.expires_in = 1s;
  CHECK(apply_answer(grant(), it, refresh_with::current, now, 0).refresh_at == now + 1s);
}

TEST_CASE("rotation keeps the token that was used until its successor has worked",
          "[token_lifecycle]") {
  auto next = apply_answer(grant(), answer("r2"), refresh_with::current, now, 0);
  CHECK(next.refresh_token == secret{"r2"});
  CHECK(next.previous_refresh_token == secret{"r1"});
  CHECK(next.access_token == secret{"a2"});
  CHECK(next.access_granted_at == now);
  CHECK(next.access_expires_at == now + 1'000s);
  CHECK(next.header.version == 8);
  auto after = apply_answer(next, answer("r3"), refresh_with::current, now, 0);
  CHECK(after.refresh_token == secret{"r3"});
  CHECK(after.previous_refresh_token == secret{"r2"});
}

TEST_CASE("an answer without a refresh token keeps the one that worked", "[token_lifecycle]") {
  for (const auto* same : {"", "r1"}) {
    auto next = apply_answer(grant(), answer(same), refresh_with::current, now, 0);
    CHECK(next.refresh_token == secret{"r1"});
    CHECK(next.previous_refresh_token.empty());
  }
}

TEST_CASE("the previous token is tried once when the current one is refused", "[token_lifecycle]") {
  auto it = grant();
  CHECK(fall_back(it, refresh_with::current) == refresh_with::previous);
  CHECK(fall_back(it, refresh_with::previous) == std::nullopt);
  CHECK(refresh_token_of(it, refresh_with::current) == secret{"r1"});
  CHECK(refresh_token_of(it, refresh_with::previous) == secret{"r0"});
  it.previous_refresh_token = {};
  CHECK(fall_back(it, refresh_with::current) == std::nullopt);
}

TEST_CASE("a previous token that worked takes the refused one's place", "[token_lifecycle]") {
  auto kept = apply_answer(grant(), answer(), refresh_with::previous, now, 0);
  CHECK(kept.refresh_token == secret{"r0"});
  CHECK(kept.previous_refresh_token.empty());
  auto rotated = apply_answer(grant(), answer("r2"), refresh_with::previous, now, 0);
  CHECK(rotated.refresh_token == secret{"r2"});
  CHECK(rotated.previous_refresh_token == secret{"r0"});
}

TEST_CASE("a scope that is not repeated stays", "[token_lifecycle]") {
  CHECK(apply_answer(grant(), answer(), refresh_with::current, now, 0).scope == "mail");
  auto it = answer();
  it.scope = "less";
  CHECK(apply_answer(grant(), it, refresh_with::current, now, 0).scope == "less");
}

TEST_CASE("an idle mailbox is refreshed weekly, one in use ahead of need", "[token_lifecycle]") {
  auto it = grant();
  CHECK(next_refresh(it, true) == it.refresh_at);
  CHECK(next_refresh(it, false) == it.access_granted_at + keep_alive_interval);
  it.refresh_token = {};
  CHECK(next_refresh(it, true) == std::nullopt);
  CHECK(next_refresh(park(grant(), "token.revoked", now), true) == std::nullopt);
}

TEST_CASE("a grant that has only a refresh token wants its first refresh at once",
          "[token_lifecycle]") {
  grant_record imported;
  imported.refresh_token = secret{"r"};
  CHECK(*next_refresh(imported, true) <= now);
  CHECK(*next_refresh(imported, false) <= now);
}

TEST_CASE("a sign-in leaves nothing of the one before", "[token_lifecycle]") {
  auto parked = park(grant(), "token.revoked", now - 1h);
  auto next = apply_sign_in(parked, answer("n1"), "sub", "box@example.com", now, 0);
  CHECK(next.refresh_token == secret{"n1"});
  CHECK(next.previous_refresh_token.empty());
  CHECK(next.scope.empty());
  CHECK(next.subject == "sub");
  CHECK(next.account == "box@example.com");
  CHECK(next.parked_reason.empty());
  CHECK(next.parked_at == wall_time{});
  CHECK(next.header.version == parked.header.version + 1);
  CHECK_FALSE(can_refresh(apply_sign_in(grant(), answer(), "s", "a", now, 0)));
}

TEST_CASE("a mail server's refusal drops that token and no newer one", "[token_lifecycle]") {
  auto it = grant();
  CHECK(apply_mail_refusal(it, it.access_granted_at).access_token.empty());
  CHECK(apply_mail_refusal(it, it.access_granted_at - 1s) == it);
  CHECK(apply_mail_refusal(it, wall_time{}) == it);
  CHECK(apply_mail_refusal(it, it.access_granted_at).header.version == it.header.version);
}

TEST_CASE("a parked grant keeps its tokens and its first time", "[token_lifecycle]") {
  auto parked = park(grant(), "token.revoked", now);
  CHECK(parked.parked_reason == "token.revoked");
  CHECK(parked.parked_at == now);
  CHECK(parked.refresh_token == secret{"r1"});
  CHECK(parked.header.version == 8);
  CHECK(park(parked, "token.revoked", now + 1h) == parked);
  auto other = park(parked, "token.mfa_required", now + 1h);
  CHECK(other.parked_at == now);
  CHECK(other.parked_reason == "token.mfa_required");
  CHECK(other.header.version == 9);
}

TEST_CASE("a parked grant is tried hourly for a day, then daily", "[token_lifecycle]") {
  auto parked = park(grant(), "token.revoked", now);
  CHECK(next_parked_try(parked, now) == now + 1h);
  CHECK(next_parked_try(parked, now + 1h - 1s) == now + 1h);
  CHECK(next_parked_try(parked, now + 1h) == now + 2h);
  CHECK(next_parked_try(parked, now + 24h - 1s) == now + 24h);
  CHECK(next_parked_try(parked, now + 24h) == now + 48h);
  CHECK(next_parked_try(parked, now + 71h) == now + 72h);
  CHECK(next_parked_try(parked, now - 1h) == now + 1h);
}

TEST_CASE("a good answer ends the parking", "[token_lifecycle]") {
  auto next =
      apply_answer(park(grant(), "token.revoked", now), answer(), refresh_with::current, now, 0);
  CHECK(next.parked_reason.empty());
  CHECK(next_refresh(next, true) == now + 500s);
}
