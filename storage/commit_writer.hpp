#pragma once

#include "messages/ports/commit_log.hpp"
#include "storage/record_store.hpp"
#include "storage/store_health.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace mailfleet::storage {

using commit_answer = std::function<void(result<commit_receipt>)>;

/// The one writer thread: joins what waits into one batch, applies it, answers
/// each request by itself, on this thread.
class commit_writer {
public:
  /// Both outlive the writer.
  commit_writer(record_store& store, store_health& health);

  /// `stop`.
  ~commit_writer();
  commit_writer(const commit_writer&) = delete;
  commit_writer& operator=(const commit_writer&) = delete;

  /// Queues a request. One that cannot be queued (`shutting_down`,
  /// `overloaded`) is answered before the call returns. Any thread.
  void submit(commit_request request, commit_answer done);

  /// Refuses what comes now, finishes and answers what was accepted, ends the
  /// thread. Any thread but the writer's own.
  void stop();

  [[nodiscard]] commit_log_statistics statistics() const;

private:
  struct waiting_commit {
    commit_request request;
    commit_answer done;
    std::size_t bytes = 0;
  };
  /// An accepted request and what it is told once the batch is durable.
  using accepted_commit = std::pair<commit_answer, commit_receipt>;

  void run();
  std::vector<waiting_commit> take_batch();
  void let_others_come(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] bool is_empty() const {
    return queues_[0].empty() && queues_[1].empty();
  }
  void write(std::vector<waiting_commit> batch);
  std::vector<accepted_commit> plan(std::vector<waiting_commit> batch, class batch_planner& into);
  result<commit_receipt> add(class batch_planner& into, commit_request request);
  result<void> apply(const batch_plan& plan);
  void count(const batch_plan& plan);

  record_store& store_;
  store_health& health_;
  mutable std::mutex mutex_;
  /// The writer has nothing to do, and is `idle_`.
  std::condition_variable something_;
  /// It waits for more, and need not any longer.
  std::condition_variable enough_;
  /// Control before bulk.
  std::array<std::deque<waiting_commit>, 2> queues_;
  std::size_t waiting_bytes_ = 0;
  /// The writer sleeps until something is asked.
  bool idle_ = false;
  /// Requests of the last batch, and when it was taken.
  std::size_t last_batch_ = 0;
  std::chrono::steady_clock::time_point last_taken_{};
  commit_log_statistics statistics_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace mailfleet::storage
