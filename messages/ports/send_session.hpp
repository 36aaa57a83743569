#pragma once

#include "messages/values/mail.hpp"
#include "messages/values/outgoing.hpp"
#include "messages/values/records.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mailfleet {

/// What a session needs to get in at a submission server.
struct send_settings {
  entity_id mailbox;
  endpoint server;
  /// Log-in name; with OAuth2 the mailbox's address.
  std::string user;
  mailbox_auth auth = mailbox_auth::oauth2;
  /// Access token or password.
  secret credential;
};

/// One attempt to send a mail.
struct submission {
  /// With the recipients of this attempt only.
  mail_envelope envelope;
  /// The pieces that its content comes in; at least one.
  std::uint32_t chunks = 1;
  /// The first of them, as far as they are at hand: the others are asked for.
  std::vector<body_handle> content = {};
  /// Our own id, named to the server where it offers DSN (RFC 3461 4.4).
  std::string envelope_id;
};

// -- what a session reports -------------------------------------------------

/// Logged in. The first thing that is reported, but for the end.
struct send_session_ready {
  /// The largest mail that the server takes, as it says (RFC 1870); none: it says nothing.
  std::optional<std::uint64_t> max_bytes = std::nullopt;
};

/// The server waits for content that came not with the submission: give the piece of this
/// number.
struct content_wanted {
  std::uint32_t part = 0;
};

/// All content is sent, and nothing is promised yet: once it is durable that the dot
/// goes, let it go.
struct dot_wanted {
  /// Of each recipient, in the envelope's order.
  std::vector<recipient_answer> recipients;
};

/// The attempt is over; the session takes another.
struct attempt_ended {
  send_report report;
};

/// The end; nothing follows. It is that of the attempt under way, too.
struct send_session_closed {
  send_report report;
};

using send_event = std::variant<send_session_ready, content_wanted, dot_wanted, attempt_ended,
                                send_session_closed>;

// -- what a session does ----------------------------------------------------

/// One log-in at one submission server, for one mailbox. It begins to connect when made.
/// Commands may be given from any thread and never block; one that answers nothing asked
/// ends the session. Events come on a thread of the implementation; the callback must not
/// block. After `close()` or destruction no event comes.
class send_session {
public:
  virtual ~send_session() = default;

  /// Begins an attempt; one at a time.
  virtual void submit(submission what) = 0;

  /// Answers `content_wanted`; null: it is lost, and the session ends (`storage_corrupt`).
  virtual void give_content(body_handle piece) = 0;

  /// Answers `dot_wanted`.
  virtual void send_dot() = 0;

  /// Quits in good order, with a short deadline. No event follows. A mail whose content is
  /// under way is not sent.
  virtual void close() = 0;
};

/// Opens sessions. May be called from any thread.
class send_session_factory {
public:
  virtual ~send_session_factory() = default;
  [[nodiscard]] virtual std::unique_ptr<send_session>
  open(send_settings settings, std::function<void(send_event)> report) = 0;
};

} // namespace mailfleet
