#include "storage/private_file_system.hpp"

#include <sys/stat.h>

namespace mailfleet::storage {

namespace {

rocksdb::IOStatus make_private(const rocksdb::IOStatus& made, const std::string& name) {
  if (made.ok() && ::chmod(name.c_str(), S_IRUSR | S_IWUSR) != 0)
    return rocksdb::IOStatus::IOError("chmod", name);
  return made;
}

} // namespace

private_file_system::private_file_system(const std::shared_ptr<rocksdb::FileSystem>& target)
  : FileSystemWrapper{target} {}

const char* private_file_system::Name() const {
  return "mailfleet_private_file_system";
}

rocksdb::IOStatus
private_file_system::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSWritableFile>* file,
                                     rocksdb::IODebugContext* debug) {
  return make_private(target()->NewWritableFile(name, options, file, debug), name);
}

rocksdb::IOStatus private_file_system::NewLogger(const std::string& name,
                                                 const rocksdb::IOOptions& options,
                                                 std::shared_ptr<rocksdb::Logger>* logger,
                                                 rocksdb::IODebugContext* debug) {
  return make_private(target()->NewLogger(name, options, logger, debug), name);
}

rocksdb::IOStatus private_file_system::LockFile(const std::string& name,
                                                const rocksdb::IOOptions& options,
                                                rocksdb::FileLock** lock,
                                                rocksdb::IODebugContext* debug) {
  return make_private(target()->LockFile(name, options, lock, debug), name);
}

} // namespace mailfleet::storage
