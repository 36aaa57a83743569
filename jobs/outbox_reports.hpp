#pragma once

#include "messages/values/mail_meaning.hpp"
#include "messages/values/outgoing.hpp"
#include "messages/values/result.hpp"

#include <vector>

/// What comes back about a mail.
namespace mailfleet::jobs {

/// A report came about a mail that was taken: recipients that it did not reach are `bounced`.
/// About one of an attempt in doubt it ends the doubt, unless it may be of another attempt: the
/// server took what it reports of. Fails with `precondition_failed` if it names none that was
/// thought to have it, or may have it.
[[nodiscard]] result<outbox_progress> note_bounces(outbox_progress mail,
                                                   const std::vector<reported_recipient>& reported);

} // namespace mailfleet::jobs
