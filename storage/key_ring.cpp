#include "storage/key_ring.hpp"

#include <limits>
#include <mutex>

namespace mailfleet::storage {

void key_ring::add(data_key key) {
  auto added = std::make_shared<const data_key>(std::move(key));
  std::lock_guard guard{mutex_};
  keys_[{added->owner, added->number}] = added;
  current_[{added->owner, added->tenant}] = added;
}

std::vector<data_key_ptr> key_ring::retire(std::uint64_t owner) {
  std::lock_guard guard{mutex_};
  std::vector<data_key_ptr> retired;
  auto at = keys_.lower_bound({owner, 0});
  for (; at != keys_.end() && at->first.first == owner; ++at)
    retired.push_back(at->second);
  for (const auto& key : retired)
    current_.erase({owner, key->tenant});
  return retired;
}

void key_ring::forget(const data_key& key) {
  std::lock_guard guard{mutex_};
  keys_.erase({key.owner, key.number});
}

data_key_ptr key_ring::find(std::uint64_t owner, std::uint32_t number) const {
  std::shared_lock guard{mutex_};
  auto found = keys_.find({owner, number});
  return found == keys_.end() ? nullptr : found->second;
}

data_key_ptr key_ring::current(std::uint64_t owner, const std::string& tenant) const {
  std::shared_lock guard{mutex_};
  auto found = current_.find({owner, tenant});
  return found == current_.end() ? nullptr : found->second;
}

std::uint32_t key_ring::next_number(std::uint64_t owner) const {
  std::shared_lock guard{mutex_};
  auto behind = keys_.upper_bound({owner, std::numeric_limits<std::uint32_t>::max()});
  if (behind == keys_.begin() || (--behind)->first.first != owner)
    return 1;
  return behind->first.second + 1;
}

} // namespace mailfleet::storage
