#pragma once

#include "jobs/outbox_state.hpp"
#include "messages/values/mail_meaning.hpp"
#include "messages/values/records.hpp"

#include <optional>
#include <vector>

/// What is told of a mail on its way out, and of what comes back about it. Addresses and words
/// stay in the record: an event has its key, counts, the diagnosis' code and a report's status.
namespace mailfleet::jobs {

/// What an attempt's end is told with: `mail_sent` for recipients that got it, `mail_failed`
/// for those that it lost for good, `mail_in_doubt`.
[[nodiscard]] std::vector<event_draft> events_of(const message_key& mail,
                                                 const attempt_outcome& outcome, wall_time now);

/// What a person's decision, or a look into Sent, is told with: by what differs.
[[nodiscard]] std::vector<event_draft> events_between(const message_key& mail,
                                                      const outbox_progress& before,
                                                      const outbox_progress& after, wall_time now);

/// What a report about this mail is told with, which came as `report`: `mail_bounced` if it
/// failed for at least one recipient, `mail_complained`. None: it says nothing that is told.
[[nodiscard]] std::optional<event_draft> event_of_report(const message_key& mail,
                                                         const message_key& report,
                                                         const mail_meaning& meaning,
                                                         wall_time now);

} // namespace mailfleet::jobs
