#include "jobs/outbox_events.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace mailfleet::jobs {

namespace {

event_draft told(event_kind kind, const message_key& mail, wall_time now, std::string detail) {
  auto event = draft_event(kind, mail.mailbox, now);
  event.message = mail;
  event.detail = std::move(detail);
  return event;
}

std::string count_of(std::size_t recipients) {
  return "{\"recipients\":" + std::to_string(recipients);
}

std::string report_detail(const message_key& report, std::size_t recipients) {
  return "{\"report\":\"" + to_string(report) + "\",\"recipients\":" + std::to_string(recipients);
}

/// A status is written by others; only what has RFC 3463's form is told.
bool is_status(std::string_view text) {
  return !text.empty()
         && std::ranges::all_of(text, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

} // namespace

std::vector<event_draft> events_of(const message_key& mail, const attempt_outcome& outcome,
                                   wall_time now) {
  std::vector<event_draft> events;
  const auto& reason = outcome.mail.reason;
  if (!outcome.taken.empty())
    events.push_back(told(event_kind::mail_sent, mail, now, count_of(outcome.taken.size()) + "}"));
  if (!outcome.refused.empty())
    events.push_back(told(event_kind::mail_failed, mail, now,
                          count_of(outcome.refused.size()) + ",\"code\":\"" + reason + "\"}"));
  if (outcome.mail.status == outbox_status::in_doubt)
    events.push_back(told(event_kind::mail_in_doubt, mail, now, "{}"));
  return events;
}

std::vector<event_draft> events_between(const message_key& mail, const outbox_progress& before,
                                        const outbox_progress& after, wall_time now) {
  attempt_outcome outcome;
  outcome.mail = after;
  for (std::size_t i = 0; i < std::min(before.recipients.size(), after.recipients.size()); ++i) {
    const auto& recipient = after.recipients[i];
    if (recipient.status == before.recipients[i].status)
      continue;
    if (recipient.status == recipient_status::taken)
      outcome.taken.push_back(recipient.address);
    else if (recipient.status == recipient_status::refused)
      outcome.refused.push_back({recipient.address, {}});
  }
  // One that was in doubt before was told of then.
  if (before.status == after.status)
    outcome.mail.status = outbox_status::accepted;
  return events_of(mail, outcome, now);
}

std::optional<event_draft> event_of_report(const message_key& mail, const message_key& report,
                                           const mail_meaning& meaning, wall_time now) {
  const auto& all = meaning.recipients;
  if (meaning.kind == mail_kind::complaint)
    return told(event_kind::mail_complained, mail, now, report_detail(report, all.size()) + "}");
  auto is_failed = [](const reported_recipient& one) {
    return one.action == delivery_action::failed;
  };
  auto first = std::ranges::find_if(all, is_failed);
  if (meaning.kind != mail_kind::delivery_report || first == all.end())
    return std::nullopt;
  auto failed = static_cast<std::size_t>(std::ranges::count_if(all, is_failed));
  auto detail = report_detail(report, failed);
  if (is_status(first->status))
    detail += ",\"status\":\"" + first->status + "\"";
  return told(event_kind::mail_bounced, mail, now, detail + "}");
}

} // namespace mailfleet::jobs
