#include "jobs/outbox_reports.hpp"
#include "tests/jobs/outbox_attempts.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace mailfleet::jobs::test;

TEST_CASE("a report of failure ends a doubt, for only what was taken can bounce", "[outbox]") {
  auto doubt = after_restart(dot_sent(), start + 9s);
  auto noted = note_bounces(doubt, {{"B@y.test", delivery_action::failed, "5.1.1", "who?"}});
  REQUIRE(noted);
  CHECK(noted->status == outbox_status::sent);
  CHECK(noted->since == doubt.since);
  CHECK(noted->reason.empty());
  CHECK(noted->recipients[0].status == recipient_status::taken);
  CHECK(noted->recipients[1].status == recipient_status::bounced);
  CHECK(noted->recipients[1].said == server_words{0, "5.1.1", "who?"});
}

TEST_CASE("a recipient is known in the encoding that it was given in", "[outbox]") {
  for (const auto* reported : {"b+new@y.test", "b+2Bnew@y.test", "b+2bnew@y.test"}) {
    CAPTURE(reported);
    auto doubt = after_restart(dot_sent(), start);
    doubt.recipients[1].address = "b+new@y.test";
    auto noted = note_bounces(doubt, {{reported, delivery_action::failed, "5.1.1", ""}});
    REQUIRE(noted);
    CHECK(noted->recipients[1].status == recipient_status::bounced);
  }
  auto other = after_restart(dot_sent(), start);
  other.recipients[1].address = "b+@y.test";
  for (const auto* reported : {"b+2", "b+zz@y.test", "+", ""})
    CHECK_FALSE(note_bounces(other, {{reported, delivery_action::failed, "5.1.1", ""}}));
}

TEST_CASE("a doubt outlives a report that another attempt may have caused", "[outbox]") {
  auto only_a = before_dot(being_sent(mail()), {{"a@x.test", words(250)}, {"b@y.test", words(451)}},
                           start + 2s);
  auto again = settle_doubt(after_restart(*only_a, start), doubt_end::send_again, start);
  CHECK(again->unknown_to == std::vector<std::string>{"a@x.test"});
  auto both = after_restart(*before_dot(*begin_attempt(*again, start), both_taken, start), start);
  REQUIRE(both.status == outbox_status::in_doubt);
  CHECK_FALSE(note_bounces(both, {{"a@x.test", delivery_action::failed, "5.1.1", ""}}));
}

TEST_CASE("a report about one of those in doubt ends the doubt, whoever had it before",
          "[outbox]") {
  auto half = after_attempt(dot_sent({{"a@x.test", words(250)}, {"b@y.test", words(451)}}),
                            answered(send_phase::dot, words(250)), context());
  REQUIRE(half.mail.recipients[0].status == recipient_status::taken);
  auto doubt = after_restart(
      *before_dot(*begin_attempt(half.mail, start), {{"b@y.test", words(250)}}, start), start);
  auto about_a = note_bounces(doubt, {{"a@x.test", delivery_action::failed, "5.1.1", ""}});
  REQUIRE(about_a);
  CHECK(about_a->status == outbox_status::in_doubt);
  auto about_b = note_bounces(doubt, {{"b@y.test", delivery_action::failed, "5.1.1", ""}});
  REQUIRE(about_b);
  CHECK(about_b->status == outbox_status::sent);
  CHECK(about_b->recipients[1].status == recipient_status::bounced);
}

TEST_CASE("a doubt outlives a report that proves nothing", "[outbox]") {
  auto doubt = after_restart(dot_sent({{"a@x.test", words(250)}, {"b@y.test", words(451)}}), start);
  // One that is still on its way; a stranger; one for whom the dot was not.
  CHECK_FALSE(note_bounces(doubt, {{"a@x.test", delivery_action::delayed, "4.4.1", ""}}));
  CHECK_FALSE(note_bounces(doubt, {{"c@z.test", delivery_action::failed, "5.1.1", ""}}));
  CHECK_FALSE(note_bounces(doubt, {{"b@y.test", delivery_action::failed, "5.1.1", ""}}));
  // Those who wait are still to get it.
  auto noted = note_bounces(doubt, {{"a@x.test", delivery_action::failed, "5.1.1", ""}});
  REQUIRE(noted);
  CHECK(noted->status == outbox_status::deferred);
  CHECK(recipients_waiting(*noted) == std::vector<std::string>{"b@y.test"});
}
