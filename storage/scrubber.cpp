#include "storage/scrubber.hpp"

namespace mailfleet::storage {

namespace {

failure scrub_failed(const rocksdb::Status& status) {
  return {errc::storage_failed,
          "erased keys cannot be scrubbed from the files: " + printable(status.ToString())};
}

/// Whether the database said no because it is being closed.
bool is_closing(const rocksdb::Status& status) {
  return status.IsShutdownInProgress();
}

} // namespace

result<void> scrub_keys(database& db) {
  // The log goes only when every family has left it.
  auto status = db.db().Flush(rocksdb::FlushOptions{}, db.handles());
  if (status.ok()) {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    status = db.db().CompactRange(options, db.handle(family::keys), nullptr, nullptr);
  }
  if (!status.ok() && !is_closing(status))
    return scrub_failed(status);
  return {};
}

scrubber::scrubber(database& db, store_health& health) : db_{db}, health_{health} {
  rocksdb::PinnableSlice mark;
  auto is_marked = db_.find(db_.meta(), meta_key::scrub, mark);
  wanted_ = is_marked && *is_marked;
  thread_ = std::thread{[this] { run(); }};
}

scrubber::~scrubber() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  something_.notify_one();
  thread_.join();
}

result<void> scrubber::write_and_scrub(rocksdb::WriteBatch& batch) {
  std::lock_guard guard{mutex_};
  auto written = db_.write(batch);
  wanted_ = wanted_ || written;
  something_.notify_one();
  return written;
}

void scrubber::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    something_.wait(lock, [&] { return wanted_ || stopping_; });
    if (!wanted_)
      return;
    wanted_ = false;
    lock.unlock();
    auto scrubbed = scrub();
    lock.lock();
    if (!scrubbed) {
      health_.fail(scrubbed.error());
      return;
    }
  }
}

result<void> scrubber::scrub() {
  if (health_.trouble())
    return {};
  if (auto scrubbed = scrub_keys(db_); !scrubbed)
    return scrubbed;
  // Another erasure may have set the mark anew: then its own scrub removes it.
  std::lock_guard guard{mutex_};
  if (wanted_)
    return {};
  rocksdb::WriteBatch batch;
  batch.Delete(db_.meta(), rocksdb::Slice{meta_key::scrub.data(), meta_key::scrub.size()});
  return db_.write(batch);
}

} // namespace mailfleet::storage
