#include "jobs/ingest.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace std::chrono_literals;

namespace {

const wall_time now{std::chrono::seconds{1'700'000'000}};

mailbox_record mailbox(fetch_from::kind from = fetch_from::kind::now) {
  mailbox_record who;
  who.id = entity_id{5};
  who.from.what = from;
  who.from.date = wall_time{10 * 24h};
  who.added_at = now;
  return who;
}

cursor_record cursor(std::uint32_t high_water = 10) {
  cursor_record at;
  at.mailbox = entity_id{5};
  at.validity = 7;
  at.high_water = high_water;
  at.header.version = 3;
  return at;
}

folder_opened folder(std::uint32_t validity = 7, std::uint32_t next = 21) {
  return {inbox_folder, validity, next, 20};
}

mail_piece piece(std::uint32_t number, std::uint32_t part = 0, bool last = true) {
  mail_piece some;
  some.number = number;
  some.part = part;
  some.bytes = make_body("x");
  if (last)
    some.last.emplace().size = part + 1;
  return some;
}

/// The mail that `reported` mails are about.
const message_key sent{entity_id{5}, outbox_folder, 1, 40};

/// A mail of one piece with this meaning.
mail_piece piece(std::uint32_t number, mail_meaning meaning) {
  auto some = piece(number);
  some.last->meaning = std::move(meaning);
  return some;
}

/// Knows `sent` by its Message-ID.
std::optional<message_key> find(const mail_meaning& meaning) {
  bool known = meaning.about_message_id == "<m@x>"
               || std::ranges::find(meaning.thread, "<m@x>") != meaning.thread.end();
  return known ? std::optional{sent} : std::nullopt;
}

/// Bob is not reached, Carl may be.
mail_meaning bounce() {
  mail_meaning meaning;
  meaning.kind = mail_kind::delivery_report;
  meaning.message_id = "<r@y>";
  meaning.about_message_id = "<m@x>";
  meaning.recipients = {{"carl@y.test", delivery_action::delayed, "4.4.1", ""},
                        {"bob@y.test", delivery_action::failed, "5.1.1", "no such user"}};
  return meaning;
}

template <class Record>
std::vector<Record> puts_of(const commit_request& request) {
  std::vector<Record> found;
  for (const auto& put : request.puts)
    if (const auto* one = std::get_if<Record>(&put))
      found.push_back(*one);
  return found;
}

} // namespace

TEST_CASE("the first contact starts where the mailbox says", "[ingest]") {
  auto from_now = plan_opening(mailbox(), std::nullopt, folder(), now);
  REQUIRE(from_now.step);
  CHECK(from_now.step->cursor.high_water == 20);
  CHECK(from_now.step->cursor.header.version == 1);
  CHECK(from_now.step->request.preconditions.front().version == 0);

  auto from_all = plan_opening(mailbox(fetch_from::kind::all), std::nullopt, folder(), now);
  REQUIRE(from_all.step);
  CHECK(from_all.step->cursor.high_water == 0);

  auto from_date = plan_opening(mailbox(fetch_from::kind::date), std::nullopt, folder(), now);
  CHECK_FALSE(from_date.step);
  CHECK(from_date.find_since == wall_time{10 * 24h});
}

TEST_CASE("without UIDNEXT, a first contact from now looks for mail of a far day", "[ingest]") {
  auto plan = plan_opening(mailbox(), std::nullopt, folder(7, 0), now);
  CHECK_FALSE(plan.step);
  REQUIRE(plan.find_since);
  CHECK(*plan.find_since > now);
}

TEST_CASE("a cursor of the same UIDVALIDITY holds", "[ingest]") {
  auto plan = plan_opening(mailbox(), cursor(), folder(), now);
  CHECK_FALSE(plan.step);
  CHECK_FALSE(plan.find_since);
}

TEST_CASE("a new UIDVALIDITY starts over by date and flags what it may repeat", "[ingest]") {
  auto plan = plan_opening(mailbox(), cursor(), folder(8), now);
  REQUIRE(plan.find_since);
  CHECK(*plan.find_since <= now - 24h);
  auto step = begin_at(mailbox(), cursor(), folder(8), 15, now);
  CHECK(step.cursor.validity == 8);
  CHECK(step.cursor.high_water == 14);
  CHECK(step.cursor.possible_duplicates_until == 20);
  CHECK(step.cursor.header.version == 4);
  REQUIRE(step.request.events.size() == 1);
  CHECK(step.request.events.front().kind == event_kind::mailbox_reset);

  auto batch = plan_batch(mailbox(), step.cursor, {{piece(20), piece(21)}}, {}, now);
  auto rows = puts_of<message_record>(batch.request);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].possible_duplicate);
  CHECK_FALSE(rows[1].possible_duplicate);
}

