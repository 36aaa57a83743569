#pragma once

#include "messages/ports/commit_log.hpp"
#include "storage/memory_commit_log.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace mailfleet::storage::testing {

/// A store that counts the chunks in memory, and fails, throws or waits on demand.
class watched_log final : public commit_log {
public:
  explicit watched_log(std::shared_ptr<memory_disk> disk = make_memory_disk())
    : inner_{make_memory_commit_log(answering::own_threads, std::move(disk))} {}

  void commit(commit_request request, std::function<void(result<commit_receipt>)> done) override {
    for (const auto& put : request.puts)
      if (const auto* chunk = std::get_if<body_chunk>(&put)) {
        watch(chunk->bytes);
        if (refuse_chunk == static_cast<int>(chunk->part))
          return done(failure{errc::overloaded, "the chunk was refused"});
        if (throw_at_chunk == static_cast<int>(chunk->part))
          throw std::runtime_error{"words of a library"};
      }
    inner_->commit(std::move(request), std::move(done));
  }

  void read(record_key key, std::function<void(result<std::optional<record>>)> done) override {
    auto lock = std::scoped_lock{mutex_};
    if (hold_)
      return held_.emplace_back(key, std::move(done)), void();
    read_now(key, std::move(done));
  }

  void scan(scan_request request, std::function<void(result<scan_page>)> done) override {
    inner_->scan(request, std::move(done));
  }
  [[nodiscard]] commit_log_statistics statistics() const override {
    return inner_->statistics();
  }

  void hold_reads() {
    auto lock = std::scoped_lock{mutex_};
    hold_ = true;
  }
  [[nodiscard]] std::size_t held() const {
    auto lock = std::scoped_lock{mutex_};
    return held_.size();
  }
  void release_reads() {
    auto lock = std::scoped_lock{mutex_};
    hold_ = false;
    for (auto& [key, done] : std::exchange(held_, {}))
      read_now(key, std::move(done));
  }

  /// The part whose commit fails, or throws.
  int refuse_chunk = -1;
  int throw_at_chunk = -1;
  /// The most chunks that were in memory at once.
  std::atomic<std::size_t> peak = 0;

private:
  void read_now(record_key key, std::function<void(result<std::optional<record>>)> done) {
    inner_->read(key, [this, done = std::move(done)](result<std::optional<record>> found) {
      // The memory store hands out its own handle: a copy lives as long as one from a disk.
      if (found && *found)
        if (auto* chunk = std::get_if<body_chunk>(&**found)) {
          chunk->bytes = make_body(chunk->bytes->bytes);
          watch(chunk->bytes);
        }
      done(std::move(found));
    });
  }

  void watch(const body_handle& bytes) {
    auto lock = std::scoped_lock{watching_};
    alive_.emplace_back(bytes);
    std::erase_if(alive_, [](const auto& one) { return one.expired(); });
    peak = std::max(peak.load(), alive_.size());
  }

  std::unique_ptr<commit_log> inner_;
  mutable std::mutex mutex_;
  bool hold_ = false;
  std::vector<std::pair<record_key, std::function<void(result<std::optional<record>>)>>> held_;
  std::mutex watching_;
  std::vector<std::weak_ptr<const body_bytes>> alive_;
};

} // namespace mailfleet::storage::testing
