#pragma once

#include "storage/record_store.hpp"

#include <cstdint>
#include <map>
#include <set>

namespace mailfleet::storage {

/// Joins requests into one batch: each is checked against what is committed and
/// what the requests before it in the batch changed, and gets its numbers. A
/// refused request leaves no trace.
class batch_planner {
public:
  /// `committed` outlives the planner.
  explicit batch_planner(record_store& committed);

  /// Takes a request into the batch. Refuses with `precondition_failed`, with
  /// `invalid_argument` for a request that no state could satisfy, or with what
  /// looking at the committed state failed with.
  result<commit_receipt> add(commit_request request);

  [[nodiscard]] const batch_plan& plan() const noexcept {
    return plan_;
  }

private:
  result<void> check(const commit_request& request);
  result<std::uint64_t> version_of(const record_key& key);
  result<std::map<entity_id, std::uint64_t>> counts_for(const commit_request& request);
  void remember(const planned_request& accepted);

  record_store& committed_;
  batch_plan plan_;
  /// Versions that the batch changed; 0: deleted.
  std::map<record_key, std::uint64_t> changed_;
  std::set<std::uint64_t> erased_;
};

/// Whether a request is one that could be carried out at all: `invalid_argument`
/// with the reason otherwise.
[[nodiscard]] result<void> validate(const commit_request& request);

} // namespace mailfleet::storage
