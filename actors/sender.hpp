#pragma once

#include "actors/account_access.hpp"
#include "actors/world.hpp"
#include "jobs/outbox_state.hpp"
#include "messages/actors.hpp"

#include <caf/actor_clock.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace mailfleet {

/// What a sender has around it.
struct sender_surroundings {
  world outside;
  store_actor store;
  providers_actor providers;
  /// Who is told of attempts.
  caf::strong_actor_ptr parent;
};

/// Sends the mails of one mailbox, one after the other, over one session. That a mail's dot goes
/// is durable before it goes; that it is being sent becomes so meanwhile, and what became of it
/// before anybody hears of it. A session that nobody uses is closed after `sender_idle`.
class sender_machine {
public:
  static inline const char* name = "sender";

  explicit sender_machine(sender_actor::pointer self) : self_{self}, access_{self} {}

  void init(sender_surroundings around, entity_id mailbox);

  // -- messages

  void send(attempt_mail& what);
  void on_report(send_reported& report);
  void on_wait_over();

  // -- what a session reports

  void on(const send_session_ready& in);
  void on(const content_wanted& wanted);
  void on(const dot_wanted& wanted);
  void on(const attempt_ended& end);
  void on(const send_session_closed& end);

private:
  void get_in();
  void open_session(secret credential);
  void submit();
  void conclude(const send_report& report);
  void settle(const send_report& report);
  void report_over(std::optional<jobs::mailbox_rest> rest);
  /// The log-in could not even begin.
  void give_up(const failure& what);
  void disconnect();

  /// Makes the mail's next progress durable, then goes on.
  template <class Next>
  void commit(outbox_progress next, std::vector<event_draft> events, Next then);

  [[nodiscard]] wall_time now() const {
    return around_.outside.clock->now();
  }

  sender_actor::pointer self_;
  sender_surroundings around_;
  account_access<sender_actor> access_;
  /// Under way.
  std::optional<outbox_record> mail_;
  std::size_t most_recipients_ = 0;
  std::unique_ptr<send_session> session_;
  bool ready_ = false;
  /// Counts sessions; what belongs to an older one is dropped.
  std::uint64_t session_number_ = 0;
  /// When the last attempt ended, and whether a timer looks after it.
  caf::actor_clock::time_point idle_since_{};
  bool timed_ = false;
  bool committing_ = false;
  /// The session came to the dot before the mail's beginning was durable.
  std::optional<dot_wanted> dot_wanted_;
  /// The attempt came to its dot.
  bool sent_dot_ = false;
  /// How the session ended meanwhile.
  std::optional<send_report> ended_;
  unsigned mailbox_failures_ = 0;
  /// The largest mail that the session's server takes; 0: it said nothing of it.
  std::optional<std::uint64_t> max_bytes_;
  /// The mail's, if it was at hand.
  std::vector<body_handle> content_;
  /// The attempt has not ended: what ends it says so once, whatever follows.
  bool open_ = false;
  /// The session was there before the mail, and has said nothing of it yet.
  bool is_kept_ = false;
};

sender_actor::behavior_type sender(sender_actor::stateful_pointer<sender_machine> self,
                                   sender_surroundings around, entity_id mailbox);

} // namespace mailfleet
