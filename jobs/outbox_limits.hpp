#pragma once

#include "jobs/sending_limits.hpp"
#include "messages/values/records.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

/// What a mail server lets one mailbox send, and what is left of it.
namespace mailfleet::jobs {

/// 0 stands for no limit.
struct sending_limits {
  /// Mails under way at once: each has a connection.
  std::uint32_t connections = 3;
  std::uint32_t messages_per_minute = 0;
  std::uint32_t messages_per_day = 0;
  std::uint32_t recipients_per_day = 0;
  std::uint32_t recipients_per_message = 0;
  bool operator==(const sending_limits&) const = default;
};

/// What a service (jobs/provider_presets.hpp) admits each mailbox; for an unknown one, what
/// no server minds.
[[nodiscard]] sending_limits limits_of_service(std::string_view service);

/// What a mailbox of this service is to keep to, which may say otherwise for itself.
[[nodiscard]] sending_limits limits_for(std::string_view service, const sending_settings& own);

/// What a mailbox sent of late. One thread at a time; not exact to the second, but never more
/// than the limits admit in any window of a minute or of 24 hours, wherever it begins, as long as
/// the clock is not set back by more than a minute or a slot: what went later than the clock now
/// says does not count then.
class sending_usage {
public:
  /// Messages and recipients of the slot that began then; to be kept over a restart.
  struct slot {
    wall_time begin{};
    std::uint32_t messages = 0;
    std::uint32_t recipients = 0;
    bool operator==(const slot&) const = default;
  };

  sending_usage() = default;
  explicit sending_usage(std::deque<slot> day) : day_{std::move(day)} {}

  /// When a mail to so many recipients may begin: `now` if it may at once. More recipients
  /// than a day admits count as a day's.
  [[nodiscard]] wall_time may_begin(const sending_limits& limits, std::uint32_t recipients,
                                    wall_time now) const;

  /// It begins.
  void take(std::uint32_t recipients, wall_time now);

  /// What began last reached nobody: its recipients count no more.
  void give_back(std::uint32_t recipients);

  /// What counts at `now` for the day.
  [[nodiscard]] const std::deque<slot>& day() const noexcept {
    return day_;
  }

private:
  std::deque<slot> day_;
  /// When the mails of the last minute began.
  std::deque<wall_time> minute_;
};

} // namespace mailfleet::jobs
