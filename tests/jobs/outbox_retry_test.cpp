#include "jobs/outbox_retry.hpp"
#include "tests/jobs/outbox_attempts.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace mailfleet::jobs::test;

TEST_CASE("a mail put off waits longer each time, up to two hours", "[outbox_retry]") {
  CHECK(send_wait(1, false, std::nullopt, 0) == 30s);
  CHECK(send_wait(1, false, std::nullopt, 0.999) < 1min);
  CHECK(send_wait(2, false, std::nullopt, 0) == 1min);
  CHECK(send_wait(1'000, false, std::nullopt, 0.999) <= 2h);
  CHECK(send_wait(1'000, false, std::nullopt, 0) == 1h);
  CHECK(send_wait(1, true, std::nullopt, 0) == 450s);
}

TEST_CASE("what the server asks for is obeyed, within reason", "[outbox_retry]") {
  CHECK(send_wait(1, false, 10min, 0) == 10min);
  CHECK(send_wait(1, false, 1s, 0) == 30s);
  CHECK(send_wait(1, false, 1'000h, 0) == 1h);
}

TEST_CASE("five days are tried", "[outbox_retry]") {
  CHECK_FALSE(is_given_up(start, start + 5 * 24h));
  CHECK(is_given_up(start, start + 5 * 24h + 1s));
  // From the first wait to the last, a mail is tried about sixty times.
  unsigned tries = 0;
  for (auto now = start; !is_given_up(start, now);
       now += send_wait(++tries, false, std::nullopt, 0.5)) {
  }
  CHECK(tries > 60);
  CHECK(tries < 130);
}

TEST_CASE("a destination in trouble rests, and mails that fail together count once",
          "[outbox_retry]") {
  resting_destinations resting;
  CHECK(destination_of("ann@Example.TEST") == "example.test");
  CHECK_FALSE(resting.until("x.test", start));
  for (int count = 0; count < 5; ++count)
    resting.failed("x.test", false, std::nullopt, start, 0);
  CHECK(resting.until("x.test", start) == start + 30s);
  CHECK_FALSE(resting.until("x.test", start + 30s));
  CHECK_FALSE(resting.until("y.test", start));
  resting.failed("x.test", false, std::nullopt, start + 30s, 0);
  CHECK(resting.until("x.test", start + 30s) == start + 90s);
  resting.succeeded("x.test");
  CHECK_FALSE(resting.until("x.test", start + 31s));
}

TEST_CASE("the memory of destinations is bounded", "[outbox_retry]") {
  resting_destinations resting;
  resting.failed("long.test", false, 30min, start, 0);
  for (std::size_t count = 0; count < max_resting_destinations + 5; ++count)
    resting.failed(std::to_string(count) + ".test", false, std::nullopt, start, 0);
  CHECK(resting.size() == max_resting_destinations);
  CHECK(resting.until("long.test", start));
}

TEST_CASE("the days of trying do not run while nobody could try", "[outbox_retry]") {
  auto waits = mail();
  waits.status = outbox_status::deferred;
  waits.put_off_since = start;
  waits.due = start + 1h;
  auto late = *begin_attempt(waits, start + 6 * 24h);
  CHECK(*late.put_off_since == start + 6 * 24h - 1h);
  auto after = after_attempt(late, answered(send_phase::dot, words(451, "4.3.0"), both_taken),
                             context(start + 6 * 24h));
  CHECK(after.mail.status == outbox_status::deferred);
  auto in_time = *begin_attempt(waits, waits.due);
  CHECK(*in_time.put_off_since == start);
}

TEST_CASE("greylisting of a recipient puts the mail off, and no other", "[outbox_retry]") {
  const std::vector<recipient_answer> answers{{"a@x.test", words(451, "4.7.1", "greylisted")},
                                              {"b@y.test", words(451, "4.7.1", "greylisted")}};
  auto after = after_attempt(
      being_sent(), answered(send_phase::recipients, words(451, "4.7.1"), answers), context());
  CHECK_FALSE(after.rest);
  CHECK(after.mail.failures == 1);
}