TEST_CASE("pieces that are not the last make no message exist", "[ingest]") {
  auto step = plan_batch(mailbox(), cursor(), {{piece(11, 0, false)}}, {}, now);
  CHECK(puts_of<body_chunk>(step.request).size() == 1);
  CHECK(puts_of<message_record>(step.request).empty());
  CHECK(step.request.events.empty());
  CHECK(step.cursor == cursor());
  auto end = plan_batch(mailbox(), step.cursor, {{piece(11, 1)}}, {}, now);
  REQUIRE(puts_of<message_record>(end.request).size() == 1);
  CHECK(puts_of<message_record>(end.request).front().chunks == 2);
  CHECK(end.cursor.high_water == 11);
}

TEST_CASE("a batch demands the cursor before it and moves it once", "[ingest]") {
  auto step = plan_batch(mailbox(), cursor(), {{piece(11), piece(15)}}, {}, now);
  CHECK(step.request.preconditions.front().version == 3);
  CHECK(step.cursor.header.version == 4);
  CHECK(step.cursor.high_water == 15);
  CHECK(step.messages == 2);
  CHECK(puts_of<cursor_record>(step.request).size() == 1);
}

TEST_CASE("what the cursor has passed is skipped", "[ingest]") {
  auto step = plan_batch(mailbox(), cursor(), {{piece(10)}}, {}, now);
  CHECK(step.request.puts.empty());
  CHECK(step.cursor == cursor());
}

TEST_CASE("every message of an acting mailbox owes its action", "[ingest]") {
  auto who = mailbox();
  who.action = server_action::move;
  who.move_target = "Done";
  auto step = plan_batch(who, cursor(), {{piece(11)}}, {}, now);
  REQUIRE(step.actions.size() == 1);
  CHECK(step.actions.front().target == "Done");
  CHECK(puts_of<owed_action_record>(step.request) == step.actions);
}

TEST_CASE("a mail is kept with its kind, its thread and the mail that it answers", "[ingest]") {
  mail_meaning reply;
  reply.message_id = "<r@y>";
  reply.thread = {"<a@x>", "<m@x>"};
  auto absence = reply;
  absence.kind = mail_kind::auto_reply;
  absence.thread = {"<a@x>"};
  auto step = plan_batch(mailbox(), cursor(), {{piece(11, reply), piece(12, absence)}}, find, now);
  auto rows = puts_of<message_record>(step.request);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].kind == mail_kind::ordinary);
  CHECK(rows[0].message_id == "<r@y>");
  CHECK(rows[0].thread == reply.thread);
  CHECK(rows[0].about == sent);
  CHECK(rows[1].kind == mail_kind::auto_reply);
  CHECK_FALSE(rows[1].about);
  REQUIRE(step.request.events.size() == 2);
  const auto& answered = step.request.events[0].detail;
  CHECK(answered.ends_with(",\"possible_duplicate\":false,\"about\":\"" + to_string(sent) + "\"}"));
  const auto& absent = step.request.events[1].detail;
  CHECK(absent.ends_with(",\"possible_duplicate\":false,\"kind\":\"auto_reply\"}"));
  CHECK(step.reports.empty());
}

