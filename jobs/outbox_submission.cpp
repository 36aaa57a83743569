#include "jobs/outbox_submission.hpp"

#include "jobs/addresses.hpp"
#include "jobs/fields.hpp"
#include "jobs/limits.hpp"

#include <algorithm>
#include <limits>

namespace mailfleet::jobs {

namespace {

bool allows(std::string_view pattern, std::string_view address) {
  if (!pattern.starts_with('@'))
    return same_address(pattern, address);
  return address.size() > pattern.size()
         && same_address(address.substr(address.size() - pattern.size()), pattern);
}

} // namespace

result<void> check_wishes(const submission_wishes& wishes, wall_time now) {
  if (wishes.due && *wishes.due > now + schedule_horizon)
    return bad_field("due", "is more than a year ahead", "give an earlier time");
  if (wishes.idempotency_key.size() > max_idempotency_key_bytes)
    return bad_field("idempotency_key", "is too long",
                     "give at most " + std::to_string(max_idempotency_key_bytes) + " characters");
  if (!std::ranges::all_of(wishes.idempotency_key, [](char c) { return c > 0x20 && c < 0x7F; }))
    return bad_field("idempotency_key", "holds a blank, a control byte or more than ASCII",
                     "give visible ASCII characters, such as a UUID");
  return {};
}

result<void> check_sending(const sending_settings& wanted) {
  if (wanted.send_as.size() > max_send_as)
    return bad_field("send_as", "has too many entries",
                     "give at most " + std::to_string(max_send_as));
  for (const auto& one : wanted.send_as) {
    // A domain is checked as that of an address in it.
    auto good = check_address("send_as", one.starts_with('@') ? "anyone" + one : one);
    if (!good)
      return good;
  }
  const auto& folder = wanted.sent_folder;
  if (folder.size() > max_folder_bytes || printable(folder, max_folder_bytes) != folder)
    return bad_field("sent_folder",
                     "is too long, or has control characters or bytes that are not "
                     "UTF-8",
                     "give the folder's name on the server, such as Sent Items");
  if (wanted.connections.value_or(1) < 1 || wanted.connections.value_or(1) > max_connections)
    return bad_field("connections", "is out of its range",
                     "give 1 to " + std::to_string(max_connections));
  return {};
}

bool is_kept(wall_time used_at, wall_time now) {
  return now - used_at < idempotency_kept;
}

result<void> check_senders(const mail_facts& facts, const mail_envelope& envelope,
                           std::string_view mailbox_address,
                           const std::vector<std::string>& may_send_as) {
  auto is_allowed = [&](std::string_view address) {
    return same_address(address, mailbox_address)
           || std::ranges::any_of(may_send_as,
                                  [&](const auto& pattern) { return allows(pattern, address); });
  };
  auto refusal = [&](std::string_view field, std::string_view address) {
    return bad_field(field, "is " + printable(address) + ", which this mailbox may not send as",
                     "give " + std::string{mailbox_address}
                         + ", or allow it: `mailfleet mailbox "
                           "sending "
                         + std::string{mailbox_address} + " --send-as " + printable(address)
                         + "` (all that is allowed stands in one command)");
  };
  for (const auto& one : facts.from)
    if (!is_allowed(one))
      return refusal("From", one);
  if (!is_allowed(envelope.sender))
    return refusal("Sender", envelope.sender);
  return {};
}

result<void> check_size(const mail_envelope& envelope,
                        std::optional<std::uint64_t> server_max_bytes) {
  if (server_max_bytes && envelope.bytes > *server_max_bytes)
    return failure{errc::too_large, "the mail has " + std::to_string(envelope.bytes)
                                        + " bytes, and its server takes "
                                        + std::to_string(*server_max_bytes)
                                        + "; send it smaller, or put files elsewhere"};
  return {};
}

std::size_t recipients_at_once(const sending_limits& limits) {
  auto or_any = [](std::uint32_t limit) {
    return limit == 0 ? std::numeric_limits<std::size_t>::max() : std::size_t{limit};
  };
  return std::min(or_any(limits.recipients_per_message), or_any(limits.recipients_per_day));
}

} // namespace mailfleet::jobs
