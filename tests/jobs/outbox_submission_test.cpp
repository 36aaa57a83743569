#include "jobs/outbox_submission.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace std::chrono_literals;

namespace {

const wall_time now{1'000'000s};

result<void> check(std::vector<std::string> from, std::string sender,
                   const std::vector<std::string>& may_send_as = {}) {
  mail_facts facts;
  facts.from = std::move(from);
  mail_envelope envelope;
  envelope.sender = std::move(sender);
  return check_senders(facts, envelope, "box@x.test", may_send_as);
}

} // namespace

TEST_CASE("a mailbox sends as itself, and as what it is allowed", "[outbox_submission]") {
  CHECK(check({"box@x.test"}, "Box@X.test"));
  auto refused = check({"boss@x.test"}, "box@x.test");
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(refused.error().detail.starts_with("From is boss@x.test"));
  CHECK(check({"box@x.test"}, "boss@x.test").error().detail.starts_with("Sender is"));
  CHECK(check({"boss@x.test"}, "box@x.test", {"Boss@x.test"}));
  CHECK(check({"any@y.test", "box@x.test"}, "box@x.test", {"@y.test"}));
  CHECK_FALSE(check({"any@evil-y.test"}, "box@x.test", {"@y.test"}));
  CHECK_FALSE(check({"any@y.test.evil"}, "box@x.test", {"@y.test"}));
  CHECK_FALSE(check({"box@x.test", "boss@x.test"}, "box@x.test"));
}

TEST_CASE("wishes are checked", "[outbox_submission]") {
  CHECK(check_wishes({}, now));
  CHECK(check_wishes({now - 1h, send_priority::bulk, "a-b-c"}, now));
  CHECK(check_wishes({now + 365 * 24h, send_priority::bulk, ""}, now));
  CHECK_FALSE(check_wishes({now + 367 * 24h, send_priority::bulk, ""}, now));
  CHECK_FALSE(check_wishes({std::nullopt, send_priority::bulk, "a b"}, now));
  CHECK_FALSE(check_wishes({std::nullopt, send_priority::bulk, "a\nb"}, now));
  CHECK_FALSE(check_wishes({std::nullopt, send_priority::bulk, std::string(129, 'k')}, now));
}

TEST_CASE("an idempotency key counts for thirty days", "[outbox_submission]") {
  CHECK(is_kept(now, now));
  CHECK(is_kept(now, now + 30 * 24h - 1s));
  CHECK_FALSE(is_kept(now, now + 30 * 24h));
}

TEST_CASE("a mail beyond its server's size is refused before it is accepted",
          "[outbox_submission]") {
  mail_envelope envelope;
  envelope.bytes = 1'000;
  CHECK(check_size(envelope, std::nullopt));
  CHECK(check_size(envelope, 1'000));
  CHECK(check_size(envelope, 999).error().code == errc::too_large);
}

TEST_CASE("recipients go in as many messages as the server wants", "[outbox_submission]") {
  CHECK(recipients_at_once(limits_of_service("google")) == 100);
  CHECK(recipients_at_once(limits_of_service("microsoft")) == 500);
  CHECK(recipients_at_once({.connections = 1,
                            .messages_per_minute = 0,
                            .messages_per_day = 0,
                            .recipients_per_day = 7,
                            .recipients_per_message = 0})
        == 7);
}
