#pragma once

#include "messages/values/control.hpp"
#include "messages/values/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace mailfleet {

/// Questions to the fleet that are not answered yet. Each is answered once, on the thread of
/// whoever has its answer; what an answer throws is dropped. Any thread.
class questions {
public:
  using answer = std::function<void(result<control_answer>)>;
  using time_point = std::chrono::steady_clock::time_point;

  /// Takes a question in; its number. None: all are settled for good, and so is this one.
  [[nodiscard]] std::optional<std::uint64_t> add(answer done, time_point asked_at);

  /// What has no such question any more is dropped.
  void settle(std::uint64_t number, result<control_answer> how);

  /// Those that were asked before this are answered with `errc::timed_out`.
  void expire(time_point asked_before);

  /// All, and all that come later, are answered with this.
  void settle_for_good(failure why);

private:
  struct question {
    answer done;
    time_point asked_at;
  };

  std::mutex mutex_;
  /// In the order in which they were asked.
  std::map<std::uint64_t, question> open_;
  std::uint64_t last_ = 0;
  std::optional<failure> closed_;
};

} // namespace mailfleet
