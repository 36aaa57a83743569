#include "storage/memory_commit_log.hpp"

#include "storage/batch_planner.hpp"
#include "storage/codec.hpp"
#include "storage/limits.hpp"
#include "storage/threaded_commit_log.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace mailfleet::storage {

class memory_disk {
public:
  std::mutex mutex;
  std::map<record_key, record> records;
  std::map<entity_id, std::uint64_t> events_about;
  log_counters counters;
  std::optional<std::uint64_t> writes_left;
};

namespace {

/// A copy that draws on no budget.
record kept(const record& put) {
  const auto* chunk = std::get_if<body_chunk>(&put);
  if (!chunk)
    return put;
  auto copy = *chunk;
  copy.bytes = make_body(chunk->bytes->bytes);
  return copy;
}

class memory_store final : public record_store {
public:
  explicit memory_store(std::shared_ptr<memory_disk> disk) : disk_{std::move(disk)} {}

  result<void> apply(const batch_plan& plan) override {
    std::lock_guard guard{disk_->mutex};
    if (disk_->writes_left && (*disk_->writes_left)-- == 0)
      return failure{errc::storage_failed, "the memory log was told to fail this write"};
    for (const auto& request : plan.requests)
      apply_one(request);
    for (auto [about, count] : plan.events_about)
      disk_->events_about[about] = count;
    disk_->counters = plan.counters;
    return {};
  }

  result<std::uint64_t> version_of(const record_key& key) override {
    std::lock_guard guard{disk_->mutex};
    auto found = disk_->records.find(key);
    return found == disk_->records.end() ? 0 : header_of(found->second).version;
  }

  result<std::uint64_t> events_about(entity_id about) override {
    std::lock_guard guard{disk_->mutex};
    auto found = disk_->events_about.find(about);
    return found == disk_->events_about.end() ? 0 : found->second;
  }

  log_counters counters() const override {
    std::lock_guard guard{disk_->mutex};
    return disk_->counters;
  }

  result<std::optional<record>> read(const record_key& key) override {
    std::lock_guard guard{disk_->mutex};
    auto found = disk_->records.find(key);
    return found == disk_->records.end() ? std::nullopt : std::optional{found->second};
  }

  result<scan_page> scan(const scan_request& request) override {
    std::lock_guard guard{disk_->mutex};
    auto at = disk_->records.lower_bound({.in = request.in, .owner = request.owner.value_or(0)});
    if (request.after && (at == disk_->records.end() || *request.after >= at->first))
      at = disk_->records.upper_bound(*request.after);
    scan_page page;
    for (; at != disk_->records.end() && is_wanted(request, at->first); ++at) {
      page.more = page.records.size() == request.limit;
      if (page.more)
        break;
      page.records.push_back(at->second);
    }
    return page;
  }

private:
  static bool is_wanted(const scan_request& request, const record_key& key) {
    return key.in == request.in && (!request.owner || key.owner == *request.owner);
  }

  void apply_one(const planned_request& request) {
    for (auto owner : request.erased_owners)
      std::erase_if(disk_->records, [&](const auto& entry) {
        return belongs_to_owner(entry.first.in) && entry.first.owner == owner.value;
      });
    for (const auto& key : request.deletes)
      disk_->records.erase(key);
    for (const auto& put : request.puts)
      disk_->records.insert_or_assign(key_of(put), kept(put));
  }

  std::shared_ptr<memory_disk> disk_;
};

/// Does all within the call; an answer may call again.
class inline_commit_log final : public commit_log {
public:
  inline_commit_log(std::shared_ptr<memory_disk> disk, fatal_callback fatal)
    : store_{std::move(disk)}, health_{std::move(fatal)} {
    statistics_.last_event = store_.counters().last_event;
  }

  void commit(commit_request request, std::function<void(result<commit_receipt>)> done) override {
    done(commit_now(std::move(request)));
  }

  void read(record_key key, std::function<void(result<std::optional<record>>)> done) override {
    if (auto trouble = health_.trouble())
      return done(*trouble);
    done(checked_read(store_, key));
  }

  void scan(scan_request request, std::function<void(result<scan_page>)> done) override {
    if (auto trouble = health_.trouble())
      return done(*trouble);
    done(checked_scan(store_, request));
  }

  [[nodiscard]] commit_log_statistics statistics() const override {
    std::lock_guard guard{mutex_};
    return statistics_;
  }

private:
  result<commit_receipt> commit_now(commit_request&& request) {
    std::unique_lock lock{mutex_};
    ++statistics_.requests;
    if (auto trouble = health_.trouble())
      return *trouble;
    batch_planner planner{store_};
    auto receipt = planner.add(std::move(request));
    if (!receipt) {
      ++statistics_.refused;
      return receipt;
    }
    if (auto written = store_.apply(planner.plan()); !written) {
      lock.unlock();
      health_.fail(written.error());
      return written.error();
    }
    ++statistics_.batches;
    statistics_.last_event = planner.plan().counters.last_event;
    return receipt;
  }

  mutable std::mutex mutex_;
  memory_store store_;
  store_health health_;
  commit_log_statistics statistics_;
};

} // namespace

std::shared_ptr<memory_disk> make_memory_disk() {
  return std::make_shared<memory_disk>();
}

void fail_write_after(memory_disk& disk, std::uint64_t writes) {
  std::lock_guard guard{disk.mutex};
  disk.writes_left = writes;
}

std::unique_ptr<commit_log>
make_memory_commit_log(answering where, std::shared_ptr<memory_disk> disk, fatal_callback fatal) {
  if (where == answering::within_call)
    return std::make_unique<inline_commit_log>(std::move(disk), std::move(fatal));
  return std::make_unique<threaded_commit_log>(std::make_unique<memory_store>(std::move(disk)),
                                               std::make_shared<store_health>(std::move(fatal)));
}

} // namespace mailfleet::storage
