#pragma once

#include "storage/record_store.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace mailfleet::storage {

/// Versions of the records that were written or asked for last: most commits demand the version
/// that the commit before them wrote, and to read, open and decode a record for it would cost
/// more than to write it. Bounded by `max_known_versions`. For the writer's thread.
class known_versions {
public:
  /// 0: there is no such record; none: it is not known.
  [[nodiscard]] std::optional<std::uint64_t> find(const record_key& key) const;

  void note(const record_key& key, std::uint64_t version);

  /// The plan is durable.
  void note(const batch_plan& plan);

private:
  void forget_owner(entity_id owner);

  /// What was noted lately, and before: when the one is full the other goes.
  std::map<record_key, std::uint64_t> young_;
  std::map<record_key, std::uint64_t> old_;
};

} // namespace mailfleet::storage
