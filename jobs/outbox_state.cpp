#include "jobs/outbox_state.hpp"

#include "jobs/limits.hpp"
#include "jobs/outbox_doubt.hpp"
#include "jobs/outbox_retry.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mailfleet::jobs {

namespace {

using status = outbox_status;

struct transition {
  status from;
  status to;
};

constexpr std::array transitions{
    transition{status::accepted, status::sending},
    transition{status::accepted, status::cancelled},
    transition{status::sending, status::dot_sent},
    transition{status::sending, status::deferred},
    transition{status::sending, status::failed},
    transition{status::sending, status::sent}, // The rest of a mail that others got.
    transition{status::dot_sent, status::sent},
    transition{status::dot_sent, status::deferred},
    transition{status::dot_sent, status::failed},
    transition{status::dot_sent, status::in_doubt},
    transition{status::deferred, status::sending},
    transition{status::deferred, status::cancelled},
    transition{status::in_doubt, status::sent},
    transition{status::in_doubt, status::deferred},
    transition{status::in_doubt, status::failed},
};

failure wrong_state(const outbox_progress& mail, std::string_view fault, std::string_view cure) {
  return {errc::precondition_failed, "the mail is " + std::string{to_string(mail.status)} + " and "
                                         + std::string{fault} + "; " + std::string{cure}};
}

void move_to(outbox_progress& mail, status to, wall_time now) {
  mail.status = to;
  mail.since = now;
}

bool has(const outbox_progress& mail, recipient_status wanted) {
  return std::ranges::any_of(mail.recipients,
                             [&](const auto& one) { return one.status == wanted; });
}

void turn(outbox_progress& mail, recipient_status from, recipient_status to) {
  for (auto& one : mail.recipients)
    if (one.status == from)
      one.status = to;
}

/// Behind a dot somebody was admitted: where nobody is named, take all that waited for it. Rather
/// that than a mail that goes out again to those who have it.
void demand_admitted(outbox_progress& mail) {
  if (!has(mail, recipient_status::admitted))
    turn(mail, recipient_status::waiting, recipient_status::admitted);
}

/// The state that follows from the recipients', once nothing is under way.
status settled(const outbox_progress& mail) {
  if (has(mail, recipient_status::waiting))
    return status::deferred;
  return has(mail, recipient_status::taken) ? status::sent : status::failed;
}

std::string words_of(const send_report& report) {
  if (report.answer)
    return printable(to_string(*report.answer), max_evidence_bytes);
  return report.trouble ? printable(report.trouble->detail, max_evidence_bytes) : std::string{};
}

/// One attempt's end, taken step by step.
class ending {
public:
  ending(outbox_progress mail, const send_report& report, const attempt_context& context)
    : report_{report}, context_{context} {
    out_.mail = std::move(mail);
  }

  attempt_outcome take() && {
    auto& mail = out_.mail;
    mail.said = report_.answer;
    mail.detail = report_.answer ? "" : words_of(report_);
    mail.reason.clear();
    if (report_.phase == send_phase::dot && !report_.answer) {
      doubt();
      return std::move(out_);
    }
    if (report_.phase != send_phase::dot)
      turn(mail, recipient_status::admitted, recipient_status::waiting);
    // What the server says of the mail goes before what it said of a recipient.
    for (const auto& one : report_.recipients)
      hear(one);
    auto verdict = judge();
    if (verdict.scope == send_scope::none)
      succeed();
    else if (verdict.scope == send_scope::mailbox)
      rest_mailbox(verdict);
    else
      put_off_or_refuse(verdict);
    finish();
    return std::move(out_);
  }

private:
  void doubt() {
    for (const auto& one : report_.recipients)
      hear(one);
    demand_admitted(out_.mail);
    out_.mail.reason = "smtp.outcome_unknown";
    move_to(out_.mail, status::in_doubt, context_.now);
  }

  send_verdict judge() const {
    if (report_.answer)
      return judge_answer(report_.phase, *report_.answer, context_.auth, report_.challenged);
    return judge_trouble(report_.phase,
                         report_.trouble.value_or(failure{errc::connection_lost, {}}));
  }

  /// The answer to a RCPT TO. The dot decides for those that were taken.
  void hear(const recipient_answer& answer) {
    auto found =
        std::ranges::find(out_.mail.recipients, answer.address, &recipient_progress::address);
    if (found == out_.mail.recipients.end() || found->status == recipient_status::taken
        || found->status == recipient_status::refused)
      return;
    found->said = answer.said;
    if (answer.said.code / 100 == 2) {
      if (report_.phase == send_phase::dot)
        found->status = recipient_status::admitted;
      return;
    }
    found->status = recipient_status::waiting;
    auto verdict = judge_answer(send_phase::recipients, answer.said, context_.auth, false);
    if (verdict.scope == send_scope::mailbox) {
      rest_mailbox(verdict, to_string(answer.said));
      return;
    }
    if (verdict.then == course::refused) {
      refuse(*found);
      if (refused_because_.empty())
        refused_because_ = verdict.diagnosis;
      return;
    }
    put_off_ = true;
    slowly_ = slowly_ || verdict.then == course::retried_slowly;
    if (verdict.wait)
      wait_ = std::max(wait_.value_or(*verdict.wait), *verdict.wait);
  }