TEST_CASE("a report that a mail failed is told beside its arrival, without addresses", "[ingest]") {
  auto step = plan_batch(mailbox(), cursor(), {{piece(11, bounce())}}, find, now);
  const auto& events = step.request.events;
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == event_kind::mail_arrived);
  CHECK(events[0].detail.find("\"kind\":\"delivery_report\",\"about\":\"" + to_string(sent) + "\"")
        != std::string::npos);
  CHECK(events[1].kind == event_kind::mail_bounced);
  CHECK(events[1].about == entity_id{5});
  CHECK(events[1].message == sent);
  auto report = to_string(message_key{entity_id{5}, inbox_folder, 7, 11});
  CHECK(events[1].detail
        == "{\"report\":\"" + report + "\",\"recipients\":1,\"status\":\"5.1.1\"}");
  REQUIRE(step.reports.size() == 1);
  CHECK(step.reports[0].about == sent);
  CHECK(step.reports[0].kind == mail_kind::delivery_report);
  CHECK(step.reports[0].recipients == bounce().recipients);
}

TEST_CASE("a complaint about our mail is told", "[ingest]") {
  mail_meaning meaning;
  meaning.kind = mail_kind::complaint;
  meaning.about_message_id = "<m@x>";
  auto step = plan_batch(mailbox(), cursor(), {{piece(11, meaning)}}, find, now);
  REQUIRE(step.request.events.size() == 2);
  const auto& told = step.request.events[1];
  CHECK(told.kind == event_kind::mail_complained);
  CHECK(told.message == sent);
  CHECK(told.detail.ends_with(",\"recipients\":0}"));
  CHECK(step.reports.size() == 1);
}

TEST_CASE("a delay is no bounce, and a receipt is only a mail", "[ingest]") {
  auto delay = bounce();
  delay.recipients.pop_back();
  auto receipt = bounce();
  receipt.kind = mail_kind::receipt;
  auto step = plan_batch(mailbox(), cursor(), {{piece(11, delay), piece(12, receipt)}}, find, now);
  CHECK(step.request.events.size() == 2);
  REQUIRE(step.reports.size() == 1);
  CHECK(step.reports[0].recipients == delay.recipients);
}

TEST_CASE("a report about a mail that was never sent means nothing", "[ingest]") {
  auto forged = bounce();
  forged.about_message_id = "<made-up@x>";
  for (const auto& knows : {find_sent{find}, find_sent{}}) {
    auto step = plan_batch(mailbox(), cursor(), {{piece(11, forged)}}, knows, now);
    REQUIRE(step.request.events.size() == 1);
    CHECK(step.request.events[0].detail.ends_with(",\"kind\":\"delivery_report\"}"));
    CHECK(puts_of<message_record>(step.request).front().kind == mail_kind::delivery_report);
    CHECK(step.reports.empty());
  }
}

TEST_CASE("what a report calls a status gets into no event unless it is one", "[ingest]") {
  auto odd = bounce();
  odd.recipients[1].status = "5.1.1\",\"x\":\"";
  auto step = plan_batch(mailbox(), cursor(), {{piece(11, odd)}}, find, now);
  REQUIRE(step.request.events.size() == 2);
  CHECK(step.request.events[1].detail.ends_with(",\"recipients\":1}"));
}

TEST_CASE("a finished fetch moves the cursor over numbers that hold nothing", "[ingest]") {
  auto step = plan_finish(mailbox(), cursor(), {20, {}}, std::nullopt, now);
  CHECK(step.cursor.high_water == 20);
  auto nothing_new = plan_finish(mailbox(), cursor(20), {20, {}}, std::nullopt, now);
  CHECK(nothing_new.request.puts.empty());
}

TEST_CASE("a refused message is owed and given up at the third refusal", "[ingest]") {
  auto at = plan_finish(mailbox(), cursor(), {12, {12}}, std::nullopt, now).cursor;
  REQUIRE(at.owed == std::vector<owed_message>{{12, 1}});
  at = plan_finish(mailbox(), at, {12, {12}}, 12, now).cursor;
  CHECK(at.owed == std::vector<owed_message>{{12, 2}});
  auto last = plan_finish(mailbox(), at, {12, {12}}, 12, now);
  CHECK(last.cursor.owed.empty());
  REQUIRE(last.request.events.size() == 1);
  CHECK(last.request.events.front().kind == event_kind::mail_quarantined);
  REQUIRE(puts_of<message_record>(last.request).size() == 1);
  CHECK(puts_of<message_record>(last.request).front().quarantined);
}

