#include "messages/values/mail.hpp"
#include "net/imap_fetch_plan.hpp"
#include "net/imap_limits.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using net::fetch_plan;
namespace limits = net::imap_limits;

namespace {

std::vector<net::listed_message> listed(std::uint32_t count, std::uint64_t size = 100) {
  std::vector<net::listed_message> messages;
  for (std::uint32_t uid = 1; uid <= count; ++uid)
    messages.push_back({uid, size});
  return messages;
}

void take(fetch_plan& plan, std::uint32_t uid) {
  REQUIRE(plan.body_begins(uid, 100) == fetch_plan::verdict::take);
  REQUIRE(plan.settle(uid) == uid);
  plan.message_taken();
}

imap::uid_range asked(fetch_plan& plan) {
  auto ask = plan.next_ask();
  REQUIRE(ask);
  return ask->messages;
}

} // namespace

TEST_CASE("A plan asks in groups by count") {
  constexpr auto most = static_cast<std::uint32_t>(limits::messages_per_command);
  fetch_plan plan{listed(most + 1)};
  CHECK(asked(plan) == imap::uid_range{1, most});
  fetch_plan exact{listed(most)};
  CHECK(asked(exact) == imap::uid_range{1, most});
}

TEST_CASE("A plan asks in groups by announced bytes, one message at least") {
  fetch_plan plan{listed(4, limits::bytes_per_command / 2)};
  CHECK(asked(plan) == imap::uid_range{1, 2});
  fetch_plan large{listed(3, limits::bytes_per_command + 1)};
  CHECK(asked(large) == imap::uid_range{1, 1});
  fetch_plan lie{{{1, UINT64_MAX}, {2, UINT64_MAX}}};
  CHECK(asked(lie) == imap::uid_range{1, 1});
}

TEST_CASE("The next command follows when little of the one before is still to come") {
  constexpr std::uint64_t size = limits::overlap_bytes / 4;
  constexpr auto group = static_cast<std::uint32_t>(limits::bytes_per_command / size);
  fetch_plan plan{listed(3 * group, size)};
  REQUIRE(asked(plan) == imap::uid_range{1, group});
  for (std::uint32_t uid = 1; uid < group - 4; ++uid)
    take(plan, uid);
  CHECK_FALSE(plan.next_ask());
  take(plan, group - 4);
  CHECK(asked(plan) == imap::uid_range{group + 1, 2 * group});
  // Never a third.
  CHECK_FALSE(plan.next_ask());
}

TEST_CASE("A plan sorts what a server listed, and takes no message twice") {
  fetch_plan plan{{{9, 1}, {3, 1}, {9, 1}, {5, 1}}};
  CHECK(asked(plan) == imap::uid_range{3, 9});
  for (auto uid : {3u, 5u, 9u})
    take(plan, uid);
  CHECK(plan.body_begins(9, 1) == fetch_plan::verdict::drop);
  plan.command_finished(1, true);
  CHECK(plan.finished());
  CHECK(plan.last_uid() == 9);
}

TEST_CASE("Messages that were not asked for are dropped without harm") {
  fetch_plan plan{{{3, 1}, {5, 1}}};
  CHECK(plan.body_begins(3, 1) == fetch_plan::verdict::drop);
  REQUIRE(plan.next_ask());
  for (auto uid : {1u, 4u, 7u})
    CHECK(plan.body_begins(uid, 1) == fetch_plan::verdict::drop);
  take(plan, 3);
  take(plan, 5);
}

TEST_CASE("A skipped message stops all above it until it is asked for alone") {
  fetch_plan plan{listed(3)};
  REQUIRE(plan.next_ask());
  take(plan, 1);
  CHECK(plan.body_begins(3, 1) == fetch_plan::verdict::drop);
  plan.command_finished(1, true);
  CHECK_FALSE(plan.take_refused());
  CHECK(asked(plan) == imap::uid_range{2, 2});
  CHECK_FALSE(plan.next_ask());
  take(plan, 2);
  plan.command_finished(2, true);
  CHECK(asked(plan) == imap::uid_range{3, 3});
  take(plan, 3);
  plan.command_finished(3, true);
  CHECK(plan.finished());
}

namespace {

/// Two commands under way, 1:256 and 257:300, of which 1 to 255 are taken.
fetch_plan overlapping() {
  fetch_plan plan{listed(300)};
  REQUIRE(asked(plan) == imap::uid_range{1, 256});
  for (std::uint32_t uid = 1; uid < 256; ++uid)
    take(plan, uid);
  REQUIRE(asked(plan) == imap::uid_range{257, 300});
  return plan;
}

} // namespace

TEST_CASE("Commands that a server answers by turns do not overlap again") {
  auto plan = overlapping();
  CHECK(plan.body_begins(257, 1) == fetch_plan::verdict::drop);
  CHECK(plan.body_begins(256, 1) == fetch_plan::verdict::drop);
  plan.command_finished(1, true);
  CHECK_FALSE(plan.next_ask());
  plan.command_finished(2, true);
  CHECK(asked(plan) == imap::uid_range{256, 300});
  for (std::uint32_t uid = 256; uid < 300; ++uid)
    take(plan, uid);
  CHECK_FALSE(plan.next_ask());
}

TEST_CASE("What a finished command did not bring is asked for alone") {
  auto plan = overlapping();
  plan.command_finished(1, false);
  CHECK(plan.body_begins(257, 1) == fetch_plan::verdict::drop);
  CHECK_FALSE(plan.next_ask());
  plan.command_finished(2, true);
  CHECK(asked(plan) == imap::uid_range{256, 256});
  CHECK_FALSE(plan.next_ask());
}

TEST_CASE("A message asked for alone is refused by NO or by a missing body, else it is gone") {
  auto outcome = [](bool ok, bool named) {
    auto plan = fetch_plan::of_one(7);
    REQUIRE(plan.next_ask());
    if (named)
      plan.answered_without_body(7);
    plan.command_finished(1, ok);
    CHECK(plan.finished());
    return plan.take_refused();
  };
  CHECK(outcome(false, false) == 7u);
  CHECK(outcome(true, true) == 7u);
  CHECK_FALSE(outcome(true, false));
}

TEST_CASE("A body without UID is held if it is one piece, and asked for alone if not") {
  fetch_plan plan{listed(2)};
  REQUIRE(plan.next_ask());
  CHECK(plan.body_begins(0, max_chunk_bytes) == fetch_plan::verdict::hold);
  CHECK(plan.settle(1) == 1u);
  plan.message_taken();
  CHECK(plan.body_begins(0, max_chunk_bytes + 1) == fetch_plan::verdict::drop);
  plan.command_finished(1, true);
  CHECK(asked(plan) == imap::uid_range{2, 2});
  CHECK(plan.body_begins(0, max_chunk_bytes + 1) == fetch_plan::verdict::take);
  CHECK(plan.settle(0) == 2u);
}

TEST_CASE("A held body whose UID never comes is asked for alone") {
  fetch_plan plan{listed(1)};
  REQUIRE(plan.next_ask());
  CHECK(plan.body_begins(0, 1) == fetch_plan::verdict::hold);
  CHECK_FALSE(plan.settle(0));
  plan.command_finished(1, true);
  CHECK(asked(plan) == imap::uid_range{1, 1});
}

TEST_CASE("An empty plan is finished") {
  fetch_plan plan;
  CHECK(plan.finished());
  CHECK_FALSE(plan.next_ask());
  CHECK(plan.last_uid() == 0);
}
