#include "storage/commit_writer.hpp"

#include "storage/batch_planner.hpp"
#include "storage/limits.hpp"

#include <optional>

namespace mailfleet::storage {

namespace {

std::size_t size_of(const commit_request& request) {
  auto bytes = request_overhead_bytes;
  for (const auto& put : request.puts)
    if (const auto* chunk = std::get_if<body_chunk>(&put); chunk && chunk->bytes)
      bytes += chunk->bytes->bytes.size();
  return bytes;
}

} // namespace

commit_writer::commit_writer(record_store& store, store_health& health)
  : store_{store}, health_{health} {
  statistics_.last_event = store.counters().last_event;
  thread_ = std::thread{[this] { run(); }};
}

commit_writer::~commit_writer() {
  stop();
}

void commit_writer::submit(commit_request request, commit_answer done) {
  auto bytes = size_of(request);
  auto queue = request.urgency == commit_class::control ? 0u : 1u;
  std::optional<failure> refusal;
  bool wakes = false;
  bool fills = false;
  {
    std::lock_guard guard{mutex_};
    if (stopping_)
      refusal = failure{errc::shutting_down, "the store stops; ask again after it is back"};
    else if (queues_[0].size() + queues_[1].size() >= max_waiting_commits)
      refusal = failure{errc::overloaded, "too many commits wait for the disk; ask again later"};
    else {
      wakes = idle_;
      waiting_bytes_ += bytes;
      fills = waiting_bytes_ >= max_batch_bytes;
      queues_[queue].push_back({std::move(request), std::move(done), bytes});
    }
  }
  if (refusal)
    return done(*refusal);
  if (wakes)
    something_.notify_one();
  if (fills)
    enough_.notify_one();
}

void commit_writer::stop() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  something_.notify_one();
  enough_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

commit_log_statistics commit_writer::statistics() const {
  std::lock_guard guard{mutex_};
  return statistics_;
}

void commit_writer::run() {
  for (auto batch = take_batch(); !batch.empty(); batch = take_batch())
    write(std::move(batch));
}

std::vector<commit_writer::waiting_commit> commit_writer::take_batch() {
  std::vector<waiting_commit> batch;
  std::unique_lock lock{mutex_};
  if (last_batch_ > 1 || !is_empty())
    let_others_come(lock);
  idle_ = true;
  something_.wait(lock, [&] { return stopping_ || !is_empty(); });
  idle_ = false;
  std::size_t bytes = 0;
  for (auto& queue : queues_) {
    while (!queue.empty() && (batch.empty() || bytes + queue.front().bytes <= max_batch_bytes)) {
      bytes += queue.front().bytes;
      batch.push_back(std::move(queue.front()));
      queue.pop_front();
    }
  }
  waiting_bytes_ -= bytes;
  statistics_.requests += batch.size();
  last_batch_ = batch.size();
  last_taken_ = std::chrono::steady_clock::now();
  return batch;
}

/// A sync costs the same for one request as for many: where several ask at a time, the next is
/// made for all that come within `sync_spacing` of the last. Who asks alone never waits.
void commit_writer::let_others_come(std::unique_lock<std::mutex>& lock) {
  enough_.wait_until(lock, last_taken_ + sync_spacing,
                     [&] { return stopping_ || waiting_bytes_ >= max_batch_bytes; });
}

void commit_writer::write(std::vector<waiting_commit> batch) {
  if (auto trouble = health_.trouble()) {
    for (auto& waiting : batch)
      waiting.done(*trouble);
    return;
  }
  std::optional<batch_planner> planner{std::in_place, store_};
  auto accepted = plan(std::move(batch), *planner);
  if (accepted.empty())
    return;
  auto trouble = health_.trouble();
  auto written = trouble ? result<void>{*trouble} : apply(planner->plan());
  if (written)
    count(planner->plan());
  else if (!trouble)
    health_.fail(written.error());
  // The bodies' credit is back before anyone hears of it.
  planner.reset();
  for (auto& [done, receipt] : accepted) {
    if (written)
      done(receipt);
    else
      done(written.error());
  }
}

std::vector<commit_writer::accepted_commit> commit_writer::plan(std::vector<waiting_commit> batch,
                                                                batch_planner& into) {
  std::vector<accepted_commit> accepted;
  for (auto& waiting : batch) {
    auto receipt = add(into, std::move(waiting.request));
    if (receipt) {
      accepted.emplace_back(std::move(waiting.done), *receipt);
      continue;
    }
    {
      std::lock_guard guard{mutex_};
      ++statistics_.refused;
    }
    waiting.done(receipt.error());
  }
  return accepted;
}

/// Lets no exception of a library out. What is planned of the batch cannot be trusted
/// after one, so nothing of it is written and the store stops.
result<commit_receipt> commit_writer::add(batch_planner& into, commit_request request) {
  try {
    return into.add(std::move(request));
  } catch (const std::exception&) {
    failure what{errc::storage_failed, "planning a commit ended in an exception"};
    health_.fail(what);
    return what;
  }
}

/// Lets no exception of a library out: one in the middle of a write leaves its
/// outcome as unknown as an error does.
result<void> commit_writer::apply(const batch_plan& plan) {
  try {
    return store_.apply(plan);
  } catch (const std::exception&) {
    return failure{errc::storage_failed, "a write ended in an exception"};
  }
}

void commit_writer::count(const batch_plan& plan) {
  std::lock_guard guard{mutex_};
  ++statistics_.batches;
  statistics_.last_event = plan.counters.last_event;
}

} // namespace mailfleet::storage
