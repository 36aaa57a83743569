#include "storage/known_versions.hpp"

#include "storage/codec.hpp"
#include "storage/limits.hpp"

#include <utility>

namespace mailfleet::storage {

namespace {

/// Nobody demands a version of these.
bool has_no_versions(family in) {
  return in == family::bodies || has_own_numbers(in);
}

} // namespace

std::optional<std::uint64_t> known_versions::find(const record_key& key) const {
  if (auto found = young_.find(key); found != young_.end())
    return found->second;
  if (auto found = old_.find(key); found != old_.end())
    return found->second;
  return std::nullopt;
}

void known_versions::note(const record_key& key, std::uint64_t version) {
  if (has_no_versions(key.in))
    return;
  if (young_.size() >= max_known_versions / 2)
    old_ = std::exchange(young_, {});
  young_[key] = version;
}

void known_versions::note(const batch_plan& plan) {
  for (const auto& request : plan.requests) {
    for (auto owner : request.erased_owners)
      forget_owner(owner);
    for (const auto& key : request.deletes)
      note(key, 0);
    for (const auto& put : request.puts)
      note(key_of(put), header_of(put).version);
  }
}

void known_versions::forget_owner(entity_id owner) {
  for (auto* generation : {&young_, &old_})
    std::erase_if(*generation, [&](const auto& one) {
      return belongs_to_owner(one.first.in) && one.first.owner == owner.value;
    });
}

} // namespace mailfleet::storage
