#pragma once

#include "messages/ports/send_session.hpp"
#include "messages/values/control.hpp"

#include <cstdint>
#include <optional>

/// What actors send each other about mail on its way out. As with the others, no message
/// has an `inspect`.
namespace mailfleet {

/// Sends a mail, if it still may go: its record as it is durable.
struct attempt_mail {
  outbox_record mail;
};

/// An attempt is over, and what it came to is durable. The sender takes another mail.
struct mail_attempted {
  outbox_record mail;
  /// The mailbox cannot send: why, and until when; `retry_at` none: until a person acted.
  std::optional<diagnosis> rest;
};

/// INTERNAL: a session of this sender has something to say.
struct send_reported {
  std::uint64_t session = 0;
  send_event event;
};

} // namespace mailfleet
