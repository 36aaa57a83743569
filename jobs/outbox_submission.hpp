#pragma once

#include "jobs/outbox_limits.hpp"
#include "messages/values/outgoing.hpp"
#include "messages/values/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is asked of a mail before it is accepted, beyond its own form (protocols/mime). Each
/// failure names field, fault and cure.
namespace mailfleet::jobs {

/// Checks how a mail is to be sent. A time in the past means at once.
[[nodiscard]] result<void> check_wishes(const submission_wishes& wishes, wall_time now);

/// Checks how a mailbox is to send.
[[nodiscard]] result<void> check_sending(const sending_settings& wanted);

/// Whether an idempotency key used then still counts.
[[nodiscard]] bool is_kept(wall_time used_at, wall_time now);

/// Checks that every author and the sender of a mail is the mailbox, or one of the addresses or
/// domains (`@example.com`) that it may send as; compared without the case of ASCII letters.
[[nodiscard]] result<void> check_senders(const mail_facts& facts, const mail_envelope& envelope,
                                         std::string_view mailbox_address,
                                         const std::vector<std::string>& may_send_as);

/// Checks a mail's size against what its server admits, as far as it is known. One with more
/// recipients than a message may have is sent in several (`recipients_at_once`).
[[nodiscard]] result<void> check_size(const mail_envelope& envelope,
                                      std::optional<std::uint64_t> server_max_bytes);

/// How many recipients of a mail go at once: those of one message, and of one day.
[[nodiscard]] std::size_t recipients_at_once(const sending_limits& limits);

} // namespace mailfleet::jobs
