#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

namespace mailfleet::storage {

/// The disk, with every file that RocksDB makes readable by its owner only.
class private_file_system : public rocksdb::FileSystemWrapper {
public:
  explicit private_file_system(const std::shared_ptr<rocksdb::FileSystem>& target);

  [[nodiscard]] const char* Name() const override;

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewLogger(const std::string& name, const rocksdb::IOOptions& options,
                              std::shared_ptr<rocksdb::Logger>* logger,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LockFile(const std::string& name, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* debug) override;
};

} // namespace mailfleet::storage