  void refuse(recipient_progress& who) {
    who.status = recipient_status::refused;
    out_.refused.push_back({who.address, who.said.value_or(server_words{})});
  }

  void succeed() {
    demand_admitted(out_.mail);
    for (auto& one : out_.mail.recipients)
      if (one.status == recipient_status::admitted) {
        one.status = recipient_status::taken;
        out_.taken.push_back(one.address);
      }
  }

  void rest_mailbox(const send_verdict& verdict, std::string evidence) {
    mailbox_rest rest{verdict.diagnosis, std::move(evidence), std::nullopt, false};
    auto refused = report_.phase == send_phase::log_in && context_.auth == mailbox_auth::oauth2
                   && report_.answer && report_.answer->code / 100 == 5;
    if (refused && !context_.credential_was_renewed) {
      rest.renew_credential = true;
      rest.until = context_.now;
    } else if (verdict.then != course::parked && verdict.then != course::fatal) {
      rest.until =
          context_.now
          + send_wait(context_.mailbox_failures + 1, verdict.then == course::retried_slowly,
                      verdict.wait, context_.fraction);
    }
    if (out_.mail.reason.empty())
      out_.mail.reason = verdict.diagnosis;
    // Of two the longer one counts.
    if (!out_.rest || !rest.until || (out_.rest->until && *out_.rest->until < *rest.until))
      out_.rest = std::move(rest);
  }

  /// The mail waits with its mailbox, and is none the worse for it, unless it may be the cause: a
  /// recipient at which a server closes each session must not hold up all others for ever.
  void rest_mailbox(const send_verdict& verdict) {
    turn(out_.mail, recipient_status::admitted, recipient_status::waiting);
    rest_mailbox(verdict, words_of(report_));
    if (report_.phase >= send_phase::sender)
      out_.mail.due = behind_rest();
    put_off_ = put_off_ || (report_.phase >= send_phase::recipients && out_.rest->until);
  }

  /// After the other mails of the mailbox, once that goes on.
  wall_time behind_rest() const {
    return out_.rest->until.value_or(context_.now) + std::chrono::seconds{1};
  }

  /// Exchange has refused senders at random and taken them later: one more try.
  bool may_be_chance(const send_verdict& verdict) const {
    return verdict.diagnosis == "smtp.send_as_denied" && report_.answer
           && report_.answer->enhanced == "5.2.0" && out_.mail.failures == 0;
  }

  void put_off_or_refuse(const send_verdict& verdict) {
    out_.mail.reason = verdict.diagnosis;
    bool refused = verdict.then == course::refused && !may_be_chance(verdict);
    // Where all recipients were refused, each has its own answer already.
    bool by_recipients = report_.phase == send_phase::recipients && report_.answer;
    if (refused && by_recipients)
      return;
    for (auto& one : out_.mail.recipients) {
      if (one.status != recipient_status::admitted && one.status != recipient_status::waiting)
        continue;
      // Of one that was put off at RCPT TO, the dot says nothing.
      bool was_asked = one.status == recipient_status::admitted || report_.phase != send_phase::dot;
      one.status = recipient_status::waiting;
      if (!refused || !was_asked)
        continue;
      if (report_.answer)
        one.said = report_.answer;
      refuse(one);
    }
    put_off_ = put_off_ || !refused;
    slowly_ = slowly_ || verdict.then != course::retried;
    if (verdict.wait)
      wait_ = std::max(wait_.value_or(*verdict.wait), *verdict.wait);
  }

  void finish() {
    auto& mail = out_.mail;
    if (put_off_ && has(mail, recipient_status::waiting)) {
      ++mail.failures;
      mail.put_off_since = mail.put_off_since.value_or(context_.now);
      mail.due = context_.now + send_wait(mail.failures, slowly_, wait_, context_.fraction);
      if (out_.rest)
        mail.due = std::max(mail.due, behind_rest());
      if (mail.reason.empty())
        mail.reason = "smtp.recipient_deferred";
      if (is_given_up(*mail.put_off_since, mail.due))
        for (auto& one : mail.recipients)
          if (one.status == recipient_status::waiting)
            refuse(one);
    }
    if (mail.reason.empty())
      mail.reason = refused_because_;
    move_to(mail, settled(mail), context_.now);
  }

