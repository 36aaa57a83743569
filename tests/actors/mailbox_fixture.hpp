#pragma once

#include "actors/mailbox.hpp"
#include "actors/store.hpp"
#include "tests/support/fleet_fixture.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace mailfleet::test {

using namespace std::chrono_literals;

/// What the mailbox told its supervisor, and what it asked the providers.
struct neighbours {
  std::vector<mailbox_view> views;
  std::vector<request_token> asked;
  std::vector<grant_idle> resting;
  std::deque<failure> refusals;
  std::vector<mail_reported> reports;
};

/// Neighbours of an actor under test, each of which notes in `play` what it is told. Here, so that
/// what CAF makes of them is compiled once.
mailboxes_actor::behavior_type scripted_parent(std::shared_ptr<neighbours> play);
providers_actor::behavior_type scripted_providers(std::shared_ptr<neighbours> play);
outbox_actor::behavior_type scripted_outbox(std::shared_ptr<neighbours> play);

struct mailbox_fixture : actor_fixture {
  scripted_world world;
  std::shared_ptr<neighbours> play = std::make_shared<neighbours>();
  std::shared_ptr<byte_budget> budget = byte_budget::make(1'000'000);
  std::shared_ptr<sent_index> index = std::make_shared<sent_index>();

  mailbox_actor start(mailbox_record who = a_mailbox());

  /// Moves wall time and actor time together.
  void live(std::chrono::seconds time) {
    world.clock->time += time;
    pass(time);
  }

  scripted_session& session() {
    return world.sessions->last();
  }

  void report(session_event event) {
    session().report(std::move(event));
    settle();
  }

  /// Opens a folder with `next_number`, and lets the mailbox fetch.
  void open_folder(std::uint32_t next_number, std::uint32_t validity = 77) {
    report(folder_opened{inbox_folder, validity, next_number, next_number - 1});
  }

  void watch_after(std::uint32_t through) {
    report(fetch_finished{through, {}});
    report(now_watching{});
  }

  cursor_record cursor() {
    return world.log->get<cursor_record>(cursor_key(some_mailbox, inbox_folder)).value();
  }
  mailbox_state state() {
    return play->views.back().state;
  }
};

} // namespace mailfleet::test