TEST_CASE("a message that breaks three sessions in a row is owed, and never quarantined for it",
          "[ingest]") {
  fetch_breaks breaks;
  session_closed end;
  end.reason.code = errc::connection_lost;
  end.broke_at = 11;
  CHECK_FALSE(plan_break(mailbox(), cursor(), breaks, end, now));
  CHECK_FALSE(plan_break(mailbox(), cursor(), breaks, end, now));
  auto step = plan_break(mailbox(), cursor(), breaks, end, now);
  REQUIRE(step);
  CHECK(step->cursor.high_water == 11);
  REQUIRE(step->cursor.owed.size() == 1);
  CHECK(step->cursor.owed.front().number == 11);
  CHECK(step->messages == 0);
  for (int time = 0; time < 9; ++time)
    CHECK_FALSE(plan_break(mailbox(), step->cursor, breaks, end, now));
}

TEST_CASE("a session that ends elsewhere, or for another reason, blames no message", "[ingest]") {
  fetch_breaks breaks;
  session_closed end;
  end.reason.code = errc::connection_lost;
  for (std::uint32_t number = 11; number < 20; ++number) {
    end.broke_at = number;
    CHECK_FALSE(plan_break(mailbox(), cursor(), breaks, end, now));
  }
  auto never = [&](auto change) {
    auto other = end;
    change(other);
    for (int time = 0; time < 9; ++time)
      CHECK_FALSE(plan_break(mailbox(), cursor(), breaks, other, now));
  };
  never([](auto& other) { other.broke_at.reset(); });
  never([](auto& other) { other.token_expired = true; });
  never([](auto& other) { other.reason.code = errc::shutting_down; });
  never([](auto& other) { other.reason.code = errc::overloaded; });
}

TEST_CASE("a busy server is given more time before a message is blamed", "[ingest]") {
  fetch_breaks breaks;
  session_closed end;
  end.reason.code = errc::server_busy;
  end.broke_at = 11;
  for (int time = 1; time < max_busy_breaks; ++time)
    CHECK_FALSE(plan_break(mailbox(), cursor(), breaks, end, now));
  CHECK(plan_break(mailbox(), cursor(), breaks, end, now));
}

TEST_CASE("an owed message that is gone from the server is no longer owed", "[ingest]") {
  auto at = cursor(20);
  at.owed = {{12, 1}, {13, 1}};
  auto step = plan_finish(mailbox(), at, {12, {}}, 12, now);
  CHECK(step.cursor.owed == std::vector<owed_message>{{13, 1}});
  CHECK(step.cursor.high_water == 20);
}

TEST_CASE("with no room to owe, the cursor stays before the refused message", "[ingest]") {
  auto at = cursor(5'000);
  for (std::uint32_t number = 1; number <= max_owed_messages; ++number)
    at.owed.push_back({number, 1});
  auto step = plan_finish(mailbox(), at, {6'000, {5'500}}, std::nullopt, now);
  CHECK(step.cursor.high_water == 5'499);
  CHECK(step.cursor.owed.size() == max_owed_messages);
}

TEST_CASE("a server action is tried five times, then given up and told", "[ingest]") {
  owed_action_record owed;
  owed.key = {entity_id{5}, 1, 7, 9};
  CHECK(plan_action_outcome(owed, std::nullopt, now).request.deletes.size() == 1);
  std::optional<owed_action_record> again = owed;
  for (int refusal = 1; refusal < max_action_attempts; ++refusal) {
    again = plan_action_outcome(*again, failure{errc::server_refused, "no"}, now).again;
    REQUIRE(again);
    CHECK(again->attempts == refusal);
  }
  auto last = plan_action_outcome(*again, failure{errc::server_refused, "no"}, now);
  CHECK_FALSE(last.again);
  REQUIRE(last.request.events.size() == 1);
  CHECK(last.request.events.front().kind == event_kind::action_failed);
}
