#pragma once

#include "messages/ports/commit_log.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace mailfleet::storage {

/// The last numbers given out.
struct log_counters {
  std::uint64_t last_event = 0;
  std::uint64_t last_audit = 0;
};

/// An accepted request with its numbers. Erasing comes first, then deletes,
/// then puts (events and audit among them).
struct planned_request {
  std::vector<entity_id> erased_owners;
  std::vector<record_key> deletes;
  std::vector<record> puts;
};

/// What is written as one.
struct batch_plan {
  std::vector<planned_request> requests;
  /// After the batch.
  log_counters counters;
  /// Events about each entity, for those that the batch has events about.
  std::map<entity_id, std::uint64_t> events_about;
};

/// Where committed records stand: what memory and RocksDB do differently. One
/// thread applies; any thread reads and scans.
class record_store {
public:
  virtual ~record_store() = default;

  // -- the writer's thread

  /// Writes a plan: all of it is durable, or the store has failed and its
  /// outcome is unknown.
  virtual result<void> apply(const batch_plan& plan) = 0;

  /// Version of a record; 0: there is none.
  virtual result<std::uint64_t> version_of(const record_key& key) = 0;

  /// How many events there are about an entity.
  virtual result<std::uint64_t> events_about(entity_id about) = 0;

  [[nodiscard]] virtual log_counters counters() const = 0;

  // -- any thread

  virtual result<std::optional<record>> read(const record_key& key) = 0;
  virtual result<scan_page> scan(const scan_request& request) = 0;
};

} // namespace mailfleet::storage
