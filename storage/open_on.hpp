#pragma once

#include "storage/open.hpp"

#include <rocksdb/file_system.h>

#include <memory>

namespace mailfleet::storage {

/// `open` on another file system than the disk, for tests that make it fail.
[[nodiscard]] result<std::unique_ptr<commit_log>>
open_on(const std::shared_ptr<rocksdb::FileSystem>& files, const store_settings& settings,
        random_source& random, fatal_callback fatal);

} // namespace mailfleet::storage
