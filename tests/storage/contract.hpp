#pragma once

#include "tests/storage/support.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <utility>
#include <vector>

/// The stores that the port's contract is tested on.
namespace mailfleet::storage::testing {

enum class kind { memory, memory_within_call, rocksdb };

/// A store that is opened again on demand.
class testee {
public:
  explicit testee(kind what) : kind_{what} {
    if (kind_ == kind::rocksdb)
      REQUIRE(initialise(folder_.settings(), random_));
    reopen();
  }

  void reopen() {
    log_.reset();
    if (kind_ == kind::rocksdb)
      log_ = open_store(folder_.settings(), random_);
    else
      log_ = make_memory_commit_log(
          kind_ == kind::memory ? answering::own_threads : answering::within_call, disk_);
  }

  [[nodiscard]] commit_log& log() {
    return *log_;
  }
  void close() {
    log_.reset();
  }

private:
  kind kind_;
  temp_folder folder_;
  seeded_random random_{7};
  std::shared_ptr<memory_disk> disk_ = make_memory_disk();
  std::unique_ptr<commit_log> log_;
};

inline kind any_kind() {
  return GENERATE(kind::memory, kind::memory_within_call, kind::rocksdb);
}

inline kind threaded_kind() {
  return GENERATE(kind::memory, kind::rocksdb);
}

inline commit_request put(record what, std::vector<precondition> demands = {}) {
  commit_request request;
  request.preconditions = std::move(demands);
  request.puts.push_back(std::move(what));
  return request;
}

inline commit_request tell(entity_id about, std::size_t count = 1) {
  commit_request request;
  request.events.assign(count, sample_event(about, "x"));
  return request;
}

template <class Answer>
errc code_of(const result<Answer>& answer) {
  return answer ? errc{} : answer.error().code;
}

inline std::vector<event_record> events_of(commit_log& log) {
  std::vector<event_record> events;
  auto page = scan(log, pages(family::events, 10'000));
  REQUIRE(page);
  for (auto& found : page->records)
    events.push_back(std::get<event_record>(std::move(found)));
  return events;
}

} // namespace mailfleet::storage::testing
