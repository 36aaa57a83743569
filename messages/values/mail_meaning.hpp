#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What a mail that came says of mail that was sent.
namespace mailfleet {

/// What it is. Numbers are written to disk and shown to programs.
enum class mail_kind : std::uint8_t {
  ordinary = 1,
  delivery_report = 2, ///< A bounce, a delay or a success (RFC 3464), or one in another form.
  auto_reply = 3,      ///< Written by no person: an absence note, a ticket system (RFC 3834).
  complaint = 4,       ///< A recipient called a mail abuse (RFC 5965).
  receipt = 5,         ///< It was read, or deleted unread (RFC 8098).
};

/// `ordinary`, ...
[[nodiscard]] std::string_view to_string(mail_kind kind) noexcept;

/// What became of a mail for one recipient (RFC 3464 2.3.3).
enum class delivery_action : std::uint8_t {
  unknown = 1,
  failed = 2,
  delayed = 3,
  delivered = 4,
  relayed = 5,
  expanded = 6,
};

/// `failed`, ...
[[nodiscard]] std::string_view to_string(delivery_action action) noexcept;

struct reported_recipient {
  /// As the sender gave it (Original-Recipient), else as its server knows it.
  std::string address;
  delivery_action action = delivery_action::unknown;
  /// `5.1.1`; empty: it names none.
  std::string status;
  /// The words of the server that refused.
  std::string diagnostic;
  bool operator==(const reported_recipient&) const = default;
};

/// All text is printable and cut; all of it was written by others, who may lie: a report about
/// an id that was never sent means nothing.
struct mail_meaning {
  mail_kind kind = mail_kind::ordinary;
  /// Its own Message-ID; empty: it has no sound one.
  std::string message_id;
  /// Its own X-Mailfleet-Id: a copy of a mail of ours, as Sent has them.
  std::string own_id;
  /// Message-IDs of its thread, the eldest first.
  std::vector<std::string> thread;
  /// Of a report, complaint or receipt: the Message-ID, X-Mailfleet-Id and ENVID (RFC 3461) of
  /// the mail it is about, as far as they came back.
  std::string about_message_id;
  std::string about_mailfleet_id;
  std::string about_envelope_id;
  std::vector<reported_recipient> recipients;
  /// What told its kind: `auto-replied`, `abuse`, `bulk`.
  std::string reason;
  bool operator==(const mail_meaning&) const = default;
};

} // namespace mailfleet
