#pragma once

#include "messages/ports/commit_log.hpp"
#include "messages/ports/mail_session.hpp"
#include "messages/values/records.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

/// How what a session reports becomes durable: pure functions from a cursor and
/// a report to one commit and the next cursor. Every commit demands the cursor's
/// version before it, so that after one refused commit those behind it are
/// refused too, and the mailbox starts over from what is durable.
namespace mailfleet::jobs {

/// How often a message that the server refuses is asked for before it is
/// quarantined.
inline constexpr std::uint8_t max_fetch_attempts = 3;

/// How often in a row a session may end at one message before it is owed, if the
/// server says that it is busy.
inline constexpr std::uint8_t max_busy_breaks = 10;

/// How often a server action is tried before it is given up.
inline constexpr std::uint8_t max_action_attempts = 5;

/// Finds the mail of ours that a mail speaks of. Empty: there is none.
using find_sent = std::function<std::optional<message_key>(const mail_meaning&)>;

/// What a delivery report or a complaint says of a mail of ours.
struct sent_report {
  message_key about;
  mail_kind kind = mail_kind::delivery_report;
  std::vector<reported_recipient> recipients;
};

/// A commit, and the cursor once it is durable.
struct ingest_step {
  commit_request request;
  cursor_record cursor;
  /// The owed actions among the puts.
  std::vector<owed_action_record> actions;
  /// Reports among the messages that are about mail of ours.
  std::vector<sent_report> reports;
  /// What the request makes exist.
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

/// What a freshly opened folder asks for before any fetch.
struct opening {
  /// To be committed; none: the cursor there is still holds.
  std::optional<ingest_step> step;
  /// Ask the session for the first message of this day, then call `begin_at`.
  std::optional<wall_time> find_since;
};

/// Compares the folder with the cursor there is. At the first contact the start
/// is placed as the mailbox's `from` says; after a change of UIDVALIDITY it is
/// placed by date, so that nothing since the mailbox was added is missed.
[[nodiscard]] opening plan_opening(const mailbox_record& mailbox,
                                   const std::optional<cursor_record>& have,
                                   const folder_opened& folder, wall_time now);

/// Places the start at `first` (the answer to `find_since`), with the event of a
/// reset if there was a cursor.
[[nodiscard]] ingest_step begin_at(const mailbox_record& mailbox,
                                   const std::optional<cursor_record>& have,
                                   const folder_opened& folder, std::uint32_t first, wall_time now);

/// Makes a batch durable: its chunks, and for each message that is whole its
/// index row, events and owed action. A message that the cursor has passed and
/// does not owe is skipped: it is here already. A report of which `sent` knows no
/// mail is a mail like others: whoever wrote it may have made the id up.
[[nodiscard]] ingest_step plan_batch(const mailbox_record& mailbox, const cursor_record& cursor,
                                     const mail_batch& batch, const find_sent& sent, wall_time now);

/// Closes a fetch: moves the cursor on, owes what was refused, quarantines what
/// was refused too often. `asked` is set after `fetch_one`: if it was neither
/// reported nor refused it is gone from the server, and no longer owed.
[[nodiscard]] ingest_step plan_finish(const mailbox_record& mailbox, const cursor_record& cursor,
                                      const fetch_finished& report,
                                      std::optional<std::uint32_t> asked, wall_time now);

/// How often in a row a mailbox's sessions ended at the same message.
struct fetch_breaks {
  std::uint32_t number = 0;
  std::uint8_t times = 0;
};

/// Counts a session that ended in the middle of a fetch, and owes the message it
/// ended at once that happened `max_fetch_attempts` times in a row, so that one
/// message which breaks every session does not block its mailbox. It is never
/// quarantined for that: the line may be at fault, and the message healthy. A
/// server that is busy is given `max_busy_breaks`; a token that ended and our own
/// limits say nothing about a message. None: there is nothing to commit.
[[nodiscard]] std::optional<ingest_step> plan_break(const mailbox_record& mailbox,
                                                    const cursor_record& cursor,
                                                    fetch_breaks& breaks, const session_closed& end,
                                                    wall_time now);

/// Notes the outcome of a server action: done, to be tried again, or given up.
/// `again` is the record to try later, if any.
struct action_step {
  commit_request request;
  std::optional<owed_action_record> again;
};
[[nodiscard]] action_step plan_action_outcome(const owed_action_record& action,
                                              const std::optional<failure>& refused, wall_time now);

/// Takes the actions of another UIDVALIDITY out of `actions`: their numbers mean
/// other messages now. The request forgets them and tells of it; none: there are none.
[[nodiscard]] std::optional<commit_request>
drop_stale_actions(std::deque<owed_action_record>& actions, std::uint32_t validity, wall_time now);

} // namespace mailfleet::jobs
