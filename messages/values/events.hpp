#pragma once

#include "messages/values/ids.hpp"
#include "messages/values/times.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What is told to whoever follows the event log.
namespace mailfleet {

/// What happened. Numbers are on disk and shown as names.
enum class event_kind : std::uint8_t {
  provider_added = 1,
  provider_removed = 2,
  provider_state = 3,
  mailbox_added = 4,
  mailbox_removed = 5,
  mailbox_state = 6,
  mailbox_signed_in = 7,
  mailbox_reset = 8, ///< UIDVALIDITY changed; what follows may repeat mail.
  mail_arrived = 9,
  mail_quarantined = 10,
  action_failed = 11, ///< A server action was given up; the message is safe here.
  secret_added = 12,
  secret_retired = 13,
  secret_expiring = 14, ///< A client secret ends in so many days.
  secret_expired = 15,
  secret_refused = 16, ///< The identity provider refuses a client secret.
  sign_in_failed = 17,
  consent_given = 18,   ///< An administrator consented for a tenant.
  mail_sent = 19,       ///< The server took a mail, for those recipients that are named.
  mail_failed = 20,     ///< A mail was given up, for those recipients that are named.
  mail_in_doubt = 21,   ///< Nobody knows whether the server took a mail.
  mail_bounced = 22,    ///< A report says that a mail did not arrive after all.
  mail_complained = 23, ///< A recipient called a mail abuse (RFC 5965).
};

/// `mail_arrived`, ...
[[nodiscard]] std::string_view to_string(event_kind kind) noexcept;

/// What an event says; the store adds its numbers.
struct event_draft {
  event_kind kind = event_kind::mail_arrived;
  /// The mailbox, or the provider, that it is about.
  entity_id about;
  wall_time at{};
  /// For mail: which one.
  std::optional<message_key> message;
  /// One JSON object with the rest; may hold personal data, so it is sealed.
  std::string detail;
  bool operator==(const event_draft&) const = default;
};

} // namespace mailfleet
