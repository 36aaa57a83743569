#pragma once

#include "actors/outbox.hpp"
#include "tests/actors/mailbox_fixture.hpp"

#include <string>
#include <vector>

namespace mailfleet::test {

/// The outbox with real senders, a real store actor and scripted ports.
struct outbox_fixture : actor_fixture {
  scripted_world world;
  std::shared_ptr<neighbours> play = std::make_shared<neighbours>();
  std::shared_ptr<sent_index> index = std::make_shared<sent_index>();
  outbox_actor aut;

  outbox_fixture();

  void put(const record& what) {
    world.log->records.insert_or_assign(key_of(what), what);
  }

  void start();

  /// Moves wall time and actor time together.
  void live(std::chrono::seconds time) {
    world.clock->time += time;
    pass(time);
  }

  static submit_mail a_submission(const std::string& idempotency_key = {},
                                  std::vector<std::string> to = {"bob@example.org"}) {
    outgoing_mail mail;
    mail.from.address = "ann@example.com";
    for (auto& one : to)
      mail.to.push_back({{}, std::move(one)});
    mail.text = "hello";
    submit_mail what;
    what.wishes.idempotency_key = idempotency_key;
    what.content = std::move(mail);
    return what;
  }

  outbox_record submit(submit_mail what = a_submission(), mailbox_record who = a_mailbox());

  outbox_record durable(const message_key& key) {
    return world.log->get<outbox_record>(key_in(family::outbox, key)).value();
  }
  outbox_status status(const message_key& key) {
    return durable(key).progress.status;
  }

  scripted_sender& session() {
    return world.senders->last();
  }
  void report(send_event event) {
    session().report(std::move(event));
    settle();
  }

  static send_report taken(std::vector<std::string> recipients = {"bob@example.org"}) {
    send_report good;
    good.phase = send_phase::dot;
    good.answer = server_words{250, "2.0.0", "queued"};
    for (auto& one : recipients)
      good.recipients.push_back({std::move(one), {250, "2.1.5", "ok"}});
    return good;
  }

  /// Brings the session that is open to the dot of its mail.
  void to_dot(std::vector<std::string> recipients = {"bob@example.org"}) {
    report(content_wanted{0});
    report(dot_wanted{taken(std::move(recipients)).recipients});
  }

  /// A mail from its acceptance to its end, over a session that is opened for it.
  outbox_record send_whole(submit_mail what = a_submission());

  /// The connection breaks behind the dot.
  void lose_answer() {
    send_report lost;
    lost.phase = send_phase::dot;
    lost.trouble = failure{errc::connection_lost, "the connection broke"};
    report(send_session_closed{lost});
  }

  outbox_figures figures(std::optional<entity_id> only = std::nullopt);

  std::vector<event_kind> events() {
    std::vector<event_kind> kinds;
    for (const auto& [key, entry] : world.log->records)
      if (const auto* event = std::get_if<event_record>(&entry))
        kinds.push_back(event->what.kind);
    return kinds;
  }
};

} // namespace mailfleet::test
