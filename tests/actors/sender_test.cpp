// A sender with its ports scripted and time under the test's control.
#include "actors/limits.hpp"
#include "actors/sender.hpp"
#include "tests/actors/mailbox_fixture.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>

using namespace mailfleet;
using namespace mailfleet::test;

namespace {

attempts_actor::behavior_type scripted_outbox(std::shared_ptr<std::vector<mail_attempted>> told) {
  return {[told](mail_attempted& news) { told->push_back(std::move(news)); }};
}

struct fixture : actor_fixture {
  scripted_world world;
  std::shared_ptr<neighbours> play = std::make_shared<neighbours>();
  std::shared_ptr<std::vector<mail_attempted>> told =
      std::make_shared<std::vector<mail_attempted>>();
  sender_actor aut;

  outbox_record a_mail() {
    outbox_record mail;
    mail.key = {some_mailbox, outbox_folder, 0, 7};
    mail.mail.envelope.sender = "ann@example.com";
    mail.mail.envelope.recipients = {"bob@example.org", "eve@example.org"};
    mail.progress = jobs::accepted_mail(mail.mail.envelope, world.clock->time, world.clock->time);
    mail.chunks = 2;
    return mail;
  }

  void start(mailbox_record who = a_mailbox()) {
    auto cloud = a_provider();
    cloud.smtp.host = "smtp.example.com";
    cloud.smtp.port = 587;
    world.log->records.emplace(key_of(who), who);
    world.log->records.emplace(key_of(cloud), cloud);
    for (std::uint32_t part = 0; part < 2; ++part)
      world.log->records.insert_or_assign(
          key_in(family::bodies, a_mail().key, part),
          body_chunk{{}, a_mail().key, part, make_body("part " + std::to_string(part))});
    auto outbox = spawn(scripted_outbox, told);
    aut = spawn(sender,
                sender_surroundings{world.ports(), spawn(store, world.log, world.journal),
                                    spawn(scripted_providers, play),
                                    caf::actor_cast<caf::strong_actor_ptr>(outbox)},
                some_mailbox);
  }

  void give(const outbox_record& mail) {
    world.log->records.insert_or_assign(key_of(mail), mail);
    caf::anon_send(aut, attempt_mail{mail});
    settle();
  }

  void report(send_event event) {
    world.senders->last().report(std::move(event));
    settle();
  }

  outbox_progress durable() {
    return world.log->get<outbox_record>(key_of(a_mail())).value().progress;
  }

  std::vector<event_kind> events() {
    std::vector<event_kind> kinds;
    for (const auto& [key, entry] : world.log->records)
      if (const auto* event = std::get_if<event_record>(&entry))
        kinds.push_back(event->what.kind);
    return kinds;
  }

  /// Sends the mail up to its dot.
  void send_to_dot(std::vector<recipient_answer> answers = {
                       {"bob@example.org", {250, "2.1.5", "ok"}},
                       {"eve@example.org", {250, "2.1.5", "ok"}}}) {
    start();
    give(a_mail());
    report(send_session_ready{});
    REQUIRE(world.senders->last().submitted.size() == 1);
    report(content_wanted{0});
    report(content_wanted{1});
    report(dot_wanted{std::move(answers)});
  }

  static send_session_closed lost_in(send_phase phase) {
    send_report lost;
    lost.phase = phase;
    lost.trouble = failure{errc::connection_lost, "the server is gone"};
    return {lost};
  }

  static send_report taken() {
    send_report good;
    good.phase = send_phase::dot;
    good.answer = server_words{250, "2.0.0", "queued"};
    good.recipients = {{"bob@example.org", {250, "2.1.5", "ok"}},
                       {"eve@example.org", {250, "2.1.5", "ok"}}};
    return good;
  }
};

/// A second mail goes over the session, and the store has not answered yet that it does.
struct begun_fixture : fixture {
  outbox_record mail = a_mail();

  begun_fixture() {
    send_to_dot();
    report(attempt_ended{taken()});
    mail.key.number = 8;
    world.log->records.insert_or_assign(key_of(mail), mail);
    world.log->hold = true;
    caf::anon_send(aut, attempt_mail{mail});
    settle();
    REQUIRE(session().submitted.size() == 2);
  }

  scripted_sender& session() {
    return world.senders->last();
  }

