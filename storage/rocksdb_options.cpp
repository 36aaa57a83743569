#include "storage/rocksdb_options.hpp"

#include "storage/limits.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

namespace mailfleet::storage {

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(write_buffers_bytes);
  options.max_total_wal_size = total_wal_bytes;
  options.max_open_files = max_open_files;
  options.max_manifest_file_size = manifest_bytes;
  options.max_log_file_size = info_log_bytes;
  options.keep_log_file_num = info_logs_kept;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // A failed flush is fatal: never tried again behind our back.
  options.max_bgerror_resume_count = 0;
  // Each acknowledged batch is synced, so a torn tail is never acknowledged.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // These have lost or doubled writes in the releases we run on.
  options.manual_wal_flush = false;
  options.recycle_log_file_num = 0;
  options.wal_compression = rocksdb::kNoCompression;
  options.track_and_verify_wals_in_manifest = false;
  return options;
}

std::shared_ptr<rocksdb::Cache> make_block_cache() {
  return rocksdb::NewLRUCache(block_cache_bytes);
}

rocksdb::ColumnFamilyOptions meta_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = write_buffer_bytes;
  options.max_write_buffer_number = 2;
  options.level0_file_num_compaction_trigger = files_before_compaction;
  // Sealed bytes do not compress.
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kNoCompression;
  options.blob_compression_type = rocksdb::kNoCompression;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(family in,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  auto options = meta_options(cache);
  if (in == family::bodies) {
    options.write_buffer_size = body_write_buffer_bytes;
    // Merging gives the space of deleted bodies back.
    options.level0_file_num_compaction_trigger = body_files_before_compaction;
    options.enable_blob_files = true;
    options.min_blob_size = min_blob_bytes;
    options.blob_file_size = blob_file_bytes;
    options.enable_blob_garbage_collection = true;
  }
  return options;
}

rocksdb::WriteOptions synced() {
  rocksdb::WriteOptions options;
  options.sync = true;
  return options;
}

} // namespace mailfleet::storage
