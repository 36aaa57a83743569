#pragma once

#include "jobs/outbox_verdict.hpp"
#include "messages/values/outgoing.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What leads a mail from one state to the next. Every step is durable before the next act
/// that relies on it:
///
///     accepted ──> sending ──> dot_sent ──> sent, deferred, failed   (the server's answer)
///        |          ^   |          |
///        v          |   v          v
///     cancelled <── deferred    in_doubt ──> sent, deferred, failed
///
/// Trouble before the final dot is tried again freely: the server discards what was not
/// ended. Behind it only the server's answer, or a look into Sent, tells what became of it.
namespace mailfleet::jobs {

/// Whether the table of transitions has this one.
[[nodiscard]] bool may_follow(outbox_status from, outbox_status to) noexcept;

/// Nothing will happen to it any more.
[[nodiscard]] bool is_final(outbox_status status) noexcept;

/// A mail that was accepted `now`, to go at `due`.
[[nodiscard]] outbox_progress accepted_mail(const mail_envelope& envelope, wall_time now,
                                            wall_time due);

/// The recipients that still wait, in the envelope's order, at most so many: those of the next
/// attempt. What is over that goes in one more, as soon as this one is done.
[[nodiscard]] std::vector<std::string> recipients_waiting(const outbox_progress& mail,
                                                          std::size_t most = SIZE_MAX);

/// An attempt begins. Fails with `precondition_failed` for a mail that does not wait.
[[nodiscard]] result<outbox_progress> begin_attempt(outbox_progress mail, wall_time now);

/// All content is sent and the dot is about to go: this is what must be durable first.
/// `answers` are those to RCPT TO; recipients that were taken become `admitted`. Fails with
/// `precondition_failed` for a mail that is not being sent.
[[nodiscard]] result<outbox_progress>
before_dot(outbox_progress mail, const std::vector<recipient_answer>& answers, wall_time now);

struct attempt_context {
  mailbox_auth auth = mailbox_auth::oauth2;
  /// Failures in a row of the mailbox, before this attempt.
  unsigned mailbox_failures = 0;
  /// The credential that was refused had been fetched anew for that.
  bool credential_was_renewed = false;
  wall_time now{};
  /// Random, in [0, 1).
  double fraction = 0;
};

/// The mailbox cannot send for a while; its mail waits.
struct mailbox_rest {
  /// A code of the table of diagnoses.
  std::string_view diagnosis;
  /// Words of the server, or of the failure.
  std::string evidence;
  /// Until then; none: until a person acted.
  std::optional<wall_time> until;
  /// Fetch a newer token first, then try at once.
  bool renew_credential = false;
};

struct attempt_outcome {
  outbox_progress mail;
  /// Recipients that the attempt lost for good, with what was said of them.
  std::vector<recipient_answer> refused;
  /// Recipients that got it.
  std::vector<std::string> taken;
  std::optional<mailbox_rest> rest;
};

/// What an attempt's end means for its mail and its mailbox. An end that names no answer and no
/// trouble is taken for a lost connection.
[[nodiscard]] attempt_outcome after_attempt(outbox_progress mail, const send_report& report,
                                            const attempt_context& context);

/// What a mail is after the program was started again: what was being sent was not ended and
/// goes again at once; what had its dot sent is in doubt.
[[nodiscard]] outbox_progress after_restart(outbox_progress mail, wall_time now);

/// Fails with `in_use` for a mail that is under way, and `precondition_failed` for one that
/// is finished, or in doubt: that one may have gone.
[[nodiscard]] result<outbox_progress> cancel(outbox_progress mail, wall_time now);

/// A person wants it to be tried now. Fails with `precondition_failed` for a mail that does
/// not wait.
[[nodiscard]] result<outbox_progress> retry_now(outbox_progress mail, wall_time now);

/// Ends the doubt. Fails with `precondition_failed` for a mail that is not in doubt.
[[nodiscard]] result<outbox_progress> settle_doubt(outbox_progress mail, doubt_end how,
                                                   wall_time now);

} // namespace mailfleet::jobs
