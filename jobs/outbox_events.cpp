#include "jobs/outbox_events.hpp"

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

} // namespace mailfleet::jobs
