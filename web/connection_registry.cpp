#include "web/connection_registry.hpp"

#include <algorithm>

namespace mailfleet::web {

connection_registry::handle connection_registry::add(std::string address,
                                                     std::function<void()> close) {
  auto same = per_address_.find(address);
  if (same != per_address_.end() && same->second >= most_.per_address && !close_oldest_of(address))
    return nullptr;
  if (size() >= most_.total && !close_oldest())
    return nullptr;
  auto added = std::make_shared<connection>();
  added->address = std::move(address);
  added->close = std::move(close);
  added->place = idle_.insert(idle_.end(), added);
  added->listed = true;
  ++per_address_[added->address];
  return added;
}

void connection_registry::set_busy(const handle& which, bool busy) {
  if (!which->listed)
    return;
  auto& from = which->busy ? busy_ : idle_;
  auto& to = busy ? busy_ : idle_;
  to.splice(to.end(), from, which->place);
  which->busy = busy;
}

void connection_registry::remove(const handle& which) {
  if (!which->listed)
    return;
  which->listed = false;
  auto& from = which->busy ? busy_ : idle_;
  auto count = per_address_.find(which->address);
  if (--count->second == 0)
    per_address_.erase(count);
  from.erase(which->place);
}

void connection_registry::close_one(const handle& which) {
  auto closing = which;
  remove(closing);
  closing->close();
}

bool connection_registry::close_oldest() {
  if (idle_.empty())
    return false;
  close_one(idle_.front());
  return true;
}

bool connection_registry::close_oldest_of(const std::string& address) {
  auto oldest = std::ranges::find(idle_, address, [](const auto& one) { return one->address; });
  if (oldest == idle_.end())
    return false;
  close_one(*oldest);
  return true;
}

void connection_registry::close_all() {
  while (close_oldest()) {
  }
  while (!busy_.empty())
    close_one(busy_.front());
}

} // namespace mailfleet::web
