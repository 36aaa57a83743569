#pragma once

#include "messages/ports/mail_composer.hpp"
#include "messages/ports/send_session.hpp"
#include "messages/ports/sent_search.hpp"
#include "messages/values/control.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// What actors send each other about mail on its way out. As with the others, no message
/// has an `inspect`.
namespace mailfleet {

// -- messages to the outbox -------------------------------------------------

/// Takes a mail of a mailbox that exists; answered with an `outbox_view` when it is durable.
struct accept_mail {
  mailbox_record mailbox;
  submit_mail what;
  /// It, or its provider, names an SMTP server.
  bool has_server = true;
};

/// Begins an upload for a mailbox that exists.
struct begin_upload {
  entity_id mailbox;
};

/// Asks for the figures.
struct report_outbox {
  /// Of this mailbox only; `sent`, `failed` and `at_rest` are of all.
  std::optional<entity_id> only = std::nullopt;
};

/// A mailbox sends otherwise from now on, or is gone.
struct mailbox_altered {
  entity_id mailbox;
  /// Its servers are others.
  bool elsewhere = false;
};

/// A mail came that says something of one that was sent: events tell it already.
struct mail_reported {
  message_key about;
  mail_kind kind = mail_kind::ordinary;
  std::vector<reported_recipient> recipients;
};

/// An attempt is over, and what it came to is durable. The sender takes another mail.
struct mail_attempted {
  outbox_record mail;
  /// The mailbox cannot send: why, and until when; `retry_at` none: until a person acted.
  std::optional<diagnosis> rest;
  /// The largest mail that its server takes; 0: it says nothing; none: no session was there.
  std::optional<std::uint64_t> max_bytes = std::nullopt;
  /// This attempt came to its dot: its recipients count for the day.
  bool sent_dot = false;
};

/// INTERNAL: the bytes of a mail are made, or cannot be.
struct mail_composed {
  std::uint64_t call = 0;
  result<written_mail> outcome;
};

/// INTERNAL: what the outbox waits for by time is due.
struct outbox_due {
  std::uint64_t plan = 0;
};

/// INTERNAL: mails that were finished long ago are to go.
struct outbox_purge {
  std::optional<record_key> after;
};

// -- messages between a sender and its outbox -------------------------------

/// Sends a mail, if it still may go: its record as it is durable.
struct attempt_mail {
  outbox_record mail;
  /// Recipients that the server takes in one message: the others go in another attempt.
  std::size_t most_recipients = SIZE_MAX;
  /// Attempts in a row that failed because of the mailbox.
  unsigned mailbox_failures = 0;
  /// Its content, if that is at hand; empty: it is to be read.
  std::vector<body_handle> content = {};
};

/// INTERNAL: a session of this sender has something to say.
struct send_reported {
  std::uint64_t session = 0;
  send_event event;
};

// -- messages about a mail in doubt -----------------------------------------

/// Looks for a mail in the Sent folders where it may be; answered once by `sent_looked`.
struct look_into_sent {
  outbox_record mail;
};

/// One Sent folder, and what was seen of it.
struct sent_look {
  /// The account in whose mailbox it is.
  std::string account;
  /// None: there is no IMAP server, or no such folder.
  bool possible = false;
  /// The search came to its end.
  bool complete = false;
  bool found = false;
  /// Why it is not possible, or did not come to its end.
  std::optional<failure> trouble;
};

/// Answers `look_into_sent`.
struct sent_looked {
  message_key mail;
  wall_time begun_at{};
  std::vector<sent_look> looks;
};

/// INTERNAL: the search of this number ended.
struct sent_searched {
  std::uint64_t call = 0;
  result<sent_answer> outcome;
};

} // namespace mailfleet
