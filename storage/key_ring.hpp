#pragma once

#include "storage/seal.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

namespace mailfleet::storage {

using data_key_ptr = std::shared_ptr<const data_key>;

/// The data keys, unwrapped, in memory. Any thread.
class key_ring {
public:
  // -- modifiers

  /// Adds a key, which seals from now on for its owner and tenant.
  void add(data_key key);

  /// Lets no key of the owner seal any more, and names those; they still open
  /// until they are forgotten.
  [[nodiscard]] std::vector<data_key_ptr> retire(std::uint64_t owner);

  void forget(const data_key& key);

  // -- queries

  /// The key that opens a value; null: there is none (any more).
  [[nodiscard]] data_key_ptr find(std::uint64_t owner, std::uint32_t number) const;

  /// The key that seals for an owner and tenant; null: there is none yet.
  [[nodiscard]] data_key_ptr current(std::uint64_t owner, const std::string& tenant) const;

  /// A number that no key of the owner has.
  [[nodiscard]] std::uint32_t next_number(std::uint64_t owner) const;

private:
  mutable std::shared_mutex mutex_;
  std::map<std::pair<std::uint64_t, std::uint32_t>, data_key_ptr> keys_;
  std::map<std::pair<std::uint64_t, std::string>, data_key_ptr> current_;
};

} // namespace mailfleet::storage
