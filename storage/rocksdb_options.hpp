#pragma once

#include "messages/values/records.hpp"

#include <rocksdb/options.h>

namespace mailfleet::storage {

/// The options of the database, with the limits of `limits.hpp`. Environment
/// and listeners are the caller's to set.
[[nodiscard]] rocksdb::DBOptions database_options();

/// The options of a family; `cache` is shared by all.
[[nodiscard]] rocksdb::ColumnFamilyOptions
family_options(family in, const std::shared_ptr<rocksdb::Cache>& cache);

/// The options of the default column family, which holds the store's own values.
[[nodiscard]] rocksdb::ColumnFamilyOptions
meta_options(const std::shared_ptr<rocksdb::Cache>& cache);

/// The cache that all families share.
[[nodiscard]] std::shared_ptr<rocksdb::Cache> make_block_cache();

/// A write is acknowledged only when it is synced.
[[nodiscard]] rocksdb::WriteOptions synced();

} // namespace mailfleet::storage
