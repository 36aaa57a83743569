#include "storage/database.hpp"

#include "storage/codec.hpp"
#include "storage/rocksdb_options.hpp"

#include <rocksdb/listener.h>

#include <mutex>
#include <utility>

namespace mailfleet::storage {

namespace {

/// Tells of flushes and compactions that failed: nobody waits for them.
class failure_listener final : public rocksdb::EventListener {
public:
  explicit failure_listener(std::shared_ptr<store_health> health) : health_{std::move(health)} {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    health_->fail(
        {errc::storage_failed, "the database cannot write: " + printable(status->ToString())
                                   + "; check the disk and start again"});
  }

private:
  std::shared_ptr<store_health> health_;
};

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors() {
  auto cache = make_block_cache();
  std::vector<rocksdb::ColumnFamilyDescriptor> all;
  all.emplace_back(rocksdb::kDefaultColumnFamilyName, meta_options(cache));
  for (auto in : all_families)
    all.emplace_back(std::string{name_of(in)}, family_options(in, cache));
  return all;
}

/// Keeps a failed database out of every destructor, and in a leak checker's sight.
void leave_open(std::unique_ptr<rocksdb::Env> env, std::unique_ptr<rocksdb::DB> db,
                std::vector<rocksdb::ColumnFamilyHandle*> handles) {
  struct parts {
    rocksdb::Env* env;
    rocksdb::DB* db;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
  };
  static std::mutex mutex;
  static auto* const left = new std::vector<parts>;
  std::lock_guard guard{mutex};
  left->push_back({env.release(), db.release(), std::move(handles)});
}

failure cannot_open(const rocksdb::Status& status) {
  auto code = status.IsCorruption() ? errc::storage_corrupt : errc::storage_failed;
  return {code, "the database cannot be opened: " + printable(status.ToString())};
}

} // namespace

result<std::unique_ptr<database>> database::open(const std::filesystem::path& folder, mode how,
                                                 const std::shared_ptr<rocksdb::FileSystem>& files,
                                                 std::shared_ptr<store_health> health) {
  auto env = rocksdb::NewCompositeEnv(files);
  auto options = database_options();
  options.env = env.get();
  options.create_if_missing = how == mode::create;
  options.create_missing_column_families = how == mode::create;
  options.error_if_exists = how == mode::create;
  options.listeners.push_back(std::make_shared<failure_listener>(health));
  rocksdb::DB* opened = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  auto status = rocksdb::DB::Open(options, folder.string(), descriptors(), &handles, &opened);
  if (!status.ok())
    return cannot_open(status);
  return std::unique_ptr<database>{new database{
      std::move(env), std::unique_ptr<rocksdb::DB>{opened}, std::move(handles), std::move(health)}};
}

database::database(std::unique_ptr<rocksdb::Env> env, std::unique_ptr<rocksdb::DB> db,
                   std::vector<rocksdb::ColumnFamilyHandle*> handles,
                   std::shared_ptr<store_health> health)
  : env_{std::move(env)},
    db_{std::move(db)},
    handles_{std::move(handles)},
    health_{std::move(health)} {}

database::~database() {
  if (health_->trouble()) {
    leave_open(std::move(env_), std::move(db_), std::move(handles_));
    return;
  }
  for (auto* handle : handles_)
    db_->DestroyColumnFamilyHandle(handle);
  db_->Close();
}

result<bool> database::find(rocksdb::ColumnFamilyHandle* in, std::string_view key,
                            rocksdb::PinnableSlice& value) {
  value.Reset();
  auto status =
      db_->Get(rocksdb::ReadOptions{}, in, rocksdb::Slice{key.data(), key.size()}, &value);
  if (status.ok() || status.IsNotFound())
    return status.ok();
  return failure{errc::storage_corrupt,
                 "the database cannot be read: " + printable(status.ToString())};
}

result<void> database::write(rocksdb::WriteBatch& batch) {
  auto status = db_->Write(synced(), &batch);
  if (status.ok())
    return {};
  return failure{errc::storage_failed, "the database cannot write: " + printable(status.ToString())
                                           + "; check the disk and start again"};
}

} // namespace mailfleet::storage