  outbox_record kept() {
    return world.log->get<outbox_record>(key_of(mail)).value();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a mail is sent step by step, each durable before the next", "[sender]") {
  start();
  give(a_mail());
  CHECK(durable().status == outbox_status::sending);
  auto& session = world.senders->last();
  CHECK(session.settings.server.host == "smtp.example.com");
  CHECK(session.settings.credential.reveal() == "token-1");
  CHECK(session.submitted.empty());
  report(send_session_ready{});
  REQUIRE(session.submitted.size() == 1);
  CHECK(session.submitted[0].chunks == 2);
  CHECK(session.submitted[0].envelope.recipients.size() == 2);
  report(content_wanted{0});
  report(content_wanted{1});
  REQUIRE(session.content.size() == 2);
  CHECK(session.content[1]->bytes == "part 1");
  CHECK(session.dots == 0);
  report(dot_wanted{taken().recipients});
  CHECK(durable().status == outbox_status::dot_sent);
  CHECK(session.dots == 1);
  report(attempt_ended{taken()});
  CHECK(durable().status == outbox_status::sent);
  CHECK(events() == std::vector{event_kind::mail_sent});
  REQUIRE(told->size() == 1);
  CHECK(told->front().mail.progress == durable());
  CHECK_FALSE(told->front().rest);
}

TEST_CASE_METHOD(fixture, "content that is at hand goes with the submission", "[sender]") {
  start();
  auto mail = a_mail();
  world.log->records.insert_or_assign(key_of(mail), mail);
  caf::anon_send(aut, attempt_mail{mail, SIZE_MAX, 0, {make_body("part 0")}});
  settle();
  report(send_session_ready{});
  auto& session = world.senders->last();
  REQUIRE(session.submitted.size() == 1);
  REQUIRE(session.submitted[0].content.size() == 1);
  CHECK(session.submitted[0].content[0]->bytes == "part 0");
  report(content_wanted{1});
  REQUIRE(session.content.size() == 1);
  CHECK(session.content[0]->bytes == "part 1");
}

TEST_CASE_METHOD(fixture, "a session that was kept and ends amid the content ends the attempt",
                 "[sender]") {
  send_to_dot();
  report(attempt_ended{taken()});
  auto next = a_mail();
  next.key.number = 8;
  give(next);
  report(lost_in(send_phase::body));
  CHECK(world.senders->opened.size() == 1);
  REQUIRE(told->size() == 2);
  CHECK(told->back().mail.progress.status == outbox_status::deferred);
}

TEST_CASE_METHOD(fixture, "a session that ends behind a mail that was cancelled ends nothing else",
                 "[sender]") {
  send_to_dot();
  report(attempt_ended{taken()});
  auto gone = a_mail();
  gone.key.number = 8;
  gone.progress.status = outbox_status::cancelled;
  give(gone);
  report(send_session_closed{});
  CHECK(world.senders->opened.size() == 1);
  auto next = a_mail();
  next.key.number = 9;
  give(next);
  report(send_session_ready{});
  CHECK(world.senders->last().submitted.size() == 1);
  // The new session heard of no limit.
  report(dot_wanted{taken().recipients});
  report(attempt_ended{taken()});
  CHECK(told->back().max_bytes == 0);
}

TEST_CASE_METHOD(begun_fixture, "a dot waits until it is durable that the mail is sent",
                 "[sender]") {
  report(dot_wanted{taken().recipients});
  CHECK(session().dots == 1);
  world.log->release();
  settle();
  CHECK(session().dots == 2);
  CHECK(kept().progress.status == outbox_status::dot_sent);
}

TEST_CASE_METHOD(begun_fixture, "what another made of a mail meanwhile stands, and no dot goes",
                 "[sender]") {
  auto changed = mail;
  ++changed.header.version;
  changed.progress.status = outbox_status::cancelled;
  world.log->records.insert_or_assign(key_of(changed), changed);
  SECTION("before the session came to its dot") {}
  SECTION("behind it") {
    report(dot_wanted{taken().recipients});
  }
  world.log->release();
  settle();
  CHECK(session().dots == 1);
  CHECK(session().closed);
  CHECK(kept() == changed);
  CHECK(told->size() == 1);
}

TEST_CASE_METHOD(begun_fixture,
                 "a session that ends before the mail's beginning is durable ends it", "[sender]") {
  report(dot_wanted{taken().recipients});
  report(lost_in(send_phase::body));
  CHECK(told->size() == 1);
  world.log->release();
  settle();
  REQUIRE(told->size() == 2);
  CHECK(kept().progress.status == outbox_status::deferred);
  CHECK(session().dots == 1);
}

TEST_CASE_METHOD(begun_fixture, "a kept session that was closed is replaced once meanwhile",
                 "[sender]") {
  report(send_session_closed{});
  CHECK(world.senders->opened.size() == 2);
  world.log->release();
  settle();
  CHECK(world.senders->opened.size() == 2);
  CHECK(kept().progress.status == outbox_status::sending);
  report(send_session_ready{});
  CHECK(session().submitted.size() == 1);
}

TEST_CASE_METHOD(fixture, "what the server takes at most is told with each attempt", "[sender]") {
  start();
  give(a_mail());
  report(send_session_ready{35'000'000});
  report(dot_wanted{taken().recipients});
  report(attempt_ended{taken()});
  REQUIRE(told->size() == 1);
  CHECK(told->front().max_bytes == 35'000'000);
}

TEST_CASE_METHOD(fixture, "the next mail goes over the same session", "[sender]") {
  send_to_dot();
  report(attempt_ended{taken()});
  auto next = a_mail();
  next.key.number = 8;
  give(next);
  CHECK(world.senders->opened.size() == 1);
  CHECK(world.senders->last().submitted.size() == 2);
}

TEST_CASE_METHOD(fixture, "a session that nobody uses is closed after a while", "[sender]") {
  send_to_dot();
  report(attempt_ended{taken()});
  pass(sender_idle - 1s);
  CHECK_FALSE(world.senders->last().closed);
  pass(1s);
  CHECK(world.senders->last().closed);
}

TEST_CASE_METHOD(fixture, "no dot goes before it is durable that it goes", "[sender]") {
  start();
  give(a_mail());
  report(send_session_ready{});
  world.log->refusals = {{errc::storage_failed, "the disk is full"}};
  report(dot_wanted{taken().recipients});
  CHECK(world.senders->last().dots == 0);
  CHECK(durable().status == outbox_status::sending);
}

TEST_CASE_METHOD(fixture, "an answer to the dot that does not come leaves a doubt", "[sender]") {
  send_to_dot();
  report(lost_in(send_phase::dot));
  CHECK(durable().status == outbox_status::in_doubt);
  CHECK(events() == std::vector{event_kind::mail_in_doubt});
  REQUIRE(told->size() == 1);
}

TEST_CASE_METHOD(fixture, "a cut before the dot leaves the mail to be tried again", "[sender]") {
  start();
  give(a_mail());
  report(send_session_ready{});
  report(content_wanted{0});
  report(lost_in(send_phase::body));
  CHECK(durable().status == outbox_status::deferred);
  CHECK(events().empty());
  REQUIRE(told->size() == 1);
}

TEST_CASE_METHOD(fixture, "a token that cannot be had parks the mailbox and keeps the mail",
                 "[sender]") {
  play->refusals = {{errc::sign_in_required, "token.invalid_grant: sign in"}};
  start();
  give(a_mail());
  CHECK(world.senders->opened.empty());
  CHECK(durable().status == outbox_status::deferred);
  REQUIRE(told->size() == 1);
  REQUIRE(told->front().rest);
  CHECK_FALSE(told->front().rest->retry_at);
  CHECK(told->front().mail.progress.failures == 0);
}

TEST_CASE_METHOD(fixture, "a refused token is fetched anew once", "[sender]") {
  start();
  give(a_mail());
  send_report refused;
  refused.phase = send_phase::log_in;
  refused.answer = server_words{535, "5.7.3", "Authentication unsuccessful"};
  refused.challenged = true;
  report(send_session_closed{refused});
  REQUIRE(told->size() == 1);
  REQUIRE(told->front().rest);
  CHECK(told->front().rest->retry_at == world.clock->time);
  give(told->front().mail);
  REQUIRE(play->asked.size() == 2);
  CHECK(play->asked[0].refused_grant == wall_time{});
  CHECK(play->asked[1].refused_grant == wall_time{1s});
  CHECK(world.senders->last().settings.credential.reveal() == "token-2");
}

TEST_CASE_METHOD(fixture, "one refused recipient is told, the other gets the mail", "[sender]") {
  std::vector<recipient_answer> answers{{"bob@example.org", {250, "2.1.5", "ok"}},
                                        {"eve@example.org", {550, "5.1.1", "nobody"}}};
  send_to_dot(answers);
  auto partly = taken();
  partly.recipients = answers;
  report(attempt_ended{partly});
  CHECK(durable().status == outbox_status::sent);
  CHECK(std::ranges::count(events(), event_kind::mail_sent) == 1);
  CHECK(std::ranges::count(events(), event_kind::mail_failed) == 1);
}

TEST_CASE_METHOD(fixture, "a mail that was cancelled meanwhile is left alone", "[sender]") {
  start();
  auto mail = a_mail();
  mail.progress.status = outbox_status::cancelled;
  give(mail);
  CHECK(world.senders->opened.empty());
  CHECK(durable().status == outbox_status::cancelled);
  REQUIRE(told->size() == 1);
}

TEST_CASE_METHOD(fixture, "a mailbox without a submission server says what is missing",
                 "[sender]") {
  start();
  auto cloud = a_provider();
  cloud.service = "generic";
  cloud.smtp = {};
  world.log->records.insert_or_assign(key_of(cloud), cloud);
  give(a_mail());
  REQUIRE(told->size() == 1);
  REQUIRE(told->front().rest);
  CHECK(told->front().rest->code == "smtp.no_server");
  CHECK(told->front().rest->cure.find("mailbox servers ann@example.com --smtp")
        != std::string::npos);
}
