#pragma once

#include "protocols/imap/commands.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace mailfleet::net {

/// A message that a listing named.
struct listed_message {
  std::uint32_t uid = 0;
  /// RFC822.SIZE, an estimate (Exchange): plans with it, never frames.
  std::uint64_t size = 0;
};

/// Decides what to ask for and which answers to take, without I/O.
///
/// The promise it keeps: messages are taken in ascending order without a gap,
/// so that a cursor that moves with them passes nothing. When an answer skips a
/// message, all answers under way are dropped; from then on commands do not
/// overlap, since some servers answer two by turns. Messages that a command by
/// itself does not bring are asked for one by one, and one that is refused even
/// then ends the plan's run at that message: its owner records it before
/// anything above is taken.
class fetch_plan {
public:
  fetch_plan() = default;

  /// In any order; a UID that is named twice counts once.
  explicit fetch_plan(std::vector<listed_message> messages);

  /// Only this message, asked for by itself.
  [[nodiscard]] static fetch_plan of_one(std::uint32_t uid);

  /// What to ask for now; nothing while enough is under way.
  struct ask {
    /// Names the command in `command_finished`.
    std::size_t number = 0;
    imap::uid_range messages;
  };
  [[nodiscard]] std::optional<ask> next_ask();

  /// What to do with a body that begins.
  enum class verdict : std::uint8_t {
    take,
    drop,
    hold, ///< Its UID is not known yet: keep it, `settle` decides.
  };
  [[nodiscard]] verdict body_begins(std::uint32_t uid, std::uint64_t bytes);

  /// The UID under which a held or taken body goes on; nothing: drop it.
  [[nodiscard]] std::optional<std::uint32_t> settle(std::uint32_t uid);

  /// The taken body is complete.
  void message_taken();

  /// Whether the body that came cannot be the message that was listed: the size of
  /// a message never changes (RFC 9051 2.3.4), but some servers send words of their
  /// own in place of one that went meanwhile.
  [[nodiscard]] bool is_another(std::optional<std::uint64_t> size) const noexcept;

  /// The body that came may be another: ask by itself; if that brings the same,
  /// whether the message is still there must be found out.
  void another_came();

  /// The message to look for; asking clears it. Nothing is under way then.
  [[nodiscard]] std::optional<std::uint32_t> take_doubted();

  /// It is there after all: ask once more, and take what comes. Or it is gone.
  void settle_doubt(bool still_there);

  /// The server answered about this message without a body.
  void answered_without_body(std::uint32_t uid);

  /// The command is done. A message that was asked for by itself and did not
  /// come is refused if the server said NO or sent no body of it, and gone if
  /// the server does not know it.
  void command_finished(std::size_t number, bool ok);

  /// The message just refused; asking clears it.
  [[nodiscard]] std::optional<std::uint32_t> take_refused();

  /// Forgets the commands under way: a run ended between commands.
  [[nodiscard]] bool idle() const noexcept {
    return in_flight_.empty();
  }

  /// Whether every message is taken, refused or gone.
  [[nodiscard]] bool finished() const noexcept {
    return next_ == messages_.size();
  }

  /// The lowest UID that is neither taken nor refused nor gone; none: finished.
  [[nodiscard]] std::optional<std::uint32_t> next_uid() const noexcept {
    return finished() ? std::nullopt : std::optional{messages_[next_].uid};
  }

  /// The highest UID of the plan; 0 if it is empty.
  [[nodiscard]] std::uint32_t last_uid() const noexcept {
    return messages_.empty() ? 0 : messages_.back().uid;
  }

private:
  struct sent_ask {
    std::size_t number = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  [[nodiscard]] bool asks_alone() const noexcept;
  /// Whether what is under way has so little left that the next may follow.
  [[nodiscard]] bool nearly_done() const noexcept;
  ask send(std::size_t end);
  /// Messages before `end` were skipped, though they may still come.
  void skipped(std::size_t end);
  /// Messages before `end` did not come: ask for them one by one.
  void repair(std::size_t end);

  std::vector<listed_message> messages_;
  std::deque<sent_ask> in_flight_;
  /// Index of the first message that is neither taken nor refused nor gone.
  std::size_t next_ = 0;
  /// Index of the first message that is not asked for.
  std::size_t asked_ = 0;
  /// Messages before this index are asked for one by one.
  std::size_t alone_until_ = 0;
  std::size_t commands_ = 0;
  bool dropping_ = false;
  /// Commands do not overlap any more.
  bool serial_ = false;
  bool without_body_ = false;
  bool another_ = false;
  std::optional<std::uint32_t> doubted_;
  std::optional<std::uint32_t> refused_;
};

} // namespace mailfleet::net
