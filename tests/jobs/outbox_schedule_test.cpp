#include "jobs/outbox_schedule.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace std::chrono_literals;

namespace {

const wall_time start{1'000'000s};
const entity_id ann{1};
const entity_id bob{2};
const entity_id eve{3};

waiting_mail mail(std::uint64_t number, entity_id mailbox, wall_time due = start,
                  send_priority priority = send_priority::interactive) {
  return {number, mailbox, due, priority, 1};
}

/// The numbers that may go now, in their order; none of them ends.
std::vector<std::uint64_t> all_now(outbox_schedule& from, wall_time now) {
  std::vector<std::uint64_t> numbers;
  while (auto one = from.next(now))
    numbers.push_back(one->number);
  return numbers;
}

using numbers = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("each mailbox has its turn", "[outbox_schedule]") {
  outbox_schedule outbox;
  for (std::uint64_t number = 1; number <= 4; ++number)
    outbox.add(mail(number, ann), start);
  outbox.add(mail(10, bob), start);
  outbox.add(mail(20, eve), start);
  // Three connections each.
  CHECK(all_now(outbox, start) == numbers{1, 10, 20, 2, 3});
  CHECK(outbox.under_way() == 5);
  CHECK_FALSE(outbox.look_again(start));
  outbox.ended(ann, start);
  CHECK(all_now(outbox, start) == numbers{4});
  CHECK(outbox.waiting() == 0);
}

TEST_CASE("interactive mail goes before bulk, in a mailbox and among them", "[outbox_schedule]") {
  outbox_schedule outbox{2};
  outbox.add(mail(1, ann, start - 1h, send_priority::bulk), start);
  outbox.add(mail(2, ann, start, send_priority::interactive), start);
  outbox.add(mail(3, bob, start - 1h, send_priority::bulk), start);
  outbox.add(mail(4, bob, start, send_priority::interactive), start);
  CHECK(all_now(outbox, start) == numbers{2, 4});
  outbox.ended(bob, start);
  CHECK(all_now(outbox, start) == numbers{1});
}

TEST_CASE("a scheduled mail waits for its time, and bulk does not wait for it",
          "[outbox_schedule]") {
  outbox_schedule outbox;
  outbox.add(mail(1, ann, start + 1h), start);
  CHECK_FALSE(outbox.next(start));
  CHECK(outbox.look_again(start) == start + 1h);
  outbox.add(mail(2, ann, start + 5s, send_priority::bulk), start);
  CHECK(outbox.look_again(start) == start + 5s);
  CHECK(all_now(outbox, start + 5s) == numbers{2});
  CHECK(all_now(outbox, start + 1h) == numbers{1});
}

TEST_CASE("a mailbox at its limit is looked at again in time", "[outbox_schedule]") {
  outbox_schedule outbox;
  auto limits = limits_of_service("microsoft");
  limits.connections = 100;
  outbox.set_limits(ann, limits, start);
  for (std::uint64_t number = 1; number <= 31; ++number)
    outbox.add(mail(number, ann), start);
  CHECK(all_now(outbox, start).size() == 30);
  CHECK(outbox.look_again(start) == start + 61s);
  CHECK(all_now(outbox, start + 61s) == numbers{31});
}

TEST_CASE("a mailbox on hold sends nothing and holds up nobody", "[outbox_schedule]") {
  outbox_schedule outbox;
  outbox.add(mail(1, ann), start);
  outbox.add(mail(2, bob), start);
  outbox.hold(ann, start + 5min, start);
  outbox.hold(bob, std::nullopt, start);
  CHECK_FALSE(outbox.next(start));
  CHECK(outbox.look_again(start) == start + 5min);
  CHECK(all_now(outbox, start + 5min) == numbers{1});
  CHECK_FALSE(outbox.look_again(start + 5min));
  outbox.resume(bob, start + 6min);
  CHECK(all_now(outbox, start + 6min) == numbers{2});
}

TEST_CASE("a mail that is cancelled or put off leaves its place", "[outbox_schedule]") {
  outbox_schedule outbox;
  outbox.add(mail(1, ann), start);
  outbox.add(mail(2, ann), start);
  outbox.remove(1, start);
  outbox.remove(7, start);
  CHECK(outbox.waiting() == 1);
  outbox.add(mail(2, ann, start + 1min), start);
  CHECK_FALSE(outbox.next(start));
  CHECK(all_now(outbox, start + 1min) == numbers{2});
}

TEST_CASE("no mail is lost or goes twice, and no limit is passed, whatever happens",
          "[outbox_schedule]") {
  std::mt19937 random{3};
  outbox_schedule outbox{7};
  std::map<std::uint64_t, int> begun;
  std::map<std::uint64_t, entity_id> under_way;
  std::uint64_t added = 0;
  auto now = start;
  for (int step = 0; step < 20'000; ++step) {
    entity_id mailbox{random() % 6 + 1};
    switch (random() % 6) {
    case 0:
      if (added < 1'000)
        outbox.add(mail(++added, mailbox, now + std::chrono::seconds{random() % 100},
                        random() % 2 == 0 ? send_priority::bulk : send_priority::interactive),
                   now);
      break;
    case 1: outbox.hold(mailbox, now + std::chrono::seconds{random() % 50}, now); break;
    case 2: outbox.resume(mailbox, now); break;
    case 3:
      if (auto one = outbox.next(now)) {
        CHECK(one->due <= now);
        ++begun[one->number];
        under_way[one->number] = one->mailbox;
      }
      break;
    default:
      if (!under_way.empty()) {
        outbox.ended(under_way.begin()->second, now);
        under_way.erase(under_way.begin());
      }
      now += std::chrono::seconds{random() % 3};
    }
    CHECK(outbox.under_way() == under_way.size());
    REQUIRE(under_way.size() <= 7);
    std::map<entity_id, int> of;
    for (const auto& [number, who] : under_way)
      REQUIRE(++of[who] <= 3);
  }
  for (; outbox.waiting() > 0; now += 1s) {
    for (const auto& [number, who] : under_way)
      outbox.ended(who, now);
    under_way.clear();
    while (auto one = outbox.next(now)) {
      ++begun[one->number];
      under_way[one->number] = one->mailbox;
    }
    REQUIRE(now < start + 1'000h);
  }
  CHECK(begun.size() == added);
  for (const auto& [number, times] : begun)
    CHECK(times == 1);
}
