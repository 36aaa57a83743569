#pragma once

#include "actors/mailbox_memory.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>

namespace mailfleet {

/// Prepares a connection, step by step: reads what is durable into the memory,
/// then gets the credential. One briefing at a time; `cancel` makes the steps of
/// one that is under way come to nothing.
class mailbox_briefing {
public:
  struct outcome {
    secret credential;
    /// When the token was granted; zero for a password.
    wall_time granted_at{};
  };
  using handler = std::function<void(result<outcome>)>;

  mailbox_briefing(mailbox_actor::pointer self, const mailbox_surroundings& around,
                   mailbox_memory& memory)
    : self_{self}, around_{around}, memory_{memory} {}

  /// `refused` is the time of the grant that the mail server refused, or zero.
  void begin(wall_time refused, bool hurry, handler then);
  void cancel() {
    ++round_;
  }

private:
  void load_provider();
  void load_cursor();
  void load_actions();
  void load_password();
  void ask_token();

  /// Asks `whom`; the answer comes to nothing if the round has changed.
  template <class Answer, class Handle, class Timeout, class Message, class Next>
  void ask(const Handle& whom, Timeout timeout, Message message, Next next);

  mailbox_actor::pointer self_;
  const mailbox_surroundings& around_;
  mailbox_memory& memory_;
  std::uint64_t round_ = 0;
  wall_time refused_{};
  bool hurry_ = false;
  handler then_;
};

} // namespace mailfleet
