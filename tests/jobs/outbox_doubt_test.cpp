#include "jobs/outbox_doubt.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace std::chrono_literals;
using act = doubt_decision::act;

namespace {

const wall_time dot{1'000'000s};

doubt_facts facts(std::chrono::seconds age, std::vector<sent_search> searches = {sent_search{}}) {
  doubt_facts made;
  made.dot_sent_at = dot;
  made.now = dot + age;
  made.searches = std::move(searches);
  made.keeps_copies = true;
  return made;
}

sent_search searched(unsigned times, std::chrono::seconds last) {
  return {true, times, dot + last, false};
}

const sent_search hit{true, 0, std::nullopt, true};
const sent_search impossible{false, 0, std::nullopt, false};

} // namespace

TEST_CASE("a copy in either mailbox means that it was sent", "[outbox_doubt]") {
  CHECK(decide_doubt(facts(1s, {hit})).what == act::was_sent);
  CHECK(decide_doubt(facts(1s, {impossible, hit})).what == act::was_sent);
  CHECK(decide_doubt(facts(9h, {searched(5, 8h), hit})).what == act::was_sent);
}

TEST_CASE("not found counts after ten minutes and two complete searches of each mailbox",
          "[outbox_doubt]") {
  CHECK(decide_doubt(facts(9min, {searched(5, 9min)})).what == act::wait);
  CHECK(decide_doubt(facts(11min, {searched(1, 10min)})).what == act::wait);
  CHECK(decide_doubt(facts(11min, {searched(2, 9min)})).what == act::search);
  auto again = decide_doubt(facts(11min, {searched(2, 10min)}));
  CHECK(again.what == act::send_again);
  CHECK_FALSE(again.may_double);
  CHECK(decide_doubt(facts(11min, {searched(2, 10min), searched(1, 10min)})).what == act::wait);
  CHECK(decide_doubt(facts(11min, {searched(2, 10min), searched(2, 10min)})).what
        == act::send_again);
}

TEST_CASE("the folder is searched soon, then less often", "[outbox_doubt]") {
  auto first = decide_doubt(facts(0s));
  CHECK(first.what == act::wait);
  CHECK(first.look_again == dot + 20s);
  CHECK(decide_doubt(facts(20s)).what == act::search);
  CHECK(decide_doubt(facts(30s, {searched(1, 20s)})).look_again == dot + 2min);
  CHECK(decide_doubt(facts(2min, {searched(1, 20s)})).what == act::search);
  CHECK(decide_doubt(facts(10min, {searched(2, 2min)})).what == act::search);
  CHECK(decide_doubt(facts(20min, {searched(1, 10min)})).what == act::search);
}

TEST_CASE("without IMAP the policy decides at once", "[outbox_doubt]") {
  auto without = facts(1s, {impossible});
  auto twice = decide_doubt(without);
  CHECK(twice.what == act::send_again);
  CHECK(twice.may_double);
  without.policy = doubt_policy::at_most_once;
  CHECK(decide_doubt(without).what == act::ask);
  CHECK_FALSE(decide_doubt(without).why.empty());
}

TEST_CASE("an IMAP server that is away is waited for, but not for ever", "[outbox_doubt]") {
  CHECK(decide_doubt(facts(59min, {searched(1, 20s)})).what == act::search);
  CHECK(decide_doubt(facts(1h, {searched(1, 20s)})).what == act::send_again);
  auto once = facts(1h, {searched(1, 20s)});
  once.policy = doubt_policy::at_most_once;
  CHECK(decide_doubt(once).what == act::ask);
}

TEST_CASE("where no copies are kept, not found proves nothing", "[outbox_doubt]") {
  auto unknown = facts(11min, {searched(2, 10min)});
  unknown.keeps_copies = false;
  CHECK(decide_doubt(unknown).may_double);
  unknown.policy = doubt_policy::at_most_once;
  CHECK(decide_doubt(unknown).what == act::ask);
}

TEST_CASE("half a search proves nothing", "[outbox_doubt]") {
  auto half = facts(11min, {searched(2, 10min), impossible});
  half.policy = doubt_policy::at_most_once;
  CHECK(decide_doubt(half).what == act::ask);
}

TEST_CASE("both mailboxes are searched where the token is another account's", "[outbox_doubt]") {
  using list = std::vector<std::string_view>;
  CHECK(mailboxes_to_search("shared@x.test", "ann@x.test") == list{"shared@x.test", "ann@x.test"});
  CHECK(mailboxes_to_search("ann@x.test", "Ann@X.test") == list{"ann@x.test"});
  CHECK(mailboxes_to_search("ann@x.test", "") == list{"ann@x.test"});
}

namespace {

outbox_progress in_doubt(std::vector<recipient_progress> recipients) {
  outbox_progress mail;
  mail.status = outbox_status::in_doubt;
  mail.recipients = std::move(recipients);
  return mail;
}

recipient_progress admitted(std::string address) {
  return {std::move(address), recipient_status::admitted, std::nullopt};
}

} // namespace

TEST_CASE("a copy of a mail that went once is that of its only attempt", "[outbox_doubt]") {
  CHECK_FALSE(has_another_copy(in_doubt({admitted("bob@x.test")})));
  auto had = in_doubt({admitted("bob@x.test"), admitted("eve@x.test")});
  had.recipients[1].status = recipient_status::taken;
  CHECK(has_another_copy(had));
  had.recipients[1].status = recipient_status::refused;
  CHECK_FALSE(has_another_copy(had));
}

TEST_CASE("a copy of an attempt in doubt tells of a later one to the same only", "[outbox_doubt]") {
  auto mail = in_doubt({admitted("bob@x.test"), admitted("eve@x.test")});
  note_unknown_outcome(mail);
  CHECK_FALSE(has_another_copy(mail));
  mail.recipients.push_back(admitted("late@x.test"));
  CHECK(has_another_copy(mail));
  // Either of the two copies may be the one that is found.
  note_unknown_outcome(mail);
  CHECK(mail.unknown_to == std::vector<std::string>{"bob@x.test", "eve@x.test"});
  CHECK(has_another_copy(mail));
  mail.recipients = {admitted("eve@x.test")};
  CHECK_FALSE(has_another_copy(mail));
  mail.recipients = {admitted("late@x.test")};
  CHECK(has_another_copy(mail));
}
