#pragma once

#include "storage/database.hpp"
#include "storage/store_health.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace mailfleet::storage {

/// Takes destroyed data keys out of the files: a deleted record stays in the
/// log and in older tables until they are rewritten, and the key-encryption key
/// would still open it there. A thread of its own rewrites them after an
/// erasure; a mark in the database makes the next start finish what a crash cut
/// short.
class scrubber {
public:
  /// Both outlive the scrubber. Begins at once if the mark is there.
  scrubber(database& db, store_health& health);

  /// Finishes what was asked for.
  ~scrubber();
  scrubber(const scrubber&) = delete;
  scrubber& operator=(const scrubber&) = delete;

  /// Writes a batch that sets the mark and, when it is durable, asks for a
  /// scrub: as one, so that no earlier scrub removes the new mark.
  [[nodiscard]] result<void> write_and_scrub(rocksdb::WriteBatch& batch);

private:
  void run();
  result<void> scrub();

  database& db_;
  store_health& health_;
  std::mutex mutex_;
  std::condition_variable something_;
  bool wanted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

/// One scrub, on the caller's thread: rewrites the log and the keys' tables,
/// then removes the mark.
[[nodiscard]] result<void> scrub_keys(database& db);

} // namespace mailfleet::storage
