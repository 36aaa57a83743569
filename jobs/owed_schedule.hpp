#pragma once

#include "messages/values/records.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace mailfleet::jobs {

/// When a mailbox asks again for the messages that it owes. In memory only: after
/// a restart all are asked for at once.
class owed_schedule {
public:
  /// The server refused it: a fault that lasts minutes must not use its attempts up.
  void refused(std::uint32_t number, wall_time now);

  /// A session broke off at it: it rests longer, and is asked for after all others.
  void broke(std::uint32_t number, wall_time now);

  /// A person wants all of them now.
  void wake();

  /// Which of `owed` are due, in the order to ask for them.
  [[nodiscard]] std::deque<std::uint32_t> due(const std::vector<owed_message>& owed,
                                              wall_time now) const;

private:
  std::map<std::uint32_t, wall_time> refused_until_;
  std::map<std::uint32_t, wall_time> broken_until_;
};

} // namespace mailfleet::jobs
