#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"
#include "storage/store_health.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::storage {

/// An open RocksDB with a column family for each of ours; the default one holds
/// the store's own values. Any thread.
class database {
public:
  enum class mode { open, create };

  /// Opens, or creates where nothing is. `files` is the disk, or a test's. A
  /// failed background write goes to `health`.
  [[nodiscard]] static result<std::unique_ptr<database>>
  open(const std::filesystem::path& folder, mode how,
       const std::shared_ptr<rocksdb::FileSystem>& files, std::shared_ptr<store_health> health);

  /// Closes it. One that failed stays open, and holds its folder, until the process
  /// ends: RocksDB built with assertions, as Debian's is, aborts when it closes a log
  /// that it could not write.
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  [[nodiscard]] rocksdb::DB& db() noexcept {
    return *db_;
  }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(family in) const noexcept {
    return handles_[static_cast<std::size_t>(in)];
  }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* meta() const noexcept {
    return handles_.front();
  }
  [[nodiscard]] const std::vector<rocksdb::ColumnFamilyHandle*>& handles() const noexcept {
    return handles_;
  }

  /// The bytes of a value; `false` if there is none.
  [[nodiscard]] result<bool> find(rocksdb::ColumnFamilyHandle* in, std::string_view key,
                                  rocksdb::PinnableSlice& value);

  /// Writes and syncs; a failure is `storage_failed`.
  [[nodiscard]] result<void> write(rocksdb::WriteBatch& batch);

private:
  database(std::unique_ptr<rocksdb::Env> env, std::unique_ptr<rocksdb::DB> db,
           std::vector<rocksdb::ColumnFamilyHandle*> handles, std::shared_ptr<store_health> health);

  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  /// Index: number of the family.
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::shared_ptr<store_health> health_;
};

/// Keys of the store's own values, in the default column family.
namespace meta_key {
inline constexpr std::string_view check = "check";
inline constexpr std::string_view counters = "counters";
inline constexpr std::string_view scrub = "scrub";
/// Followed by the entity's id, u64.
inline constexpr std::string_view about = "about:";
/// Followed by the message's key in family `messages`.
inline constexpr std::string_view unfinished = "unfinished:";
} // namespace meta_key

} // namespace mailfleet::storage
