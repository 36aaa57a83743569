#include "storage/store_health.hpp"

#include <utility>

namespace mailfleet::storage {

store_health::store_health(fatal_callback fatal) : fatal_{std::move(fatal)} {}

void store_health::fail(const failure& what) {
  fatal_callback report;
  {
    std::lock_guard guard{mutex_};
    if (trouble_)
      return;
    trouble_ = what;
    report = std::move(fatal_);
  }
  if (report)
    report(what);
}

std::optional<failure> store_health::trouble() const {
  std::lock_guard guard{mutex_};
  return trouble_;
}

} // namespace mailfleet::storage
