#pragma once

#include "messages/values/result.hpp"

#include <functional>
#include <mutex>
#include <optional>

namespace mailfleet::storage {

/// Called once, on whatever thread found it, when the store has failed for
/// good. Must not block and must not destroy the store.
using fatal_callback = std::function<void(failure)>;

/// Whether the store still works. The first failure is the one that stays. Any
/// thread.
class store_health {
public:
  explicit store_health(fatal_callback fatal);

  /// Records a failure for good and, if it is the first, reports it.
  void fail(const failure& what);

  /// What the store failed with, if it has.
  [[nodiscard]] std::optional<failure> trouble() const;

private:
  mutable std::mutex mutex_;
  std::optional<failure> trouble_;
  fatal_callback fatal_;
};

} // namespace mailfleet::storage
