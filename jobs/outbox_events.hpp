#pragma once

#include "jobs/outbox_state.hpp"
#include "messages/values/records.hpp"

#include <vector>

/// What is told of a mail on its way out. Addresses and words stay in the record: an event
/// has its key, counts and the diagnosis' code.
namespace mailfleet::jobs {

/// What an attempt's end is told with: `mail_sent` for recipients that got it, `mail_failed`
/// for those that it lost for good, `mail_in_doubt`.
[[nodiscard]] std::vector<event_draft> events_of(const message_key& mail,
                                                 const attempt_outcome& outcome, wall_time now);

} // namespace mailfleet::jobs
