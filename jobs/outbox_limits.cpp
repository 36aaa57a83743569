#include "jobs/outbox_limits.hpp"

#include <algorithm>

namespace mailfleet::jobs {

namespace {

using namespace std::chrono_literals;

constexpr auto day = std::chrono::seconds{24h};

/// A slot counts until a day after its last second.
wall_time end_of(const sending_usage::slot& slot) {
  return slot.begin + usage_slot + day;
}

/// When enough of the slots are gone that `more` fits beside the rest.
wall_time when_fits(const std::deque<sending_usage::slot>& slots,
                    std::uint32_t sending_usage::slot::*what, std::uint32_t most,
                    std::uint32_t more, wall_time now) {
  if (most == 0)
    return now;
  more = std::min(more, most);
  std::uint64_t used = 0;
  for (const auto& one : slots)
    used += end_of(one) > now ? one.*what : 0;
  auto at = now;
  for (const auto& one : slots) {
    if (used + more <= most)
      break;
    if (end_of(one) <= now)
      continue;
    used -= one.*what;
    at = end_of(one);
  }
  return at;
}

} // namespace

sending_limits limits_of_service(std::string_view service) {
  // Exchange Online: three connections, 30 messages a minute, 10,000 recipients in 24 hours, 500
  // recipients a message unless an administrator changed it.
  if (service.starts_with("microsoft"))
    return {.connections = 3,
            .messages_per_minute = 30,
            .messages_per_day = 0,
            .recipients_per_day = 10'000,
            .recipients_per_message = 500};
  // Google Workspace (support.google.com/a/answer/166852); of connections it names no number.
  if (service == "google")
    return {.connections = 3,
            .messages_per_minute = 0,
            .messages_per_day = 2'000,
            .recipients_per_day = 10'000,
            .recipients_per_message = 100};
  // RFC 5321 4.5.3.1.8: a server takes at least 100 recipients.
  return {.connections = 3,
          .messages_per_minute = 0,
          .messages_per_day = 0,
          .recipients_per_day = 0,
          .recipients_per_message = 100};
}

sending_limits limits_for(std::string_view service, const sending_settings& own) {
  auto limits = limits_of_service(service);
  limits.connections = own.connections.value_or(limits.connections);
  limits.messages_per_minute = own.messages_per_minute.value_or(limits.messages_per_minute);
  limits.messages_per_day = own.messages_per_day.value_or(limits.messages_per_day);
  limits.recipients_per_day = own.recipients_per_day.value_or(limits.recipients_per_day);
  limits.recipients_per_message =
      own.recipients_per_message.value_or(limits.recipients_per_message);
  return limits;
}

wall_time sending_usage::may_begin(const sending_limits& limits, std::uint32_t recipients,
                                   wall_time now) const {
  auto at = std::max(when_fits(day_, &slot::recipients, limits.recipients_per_day, recipients, now),
                     when_fits(day_, &slot::messages, limits.messages_per_day, 1, now));
  auto rate = limits.messages_per_minute;
  if (rate > 0 && minute_.size() >= rate)
    // A second more: times are cut to seconds.
    at = std::max(at, minute_[minute_.size() - rate] + 61s);
  return at;
}

void sending_usage::take(std::uint32_t recipients, wall_time now) {
  while (!day_.empty() && end_of(day_.front()) <= now)
    day_.pop_front();
  while (!minute_.empty() && minute_.front() + 61s <= now)
    minute_.pop_front();
  if (day_.empty() || now >= day_.back().begin + usage_slot)
    day_.push_back({now, 0, 0});
  ++day_.back().messages;
  day_.back().recipients += recipients;
  minute_.push_back(now);
}

void sending_usage::give_back(std::uint32_t recipients) {
  for (auto at = day_.rbegin(); at != day_.rend() && recipients > 0; ++at) {
    auto part = std::min(at->recipients, recipients);
    at->recipients -= part;
    recipients -= part;
  }
}

} // namespace mailfleet::jobs
