#include "storage/sweep.hpp"

#include "storage/codec.hpp"
#include "storage/limits.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace mailfleet::storage {

namespace {

/// Sorts behind every part of a message's body: parts have four bytes.
std::string behind_parts(std::string_view message) {
  return std::string{message}.append(5, '\xff');
}

/// Whether the message that owns these chunks came to exist.
result<bool> has_index_row(database& db, std::string_view message, rocksdb::PinnableSlice& row) {
  auto key = decode_key(family::messages, message);
  if (!key)
    return key.error();
  auto in = key->folder == outbox_folder ? family::outbox : family::messages;
  return db.find(db.handle(in), message, row);
}

/// Sweeps the first marks, at most a batch of them; whether there may be more.
result<bool> sweep_batch(database& db, std::size_t& swept) {
  std::unique_ptr<rocksdb::Iterator> mark{db.db().NewIterator(rocksdb::ReadOptions{}, db.meta())};
  rocksdb::Slice prefix{meta_key::unfinished.data(), meta_key::unfinished.size()};
  rocksdb::WriteBatch batch;
  std::size_t seen = 0;
  for (mark->Seek(prefix); mark->Valid() && mark->key().starts_with(prefix); mark->Next()) {
    if (seen++ == max_swept_per_batch)
      break;
    auto message = mark->key().ToStringView().substr(prefix.size());
    rocksdb::PinnableSlice row;
    auto has_row = has_index_row(db, message, row);
    if (!has_row)
      return has_row.error();
    if (!*has_row) {
      batch.DeleteRange(db.handle(family::bodies), std::string{message}, behind_parts(message));
      ++swept;
    }
    batch.Delete(db.meta(), mark->key());
  }
  if (!mark->status().ok())
    return failure{errc::storage_corrupt,
                   "the database cannot be read: " + printable(mark->status().ToString())};
  if (seen == 0)
    return false;
  if (auto written = db.write(batch); !written)
    return written.error();
  return seen > max_swept_per_batch;
}

} // namespace

result<std::size_t> sweep_unfinished_bodies(database& db) {
  std::size_t swept = 0;
  for (;;) {
    auto more = sweep_batch(db, swept);
    if (!more)
      return more.error();
    if (!*more)
      return swept;
  }
}

} // namespace mailfleet::storage
