#pragma once

#include "messages/values/mail.hpp"
#include "messages/values/mail_meaning.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mailfleet {

/// What a session needs to get in.
struct session_settings {
  entity_id mailbox;
  endpoint server;
  /// Log-in name; with OAuth2 the mailbox's address.
  std::string user;
  mailbox_auth auth = mailbox_auth::oauth2;
  /// Access token or password.
  secret credential;
  /// Bodies are read only against this budget.
  std::shared_ptr<byte_budget> budget;
};

// -- what a session reports -------------------------------------------------

/// Logged in and the folder is open. Nothing is fetched before a command.
struct folder_opened {
  std::uint32_t folder = inbox_folder;
  /// UIDVALIDITY; UIDNEXT (0 if the server did not say); EXISTS.
  std::uint32_t validity = 0;
  std::uint32_t next_number = 0;
  std::uint32_t exists = 0;
};

/// A piece of a message, in order. The last piece carries what the whole has.
struct mail_piece {
  std::uint32_t number = 0;
  std::uint32_t part = 0;
  body_handle bytes;
  /// Set on the last piece only.
  struct whole {
    std::uint64_t size = 0;
    sha256_digest sha256{};
    std::optional<wall_time> internal_date;
    std::vector<std::string> flags;
    mail_meaning meaning;
  };
  std::optional<whole> last;
};

/// Pieces that arrived together: commit them as one.
struct mail_batch {
  std::vector<mail_piece> pieces;
};

/// Everything asked for by `fetch` or `fetch_one` is reported, up to `through`.
/// Numbers that the server refused are named: the cursor owes them. A refusal
/// ends a `fetch`, so that nothing above it is reported before it is owed; what
/// is left is for another `fetch`. Numbers that the server no longer has are
/// passed without a word.
struct fetch_finished {
  /// The highest number covered: all up to here was reported, is named here, or
  /// is no longer there.
  std::uint32_t through = 0;
  std::vector<std::uint32_t> refused;
};

/// Answers `find_since`: the lowest number of that day or later; UIDNEXT if
/// there is none.
struct start_found {
  std::uint32_t number = 0;
};

/// The server has something new: fetch. Sent while idle only.
struct news_arrived {};

/// Now idle (IMAP IDLE, or polling where the server lacks it).
struct now_watching {
  bool idle = true;
};

/// Answers `act`.
struct action_finished {
  std::uint32_t number = 0;
  std::optional<failure> refused;
};

/// The end; nothing follows. `reason.code` says whose fault it was;
/// `token_expired` tells that the server ended it because the token did, which
/// is no error.
struct session_closed {
  failure reason;
  bool token_expired = false;
  /// `Retry-After`, `Suggested Backoff Time`, as far as the server named one.
  std::optional<std::chrono::milliseconds> retry_after;
  /// The message that was under way when a fetch broke off; all below it that are
  /// still there were reported. It may be what breaks the session.
  std::optional<std::uint32_t> broke_at = std::nullopt;
};

using session_event = std::variant<folder_opened, mail_batch, fetch_finished, start_found,
                                   news_arrived, now_watching, action_finished, session_closed>;

// -- what a session does ----------------------------------------------------

/// One log-in at one server. It begins to connect when made, reports
/// `folder_opened` or `session_closed`, then carries out one command at a time
/// (a command given during `watch` ends the watch). Commands may be given from
/// any thread and never block. Events come on a thread of the implementation;
/// the callback must not block. After `close()` or destruction no event comes.
class mail_session {
public:
  virtual ~mail_session() = default;

  /// Fetches every message with a number above `after`, in ascending order,
  /// without setting \Seen, as far as the budget allows.
  virtual void fetch(std::uint32_t after) = 0;

  /// Fetches just this message (an owed one).
  virtual void fetch_one(std::uint32_t number) = 0;

  /// Looks for the first message of a day (UTC).
  virtual void find_since(wall_time day) = 0;

  /// Waits for news.
  virtual void watch() = 0;

  /// Carries out a server action; repeating one that was done already is fine.
  virtual void act(std::uint32_t number, server_action action, std::string target) = 0;

  /// Logs out in good order, with a short deadline. No event follows.
  virtual void close() = 0;
};

/// Opens sessions. May be called from any thread.
class mail_session_factory {
public:
  virtual ~mail_session_factory() = default;
  [[nodiscard]] virtual std::unique_ptr<mail_session>
  open(session_settings settings, std::function<void(session_event)> report) = 0;
};

} // namespace mailfleet
