#pragma once

#include "messages/values/errors.hpp"
#include "messages/values/ids.hpp"
#include "messages/values/mail.hpp"
#include "messages/values/times.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Mail on its way out: what a program gives, what is known of it, and how its
/// sending went. Numbers of the enums are written to disk.
namespace mailfleet {

// -- what is to be sent -----------------------------------------------------

/// `Ann Archer <ann@example.com>`; all text here is UTF-8.
struct mail_address {
  /// Shown beside the address; may be empty.
  std::string name;
  std::string address;
  bool operator==(const mail_address&) const = default;
};

/// How a file goes with a mail.
enum class file_place : std::uint8_t {
  attached = 1,
  shown = 2, ///< Inline: the HTML refers to it as `cid:CONTENT-ID`.
};

/// A file that goes with a mail.
struct outgoing_file {
  std::string name;
  /// `image/png`; empty: `application/octet-stream`.
  std::string content_type;
  /// Without angle brackets; needed for `shown`.
  std::string content_id;
  file_place place = file_place::attached;
  /// In order. Handles, so that a mail is passed on without a copy of its files.
  std::vector<body_handle> content;
  /// Where its content was uploaded before (`open_upload`); none: `content` is all of it.
  std::optional<message_key> upload;
};

struct extra_header {
  std::string name;
  std::string value;
  bool operator==(const extra_header&) const = default;
};

/// A mail as a program describes it; `mime::compose` makes its bytes.
struct outgoing_mail {
  mail_address from;
  /// Who sent it where that is not who wrote it (RFC 5322 3.6.2).
  std::optional<mail_address> sender;
  std::vector<mail_address> reply_to;
  std::vector<mail_address> to;
  std::vector<mail_address> cc;
  /// Get the mail and are named nowhere in it.
  std::vector<mail_address> bcc;
  std::string subject;
  /// At least one of text, HTML and a file must be there.
  std::string text;
  std::string html;
  std::vector<outgoing_file> files;
  std::vector<extra_header> headers;
  /// Message-IDs, with or without angle brackets.
  std::string in_reply_to;
  std::vector<std::string> references;
  /// None: the time of acceptance.
  std::optional<wall_time> date;
  /// Empty: one is made.
  std::string message_id;
};

/// A mail that a program gives as bytes (RFC 5322).
struct raw_mail {
  /// In order; empty: they were uploaded before.
  std::vector<body_handle> content;
  std::optional<message_key> upload;
  /// MAIL FROM; empty: the address of Sender, or else of From.
  std::string sender;
  /// RCPT TO; none: the addresses of To, Cc and Bcc.
  std::vector<std::string> recipients;
  /// Whether lines that end with LF alone are given their CR.
  bool convert_lf = false;
};

/// To whom a mail goes, and what the server must be able to do for it.
struct mail_envelope {
  /// MAIL FROM.
  std::string sender;
  /// RCPT TO, each once, domains in ASCII.
  std::vector<std::string> recipients;
  /// RFC 6531: an address before the '@', or a header, is not ASCII.
  bool needs_smtputf8 = false;
  /// RFC 6152: the body is not ASCII.
  bool needs_8bitmime = false;
  /// Bytes on the wire, without dot-stuffing.
  std::uint64_t bytes = 0;
  bool operator==(const mail_envelope&) const = default;
};

/// What people and searches know a mail by.
struct mail_facts {
  /// With angle brackets.
  std::string message_id;
  /// Decoded, printable and cut.
  std::string subject;
  /// The addresses of From.
  std::vector<std::string> from;
  /// Message-IDs with angle brackets: In-Reply-To and References, each once, the
  /// eldest first.
  std::vector<std::string> thread;
  bool operator==(const mail_facts&) const = default;
};

/// What is known of a mail whose bytes went to a sink.
struct composed_mail {
  mail_envelope envelope;
  mail_facts facts;
  bool operator==(const composed_mail&) const = default;
};

/// The header that carries our own id: servers may replace the Message-ID, not this.
inline constexpr std::string_view mailfleet_id_header = "X-Mailfleet-Id";

// -- how it is sent ---------------------------------------------------------

/// Where a mail stands (jobs/outbox_state.hpp says what leads where).
enum class outbox_status : std::uint8_t {
  accepted = 1, ///< Durable; waits for its turn or its time.
  sending = 2,  ///< A session speaks of it; the final dot was not sent.
  dot_sent = 3, ///< The final dot is on its way: from here on it may have been taken.
  sent = 4,     ///< The server took it.
  deferred = 5, ///< It, or a part of its recipients, is tried again later.
  failed = 6,   ///< Given up; nobody is left who could get it.
  in_doubt = 7, ///< Nobody knows whether the server took it.
  cancelled = 8,
};

/// `accepted`, ...
[[nodiscard]] std::string_view to_string(outbox_status status) noexcept;

/// How one recipient stands.
enum class recipient_status : std::uint8_t {
  waiting = 1,  ///< Not tried, or to be tried again.
  taken = 2,    ///< The server took the mail for it.
  refused = 3,  ///< For good.
  admitted = 4, ///< RCPT TO was taken, and the final dot decides.
  bounced = 5,  ///< Taken, and then a report came that it did not arrive.
};

/// `waiting`, ...
[[nodiscard]] std::string_view to_string(recipient_status status) noexcept;

/// What to do with a mail of which nobody can say whether it was sent.
enum class doubt_policy : std::uint8_t {
  at_least_once = 1, ///< Send again: rather twice than not at all.
  at_most_once = 2,  ///< Ask the operator: rather not at all than twice.
};

/// Who waits for it.
enum class send_priority : std::uint8_t {
  interactive = 1, ///< A person: a reply of an agent.
  bulk = 2,        ///< Nobody: a campaign, a report.
};

/// How a mail is to be sent.
struct submission_wishes {
  /// None: as soon as may be.
  std::optional<wall_time> due;
  send_priority priority = send_priority::interactive;
  /// Made by the submitter: the same one gives the same mail, for 30 days. Empty: none.
  std::string idempotency_key;
};

/// How a doubt ends.
enum class doubt_end : std::uint8_t {
  was_sent = 1,
  send_again = 2,
  give_up = 3, ///< By an operator only.
};

/// How one mailbox sends, where that is not as its service does.
struct sending_settings {
  doubt_policy in_doubt = doubt_policy::at_least_once;
  /// Addresses, and domains (`@example.com`), that it may send as beside its own.
  std::vector<std::string> send_as;
  /// The folder on the server where sent mail is kept; empty: it is found by itself.
  std::string sent_folder;
  /// 0 stands for no limit; none: the service's.
  std::optional<std::uint32_t> connections;
  std::optional<std::uint32_t> messages_per_minute;
  std::optional<std::uint32_t> messages_per_day;
  std::optional<std::uint32_t> recipients_per_day;
  std::optional<std::uint32_t> recipients_per_message;
  bool operator==(const sending_settings&) const = default;
};

/// How far an attempt came: what was under way when it ended.
enum class send_phase : std::uint8_t {
  connecting = 1, ///< Name, connection, TLS.
  greeting = 2,   ///< Greeting and EHLO.
  log_in = 3,
  sender = 4,     ///< MAIL FROM.
  recipients = 5, ///< RCPT TO.
  data = 6,       ///< DATA, before its 354.
  body = 7,       ///< The content, before its final dot.
  dot = 8,        ///< After the final dot.
};

/// `connecting`, ...
[[nodiscard]] std::string_view to_string(send_phase phase) noexcept;

/// What an SMTP server said. `words` are printable and cut.
struct server_words {
  std::uint16_t code = 0;
  /// `5.7.139` (RFC 3463); empty: it gave none.
  std::string enhanced;
  std::string words;
  bool operator==(const server_words&) const = default;
};

/// `535 5.7.3 Authentication unsuccessful`.
[[nodiscard]] std::string to_string(const server_words& said);

/// What the server said of one recipient.
struct recipient_answer {
  /// As in the envelope of the attempt.
  std::string address;
  server_words said;
  bool operator==(const recipient_answer&) const = default;
};

/// How an attempt to send a mail ended.
struct send_report {
  send_phase phase = send_phase::connecting;
  /// The answer that ended it; after a success the answer to the final dot. None: there
  /// was no answer, or none of ours fits it.
  std::optional<server_words> answer;
  /// Why there is no answer: the network, TLS, a token that could not be had, a server
  /// that broke its protocol.
  std::optional<failure> trouble;
  /// Of each recipient whose RCPT TO was answered.
  std::vector<recipient_answer> recipients;
  /// The server said before its refusal what is wrong with the token (RFC 7628 3.2.2).
  bool challenged = false;
  bool operator==(const send_report&) const = default;
};

/// How one recipient of a mail stands.
struct recipient_progress {
  std::string address;
  recipient_status status = recipient_status::waiting;
  /// The last that the server said of it.
  std::optional<server_words> said;
  bool operator==(const recipient_progress&) const = default;
};

/// How the sending of a mail stands; jobs/outbox_state.hpp moves it on.
struct outbox_progress {
  outbox_status status = outbox_status::accepted;
  /// Since when it has this status.
  wall_time since{};
  /// Not before: the scheduled time, then the next try.
  wall_time due{};
  std::vector<recipient_progress> recipients;
  /// Attempts begun.
  std::uint32_t attempts = 0;
  /// Attempts in a row that failed because of the mail, not of its mailbox.
  std::uint32_t failures = 0;
  /// When the server first put the mail off: it is given up days after that, not after
  /// days in which its mailbox could not send at all.
  std::optional<wall_time> put_off_since;
  /// When the final dot of the last attempt was about to go.
  std::optional<wall_time> dot_sent_at;
  /// How the last attempt ended.
  std::optional<server_words> said;
  /// A code of the table of diagnoses; empty: nothing is wrong.
  std::string reason;
  /// Words for a person, if no server said any.
  std::string detail;
  /// Whom each attempt named whose doubt was ended without knowledge: a copy of any of them
  /// may be found at any time. None: there was no such attempt.
  std::optional<std::vector<std::string>> unknown_to = std::nullopt;
  bool operator==(const outbox_progress&) const = default;
};

} // namespace mailfleet
