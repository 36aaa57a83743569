#include "jobs/outbox_limits.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <random>
#include <vector>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace std::chrono_literals;

namespace {

const wall_time start{1'000'000s};

} // namespace

TEST_CASE("Microsoft and Google have limits of their own", "[outbox_limits]") {
  auto microsoft = limits_of_service("microsoft");
  CHECK(microsoft.connections == 3);
  CHECK(microsoft.messages_per_minute == 30);
  CHECK(microsoft.recipients_per_day == 10'000);
  CHECK(limits_of_service("microsoft-china") == microsoft);
  CHECK(limits_of_service("google").messages_per_day == 2'000);
  CHECK(limits_of_service("google").recipients_per_message == 100);
  CHECK(limits_of_service("generic").messages_per_minute == 0);
}

TEST_CASE("thirty messages go at once, and the next a minute later", "[outbox_limits]") {
  auto limits = limits_of_service("microsoft");
  sending_usage usage;
  for (int count = 0; count < 30; ++count) {
    CHECK(usage.may_begin(limits, 1, start) == start);
    usage.take(1, start);
  }
  CHECK(usage.may_begin(limits, 1, start) == start + 61s);
  CHECK(usage.may_begin(limits, 1, start + 61s) == start + 61s);
}

TEST_CASE("a day's recipients are used up by many or by few", "[outbox_limits]") {
  auto limits = limits_of_service("microsoft");
  limits.messages_per_minute = 0;
  sending_usage usage;
  usage.take(9'999, start);
  CHECK(usage.may_begin(limits, 1, start) == start);
  CHECK(usage.may_begin(limits, 2, start) == start + 24h + usage_slot);
  // One beyond every day's limit waits until nothing else counts, not for ever.
  CHECK(usage.may_begin(limits, 20'000, start) == start + 24h + usage_slot);
  CHECK(sending_usage{}.may_begin(limits, 20'000, start) == start);
}

TEST_CASE("what was sent before a restart counts", "[outbox_limits]") {
  auto limits = limits_of_service("google");
  sending_usage before;
  for (int count = 0; count < 2'000; ++count)
    before.take(1, start);
  sending_usage after{before.day()};
  CHECK(after.may_begin(limits, 1, start + 1h) == start + 24h + usage_slot);
}

TEST_CASE("a clock that is set back does not stall a mailbox", "[outbox_limits]") {
  auto limits = limits_of_service("microsoft");
  limits.messages_per_day = 60;
  sending_usage usage;
  for (int count = 0; count < 60; ++count)
    usage.take(1, start + 48h);
  CHECK(usage.may_begin(limits, 1, start + 48h) > start + 72h);
  CHECK(usage.may_begin(limits, 1, start) == start);
  for (int count = 0; count < 30; ++count) {
    REQUIRE(usage.may_begin(limits, 1, start) == start);
    usage.take(1, start);
  }
  // From there on the limits are kept as ever.
  CHECK(usage.may_begin(limits, 1, start) == start + 61s);
  CHECK(usage.day() == std::deque<sending_usage::slot>{{start, 30, 30}});
}

TEST_CASE("a clock that is set back by moments forgets nothing", "[outbox_limits]") {
  auto limits = limits_of_service("microsoft");
  limits.recipients_per_day = 31;
  sending_usage usage;
  for (int count = 0; count < 29; ++count)
    usage.take(1, start);
  CHECK(usage.may_begin(limits, 1, start - 5s) == start - 5s);
  usage.take(1, start - 5s);
  CHECK(usage.may_begin(limits, 1, start - 5s) == start + 61s);
  CHECK(usage.may_begin(limits, 2, start - 5s) == start + 24h + usage_slot);
  CHECK(usage.day().size() == 1);
}

TEST_CASE("no window sees more than the limits, wherever it begins", "[outbox_limits]") {
  sending_limits limits;
  limits.messages_per_minute = 5;
  limits.messages_per_day = 300;
  limits.recipients_per_day = 700;
  std::mt19937 random{5};
  sending_usage usage;
  std::vector<std::pair<wall_time, std::uint32_t>> sent;
  for (auto now = start; now < start + 80h;) {
    auto recipients = static_cast<std::uint32_t>(random() % 5 + 1);
    auto at = usage.may_begin(limits, recipients, now);
    if (at > now) {
      now = at;
      continue;
    }
    usage.take(recipients, now);
    sent.emplace_back(now, recipients);
    now += std::chrono::seconds{random() % 40};
  }
  CHECK(sent.size() > 500);
  CHECK(usage.day().size() <= 24 * 6 + 2);
  for (std::size_t first = 0; first < sent.size(); ++first) {
    std::uint32_t minute = 0;
    std::uint32_t day = 0;
    std::uint32_t recipients = 0;
    for (auto at = first; at < sent.size() && sent[at].first < sent[first].first + 24h; ++at) {
      minute += sent[at].first < sent[first].first + 60s ? 1u : 0u;
      ++day;
      recipients += sent[at].second;
    }
    REQUIRE(minute <= 5);
    REQUIRE(day <= 300);
    REQUIRE(recipients <= 700);
  }
}
