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

/// Not if it begins later than the clock says, by more than a slot: the clock was set back since,
/// and how long ago that mail went nobody knows.
bool counts(const sending_usage::slot& one, wall_time now) {
  return end_of(one) > now && one.begin <= now + usage_slot;
}

/// A minute, and a second more: times are cut to seconds.
constexpr auto minute = 61s;

/// When enough of the slots are gone that `more` fits beside the rest.
wall_time when_fits(const std::deque<sending_usage::slot>& slots,
                    std::uint32_t sending_usage::slot::*what, std::uint32_t most,
                    std::uint32_t more, wall_time now) {
  if (most == 0)
    return now;
  more = std::min(more, most);
  std::uint64_t used = 0;
  for (const auto& one : slots)
    used += counts(one, now) ? one.*what : 0;
  auto at = now;
  for (const auto& one : slots) {
    if (used + more <= most)
      break;
    if (!counts(one, now))
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
  auto rate = static_cast<std::ptrdiff_t>(limits.messages_per_minute);
  // A clock that was set back, and not by moments, must not hold the mail up until it is there
  // again.
  auto end = std::ranges::upper_bound(minute_, now + minute);
  if (rate > 0 && end - minute_.begin() >= rate)
    at = std::max(at, *(end - rate) + minute);
  return at;
}

void sending_usage::take(std::uint32_t recipients, wall_time now) {
  while (!day_.empty() && end_of(day_.front()) <= now)
    day_.pop_front();
  while (!day_.empty() && !counts(day_.back(), now))
    day_.pop_back();
  while (!minute_.empty() && minute_.front() + minute <= now)
    minute_.pop_front();
  while (!minute_.empty() && minute_.back() > now + minute)
    minute_.pop_back();
  if (day_.empty() || now >= day_.back().begin + usage_slot)
    day_.push_back({now, 0, 0});
  ++day_.back().messages;
  day_.back().recipients += recipients;
  // In order, also behind one that is some moments ahead.
  minute_.push_back(minute_.empty() ? now : std::max(now, minute_.back()));
}

void sending_usage::give_back(std::uint32_t recipients) {
  for (auto at = day_.rbegin(); at != day_.rend() && recipients > 0; ++at) {
    auto part = std::min(at->recipients, recipients);
    at->recipients -= part;
    recipients -= part;
  }
}

} // namespace mailfleet::jobs
