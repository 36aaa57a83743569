#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace mailfleet {

/// Demands that a record has exactly this version now; 0: that it is absent.
struct precondition {
  record_key key;
  std::uint64_t version = 0;
};

/// Which requests go first when several wait: small control and token records
/// before large bodies.
enum class commit_class : std::uint8_t { control = 1, bulk = 2 };

/// One atomic change. Either all of it is durable, or none of it is.
struct commit_request {
  commit_class urgency = commit_class::control;
  std::vector<precondition> preconditions;
  std::vector<record> puts;
  std::vector<record_key> deletes;
  /// Everything these owners have (grant, cursors, messages, bodies, owed
  /// actions) goes, and their data key is destroyed: what is left of their
  /// sealed bytes in old files can no longer be opened. Their own provider or
  /// mailbox record is named in `deletes`. Events about them stay.
  std::vector<entity_id> erased_owners;
  /// Appended to the event log in this order, in the same atomic change.
  std::vector<event_draft> events;
  /// Appended to the audit log; `number` is the store's to give.
  std::optional<audit_record> audit;
};

/// Answers a request: it is on disk, synced.
struct commit_receipt {
  /// Number of the first of the request's events; 0 if it had none.
  std::uint64_t first_event = 0;
  std::size_t events = 0;
};

/// Asks for the records of one family in key order.
struct scan_request {
  family in = family::mailboxes;
  /// Only this owner's; none: the whole family.
  std::optional<std::uint64_t> owner;
  /// Starts behind this key; none: at the first.
  std::optional<record_key> after;
  /// At most this many records.
  std::size_t limit = 1'000;
};

struct scan_page {
  std::vector<record> records;
  /// Whether there are more behind the last of these.
  bool more = false;
};

/// Figures for `status` and for tests.
struct commit_log_statistics {
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;
  /// Synced batches; requests / batches is what group commit gains.
  std::uint64_t batches = 0;
  std::uint64_t last_event = 0;
};

/// The durable truth. Implemented in memory and on RocksDB; the same tests run
/// on both. Every function may be called from any thread and never blocks;
/// each callback is called exactly once, on a thread of the implementation,
/// and must not block. A failed write or sync is `errc::storage_failed`: its
/// outcome is unknown, every later call fails the same way, and the fatal
/// callback given at construction is called once.
class commit_log {
public:
  virtual ~commit_log() = default;

  // -- modifiers

  /// Checks preconditions, assigns event numbers, joins what waits into one
  /// synced batch, answers each request by itself. Refusals:
  /// `precondition_failed`, `shutting_down`.
  virtual void commit(commit_request request, std::function<void(result<commit_receipt>)> done) = 0;

  // -- queries (of what is committed)

  /// One record; nothing if it does not exist. `storage_corrupt` if it cannot
  /// be opened.
  virtual void read(record_key key, std::function<void(result<std::optional<record>>)> done) = 0;

  virtual void scan(scan_request request, std::function<void(result<scan_page>)> done) = 0;

  [[nodiscard]] virtual commit_log_statistics statistics() const = 0;
};

} // namespace mailfleet
