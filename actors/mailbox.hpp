#pragma once

#include "actors/mailbox_briefing.hpp"
#include "actors/mailbox_face.hpp"
#include "actors/mailbox_memory.hpp"
#include "jobs/ingest.hpp"
#include "jobs/mailbox_setback.hpp"
#include "jobs/owed_schedule.hpp"
#include "messages/actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace mailfleet {

/// One mailbox: is briefed, opens a session, makes durable what the session
/// brings, and starts over from what is durable when anything goes wrong. Its life
/// is in mailbox.cpp, what it does with a session in mailbox_work.cpp.
class mailbox_machine {
public:
  static inline const char* name = "mailbox";

  explicit mailbox_machine(mailbox_actor::pointer self) : self_{self} {}

  /// Connects after `first_wait`.
  void init(mailbox_surroundings around, mailbox_record who, std::chrono::milliseconds first_wait);

  // -- messages

  caf::result<mailbox_view> steer(steer_mailbox::verb what);
  caf::result<mailbox_view> change(change_mailbox& request);
  void tell_outbox(bool elsewhere);
  void on_grant_changed();
  /// The provider is well again.
  void on_mended();
  void on_report(session_report& report);
  void on_wait_over(const wait_over& due);

  // -- what a session reports

  void on(const folder_opened& folder);
  void on(const mail_batch& batch);
  void on(const fetch_finished& report);
  void on(const start_found& start);
  void on(const news_arrived&);
  void on(const now_watching&);
  void on(const action_finished& report);
  void on(const session_closed& end);

private:
  void connect();
  void rest();
  void open_session(mailbox_briefing::outcome briefed);
  void next_work();
  void show_watching();
  void owe_again();
  void look_at_owed();
  void commit(jobs::ingest_step step, bool then_fetch);
  void on_committed(const jobs::ingest_step& step, bool then_fetch);
  [[nodiscard]] jobs::find_sent sent() const;
  void pass_on(const std::vector<jobs::sent_report>& reports);
  void commit_action(jobs::action_step step);
  void set_paused(bool paused, caf::typed_response_promise<mailbox_view> client);
  /// Makes the record durable as it is to be; `then` runs before the client has its answer.
  void rewrite(mailbox_record next, caf::typed_response_promise<mailbox_view> client,
               std::function<void()> then);

  void disconnect();
  void give_up(const failure& what);
  void fall_back(jobs::setback after);
  void wait_for(std::chrono::milliseconds wait);
  /// Counts a failure with this code.
  [[nodiscard]] jobs::setback_context context_of(errc code);
  [[nodiscard]] wall_time now() const {
    return around_.outside.clock->now();
  }

  mailbox_actor::pointer self_;
  mailbox_surroundings around_;
  mailbox_memory memory_;
  std::shared_ptr<byte_budget> budget_;
  std::optional<mailbox_briefing> briefing_;
  std::optional<mailbox_face> face_;

  /// Counts connections; what belongs to an older one is dropped.
  std::uint64_t connection_ = 0;
  std::uint64_t wait_ = 0;
  std::unique_ptr<mail_session> session_;
  folder_opened folder_;

  /// The session opens, or a command is under way; `watch` does not count.
  bool busy_ = false;
  /// The session watches.
  bool idle_ = false;
  /// Of the cursor, of this connection.
  unsigned commits_under_way_ = 0;
  bool news_ = false;
  std::optional<std::uint32_t> asked_;
  std::deque<std::uint32_t> owed_;
  jobs::owed_schedule owed_schedule_;
  /// The next look at what is owed is planned.
  bool looks_again_ = false;
  /// Server actions that were refused: tried again after a while.
  std::deque<owed_action_record> put_off_;

  /// Since it last went well, by kind: what waits for one says nothing of the other.
  struct {
    unsigned passing = 0;
    unsigned refusals = 0;
  } failures_;
  jobs::fetch_breaks breaks_;
  wall_time granted_at_{};
  bool renew_credential_ = false;
  /// A person wants the next connection now.
  bool hurry_ = false;
  bool credential_was_renewed_ = false;
};

mailbox_actor::behavior_type mailbox(mailbox_actor::stateful_pointer<mailbox_machine> self,
                                     mailbox_surroundings around, mailbox_record who,
                                     std::chrono::milliseconds first_wait);

} // namespace mailfleet