  const send_report& report_;
  const attempt_context& context_;
  attempt_outcome out_;
  bool put_off_ = false;
  bool slowly_ = false;
  std::optional<std::chrono::milliseconds> wait_;
  /// What the first recipient was refused for.
  std::string refused_because_;
};

} // namespace

bool may_follow(outbox_status from, outbox_status to) noexcept {
  return std::ranges::any_of(
      transitions, [&](const transition& one) { return one.from == from && one.to == to; });
}

bool is_final(outbox_status of) noexcept {
  return of == status::sent || of == status::failed || of == status::cancelled;
}

outbox_progress accepted_mail(const mail_envelope& envelope, wall_time now, wall_time due) {
  outbox_progress mail;
  mail.since = now;
  mail.due = due;
  for (const auto& address : envelope.recipients)
    mail.recipients.push_back({address, recipient_status::waiting, std::nullopt});
  return mail;
}

std::vector<std::string> recipients_waiting(const outbox_progress& mail, std::size_t most) {
  std::vector<std::string> found;
  for (const auto& one : mail.recipients)
    if (one.status == recipient_status::waiting && found.size() < most)
      found.push_back(one.address);
  return found;
}

result<outbox_progress> begin_attempt(outbox_progress mail, wall_time now) {
  if (!may_follow(mail.status, status::sending))
    return wrong_state(mail, "does not wait", "nothing is to be done");
  ++mail.attempts;
  // The days that it is tried for do not run while nobody could: its mailbox was at rest, or the
  // program.
  if (mail.put_off_since && now > mail.due)
    *mail.put_off_since += now - mail.due;
  move_to(mail, status::sending, now);
  return mail;
}

result<outbox_progress> before_dot(outbox_progress mail,
                                   const std::vector<recipient_answer>& answers, wall_time now) {
  if (!may_follow(mail.status, status::dot_sent))
    return wrong_state(mail, "is not being sent", "nothing is to be done");
  for (const auto& answer : answers) {
    auto found = std::ranges::find(mail.recipients, answer.address, &recipient_progress::address);
    if (found == mail.recipients.end() || found->status != recipient_status::waiting)
      continue;
    found->said = answer.said;
    if (answer.said.code / 100 == 2)
      found->status = recipient_status::admitted;
  }
  mail.dot_sent_at = now;
  move_to(mail, status::dot_sent, now);
  return mail;
}

attempt_outcome after_attempt(outbox_progress mail, const send_report& report,
                              const attempt_context& context) {
  return ending{std::move(mail), report, context}.take();
}

outbox_progress after_restart(outbox_progress mail, wall_time now) {
  if (mail.status == status::sending) {
    turn(mail, recipient_status::admitted, recipient_status::waiting);
    move_to(mail, status::deferred, now);
  } else if (mail.status == status::dot_sent) {
    demand_admitted(mail);
    mail.reason = "smtp.outcome_unknown";
    move_to(mail, status::in_doubt, now);
  }
  return mail;
}

result<outbox_progress> cancel(outbox_progress mail, wall_time now) {
  if (mail.status == status::sending || mail.status == status::dot_sent)
    return failure{errc::in_use, "the mail is being sent just now; ask again when it is not"};
  if (!may_follow(mail.status, status::cancelled))
    return wrong_state(mail, "cannot be cancelled",
                       mail.status == status::in_doubt ? "resolve it: `mailfleet outbox resolve`"
                                                       : "nothing is to be done");
  mail.reason.clear();
  mail.detail.clear();
  move_to(mail, status::cancelled, now);
  return mail;
}

result<outbox_progress> retry_now(outbox_progress mail, wall_time now) {
  if (!may_follow(mail.status, status::sending))
    return wrong_state(mail, "does not wait",
                       mail.status == status::in_doubt ? "resolve it: `mailfleet outbox resolve`"
                                                       : "submit it again");
  mail.due = now;
  return mail;
}

result<outbox_progress> settle_doubt(outbox_progress mail, doubt_end how, wall_time now) {
  if (mail.status != status::in_doubt)
    return wrong_state(mail, "is not in doubt", "nothing is to be done");
  if (how != doubt_end::was_sent)
    note_unknown_outcome(mail);
  switch (how) {
  case doubt_end::was_sent: turn(mail, recipient_status::admitted, recipient_status::taken); break;
  case doubt_end::send_again:
    turn(mail, recipient_status::admitted, recipient_status::waiting);
    break;
  case doubt_end::give_up: turn(mail, recipient_status::admitted, recipient_status::refused); break;
  }
  if (how != doubt_end::give_up)
    mail.reason.clear();
  mail.detail.clear();
  mail.due = now;
  move_to(mail, settled(mail), now);
  return mail;
}

} // namespace mailfleet::jobs
