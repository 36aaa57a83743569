#include "jobs/client_secrets.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using std::chrono::days;
using namespace std::chrono_literals;

namespace {

const wall_time now{1'800'000'000s};
const std::set<std::uint32_t> none_refused;

client_secret one(std::uint32_t number, std::optional<wall_time> expires_at,
                  wall_time added_at = now - 100h) {
  return {number, secret{"s"}, expires_at, added_at};
}

provider_record provider(std::vector<client_secret> secrets) {
  provider_record record;
  record.secrets = std::move(secrets);
  return record;
}

} // namespace

TEST_CASE("a secret is good until the second it expires", "[client_secrets]") {
  CHECK_FALSE(is_expired(one(1, now + 1s), now));
  CHECK(is_expired(one(1, now), now));
  CHECK_FALSE(is_expired(one(1, std::nullopt), now));
}

TEST_CASE("the newest good secret is used", "[client_secrets]") {
  std::vector secrets{one(1, std::nullopt, now - 3h), one(2, now + 1h, now - 1h),
                      one(3, std::nullopt, now - 2h)};
  CHECK(choose_secret(secrets, none_refused, now)->number == 2);
  CHECK(choose_secret(secrets, {2}, now)->number == 3);
  CHECK(choose_secret(secrets, none_refused, now + 1h)->number == 3);
  CHECK(choose_secret(secrets, {2, 3}, now)->number == 1);
  CHECK(choose_secret(secrets, {1, 2, 3}, now) == nullptr);
  CHECK(choose_secret({}, none_refused, now) == nullptr);
}

TEST_CASE("of secrets added together the last one is used", "[client_secrets]") {
  std::vector secrets{one(2, std::nullopt), one(1, std::nullopt)};
  CHECK(choose_secret(secrets, none_refused, now)->number == 2);
}

TEST_CASE("the last expiry is that of the longest-living good secret", "[client_secrets]") {
  std::vector secrets{one(1, now + 5h), one(2, now + 9h), one(3, now - 1h)};
  CHECK(last_expiry(secrets, none_refused, now) == now + 9h);
  CHECK(last_expiry(secrets, {2}, now) == now + 5h);
  CHECK(last_expiry(secrets, {1, 2}, now) == std::nullopt);
  secrets.push_back(one(4, std::nullopt));
  CHECK(last_expiry(secrets, none_refused, now) == std::nullopt);
  CHECK(last_expiry(secrets, {4}, now) == now + 9h);
}

TEST_CASE("a warning begins at each step and ends at the expiry", "[client_secrets]") {
  auto at = now + days{100};
  CHECK(expiry_warning(at, at - days{60} - 1s) == std::nullopt);
  CHECK(expiry_warning(at, at - days{60}) == 60);
  CHECK(expiry_warning(at, at - days{30} - 1s) == 60);
  CHECK(expiry_warning(at, at - days{30}) == 30);
  CHECK(expiry_warning(at, at - days{14} - 1s) == 30);
  CHECK(expiry_warning(at, at - days{14}) == 14);
  CHECK(expiry_warning(at, at - days{7} - 1s) == 14);
  CHECK(expiry_warning(at, at - days{7}) == 7);
  CHECK(expiry_warning(at, at - days{1} - 1s) == 7);
  CHECK(expiry_warning(at, at - days{1}) == 1);
  CHECK(expiry_warning(at, at - 1s) == 1);
  CHECK(expiry_warning(at, at) == std::nullopt);
}

TEST_CASE("a provider's state follows from its secrets", "[client_secrets]") {
  auto state = [](std::vector<client_secret> secrets, std::set<std::uint32_t> refused = {}) {
    return secrets_state(provider(std::move(secrets)), refused, now);
  };
  CHECK(state({one(1, std::nullopt)}) == provider_state::ready);
  CHECK(state({one(1, now + days{60} + 1s)}) == provider_state::ready);
  CHECK(state({one(1, now + days{60})}) == provider_state::secret_expiring);
  CHECK(state({one(1, now + 1h), one(2, now + days{90})}) == provider_state::ready);
  CHECK(state({one(1, now + 1h), one(2, now + days{90})}, {2}) == provider_state::secret_expiring);
  CHECK(state({one(1, now)}) == provider_state::secret_expired);
  CHECK(state({one(1, now)}, {1}) == provider_state::secret_expired);
  CHECK(state({one(1, now + days{90})}, {1}) == provider_state::misconfigured);
  CHECK(state({}) == provider_state::misconfigured);
}

TEST_CASE("a public client needs no secret", "[client_secrets]") {
  auto record = provider({});
  record.auth = client_auth::none;
  CHECK(secrets_state(record, none_refused, now) == provider_state::ready);
}

TEST_CASE("the next change is the next warning or expiry of any secret", "[client_secrets]") {
  CHECK(next_secret_change(std::vector{one(1, std::nullopt)}, now) == std::nullopt);
  CHECK(next_secret_change(std::vector{one(1, now)}, now) == std::nullopt);
  CHECK(next_secret_change(std::vector{one(1, now + 1s)}, now) == now + 1s);
  std::vector secrets{one(1, now + days{10}), one(2, now + days{15})};
  CHECK(next_secret_change(secrets, now) == now + days{1});
  CHECK(next_secret_change(secrets, now + days{1}) == now + days{3});
}

TEST_CASE("the number of a retired secret is not given again", "[client_secrets]") {
  auto first = with_secret(provider({one(1, std::nullopt)}), one(0, std::nullopt));
  REQUIRE(first);
  CHECK(first->secrets.back().number == 2);
  auto retired = without_secret(*first, 2, secret_views(*first, {{2, now}}, now));
  REQUIRE(retired);
  auto second = with_secret(*retired, one(0, std::nullopt));
  REQUIRE(second);
  CHECK(second->secrets.back().number == 3);
}

TEST_CASE("a record that holds no last number remembers the one that is retired",
          "[client_secrets]") {
  auto had = provider({one(1, std::nullopt), one(7, std::nullopt)});
  auto retired = without_secret(had, 7, secret_views(had, {{7, now}}, now));
  REQUIRE(retired);
  CHECK(with_secret(*retired, one(0, std::nullopt))->secrets.back().number == 8);
}

TEST_CASE("a refused secret is shown with the time of its refusal", "[client_secrets]") {
  auto who = provider({one(1, now + days{90}), one(2, now), one(3, std::nullopt)});
  secret_refusals refused{{1, now - 1h}, {2, now - 2h}};
  auto views = secret_views(who, refused, now);
  REQUIRE(views.size() == 3);
  CHECK(views[0].state == secret_state::refused);
  CHECK(views[0].refused_at == now - 1h);
  CHECK(views[1].state == secret_state::expired);
  CHECK(views[1].refused_at == now - 2h);
  CHECK_FALSE(views[2].refused_at);
  CHECK(refused_of(views) == refused);
  CHECK(numbers_of(refused) == std::set<std::uint32_t>{1, 2});
}
