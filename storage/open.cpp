#include "storage/open.hpp"

#include "storage/key_file.hpp"
#include "storage/open_on.hpp"
#include "storage/private_file_system.hpp"
#include "storage/rocksdb_store.hpp"
#include "storage/state_folder.hpp"
#include "storage/threaded_commit_log.hpp"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

namespace mailfleet::storage {

namespace {

/// A log that holds its state folder until the database is closed.
class locked_commit_log final : public commit_log {
public:
  locked_commit_log(descriptor lock, std::unique_ptr<record_store> store,
                    std::shared_ptr<store_health> health)
    : lock_{std::move(lock)}, log_{std::move(store), std::move(health)} {}

  void commit(commit_request request, std::function<void(result<commit_receipt>)> done) override {
    log_.commit(std::move(request), std::move(done));
  }
  void read(record_key key, std::function<void(result<std::optional<record>>)> done) override {
    log_.read(key, std::move(done));
  }
  void scan(scan_request request, std::function<void(result<scan_page>)> done) override {
    log_.scan(request, std::move(done));
  }
  [[nodiscard]] commit_log_statistics statistics() const override {
    return log_.statistics();
  }

private:
  descriptor lock_;
  threaded_commit_log log_;
};

std::shared_ptr<rocksdb::FileSystem> disk() {
  return std::make_shared<private_file_system>(rocksdb::FileSystem::Default());
}

/// Whether `path` is `folder` or below it, whatever of them exists.
bool is_inside(const std::filesystem::path& path, const std::filesystem::path& folder) {
  std::error_code failed;
  auto inner = std::filesystem::weakly_canonical(std::filesystem::absolute(path), failed);
  auto outer = std::filesystem::weakly_canonical(std::filesystem::absolute(folder), failed);
  auto [outer_end, unused] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return outer_end == outer.end() || (std::next(outer_end) == outer.end() && outer_end->empty());
}

failure key_inside() {
  return bad_field("key", "stands inside the state folder",
                   "keep it elsewhere: who copies the folder must not get the key with it");
}

result<void> make_database(const store_settings& settings, random_source& random) {
  auto key = read_key_file(settings.key_file);
  if (!key)
    return key.error();
  auto health = std::make_shared<store_health>(nullptr);
  auto db = database::open(database_folder(settings.state_folder), database::mode::create, disk(),
                           health);
  if (!db)
    return db.error();
  return prepare_database(**db, *key, random);
}

result<void> make_state(const store_settings& settings, random_source& random) {
  if (auto made = make_state_folder(settings.state_folder); !made)
    return made;
  auto made = make_database(settings, random);
  if (made)
    made = finish_state_folder(settings.state_folder);
  std::error_code ignored;
  if (!made)
    std::filesystem::remove_all(settings.state_folder, ignored);
  return made;
}

} // namespace

result<void> initialise(const store_settings& settings, random_source& random) {
  if (settings.state_folder.empty() || settings.key_file.empty())
    return bad_field("state or key", "is empty", "name a folder and a file that do not exist yet");
  if (is_inside(settings.key_file, settings.state_folder))
    return key_inside();
  if (auto free = check_free(settings.state_folder); !free)
    return free;
  if (auto made = make_key_file(settings.key_file, random); !made)
    return made;
  auto made = make_state(settings, random);
  std::error_code ignored;
  if (!made)
    std::filesystem::remove(settings.key_file, ignored);
  return made;
}

result<std::unique_ptr<commit_log>> open(const store_settings& settings, random_source& random,
                                         fatal_callback fatal) {
  return open_on(disk(), settings, random, std::move(fatal));
}

result<std::unique_ptr<commit_log>> open_on(const std::shared_ptr<rocksdb::FileSystem>& files,
                                            const store_settings& settings, random_source& random,
                                            fatal_callback fatal) {
  if (auto good = check_state_folder(settings.state_folder); !good)
    return good.error();
  if (is_inside(settings.key_file, settings.state_folder))
    return key_inside();
  auto lock = lock_state_folder(settings.state_folder);
  if (!lock)
    return lock.error();
  auto key = read_key_file(settings.key_file);
  if (!key)
    return key.error();
  auto health = std::make_shared<store_health>(std::move(fatal));
  auto db =
      database::open(database_folder(settings.state_folder), database::mode::open, files, health);
  if (!db)
    return db.error();
  auto store = rocksdb_store::open(*std::move(db), *key, random, health);
  if (!store)
    return store.error();
  return std::unique_ptr<commit_log>{
      std::make_unique<locked_commit_log>(*std::move(lock), *std::move(store), std::move(health))};
}

result<void> rotate_key(const store_settings& settings, const std::filesystem::path& next_key_file,
                        random_source& random) {
  if (auto good = check_state_folder(settings.state_folder); !good)
    return good;
  if (is_inside(next_key_file, settings.state_folder))
    return key_inside();
  auto lock = lock_state_folder(settings.state_folder);
  if (!lock)
    return lock.error();
  auto key = read_key_file(settings.key_file);
  if (!key)
    return key.error();
  auto health = std::make_shared<store_health>(nullptr);
  auto db =
      database::open(database_folder(settings.state_folder), database::mode::open, disk(), health);
  if (!db)
    return db.error();
  if (auto made = make_key_file(next_key_file, random); !made)
    return made;
  auto next = read_key_file(next_key_file);
  if (!next)
    return next.error();
  auto done = rewrap_keys(**db, *key, *next, random);
  // Unless a write failed, nothing is under the new key: it need not be kept.
  std::error_code ignored;
  if (!done && done.error().code != errc::storage_failed)
    std::filesystem::remove(next_key_file, ignored);
  return done;
}

} // namespace mailfleet::storage
