// What only the log on disk has: sealed files, named limits, scrubbing,
// failing writes, rotation.

#include "storage/codec.hpp"
#include "storage/database.hpp"
#include "storage/key_file.hpp"
#include "storage/limits.hpp"
#include "storage/open_on.hpp"
#include "storage/private_file_system.hpp"
#include "storage/rocksdb_store.hpp"
#include "storage/state_folder.hpp"
#include "tests/storage/rocksdb_fixture.hpp"

#include <catch2/catch.hpp>
#include <rocksdb/cache.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <atomic>
#include <fstream>
#include <iterator>

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;

namespace {

using fixture = rocksdb_fixture;

template <class Answer>
errc code_of(const result<Answer>& answer) {
  return answer ? errc{} : answer.error().code;
}

/// Lets a sync of a log file fail on order, and counts how often it did.
class failing_file_system final : public rocksdb::FileSystemWrapper {
public:
  failing_file_system() : FileSystemWrapper{rocksdb::FileSystem::Default()} {}
  [[nodiscard]] const char* Name() const override {
    return "failing_file_system";
  }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    auto made = target()->NewWritableFile(name, options, file, debug);
    if (made.ok())
      *file = std::make_unique<failing_file>(std::move(*file), *this);
    return made;
  }

  /// What fails: nothing, writes that reach the file, or those that make it durable.
  enum class stage : std::uint8_t { none, append, sync };
  std::atomic<stage> fails = stage::none;
  std::atomic<int> fired = 0;

private:
  class failing_file final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    failing_file(std::unique_ptr<rocksdb::FSWritableFile> file, failing_file_system& of)
      : FSWritableFileOwnerWrapper{std::move(file)}, of_{of} {}
    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      return fail(stage::append) ? refused()
                                 : FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
      return fail(stage::sync) ? refused() : FSWritableFileOwnerWrapper::Sync(options, debug);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
      return fail(stage::sync) ? refused() : FSWritableFileOwnerWrapper::Fsync(options, debug);
    }

  private:
    [[nodiscard]] bool fail(stage at) const {
      if (of_.fails != at)
        return false;
      ++of_.fired;
      return true;
    }
    static rocksdb::IOStatus refused() {
      return rocksdb::IOStatus::IOError("injected: it failed");
    }
    failing_file_system& of_;
  };
};

} // namespace

TEST_CASE_METHOD(fixture, "no text of any record is in any file", "[rocksdb]") {
  const std::string canary = "cAnArY-7d1f";
  {
    auto log = open_store(settings, random);
    auto request = putting(sample_puts(ann, canary));
    // Large enough for a blob file.
    request.puts.emplace_back(small_body(ann, 77, std::string(8'000, 'b') + canary));
    request.events = {sample_event(ann, canary)};
    request.audit = sample_audit(canary);
    REQUIRE(commit(*log, request));
    CHECK(files_with(canary).empty());
  }
  auto db = raw();
  REQUIRE(db->db().Flush({}, db->handles()).ok());
  db.reset();
  CHECK(files_with(canary).empty());
  CHECK(files_with(std::string(100, 'b')).empty());
  // The search does find what is there.
  CHECK_FALSE(files_with("owed_actions").empty());
  std::size_t blobs = 0;
  for (const auto& entry : fs::directory_iterator{database_folder(settings.state_folder)})
    blobs += entry.path().extension() == ".blob" ? 1u : 0u;
  CHECK(blobs >= 1);
}

TEST_CASE_METHOD(fixture, "the named limits are in force", "[rocksdb]") {
  auto db = raw();
  auto options = db->db().GetDBOptions();
  REQUIRE(options.write_buffer_manager);
  CHECK(options.write_buffer_manager->buffer_size() == write_buffers_bytes);
  CHECK(write_buffers_bytes == std::size_t{96} << 20);
  CHECK(options.max_total_wal_size == std::size_t{256} << 20);
  CHECK(options.max_open_files == max_open_files);
  CHECK_FALSE(options.manual_wal_flush);
  CHECK(options.recycle_log_file_num == 0);
  CHECK(options.wal_compression == rocksdb::kNoCompression);
  CHECK(options.max_bgerror_resume_count == 0);
  std::shared_ptr<rocksdb::Cache> cache;
  for (auto* handle : db->handles()) {
    auto of = db->db().GetOptions(handle);
    CHECK(of.max_write_buffer_number == 2);
    CHECK(of.compression == rocksdb::kNoCompression);
    CHECK(of.blob_compression_type == rocksdb::kNoCompression);
    const auto* table = of.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
    REQUIRE(table);
    CHECK(table->cache_index_and_filter_blocks);
    CHECK(table->block_cache->GetCapacity() == std::size_t{64} << 20);
    CHECK((!cache || cache == table->block_cache));
    cache = table->block_cache;
  }
  auto bodies = db->db().GetOptions(db->handle(family::bodies));
  CHECK(bodies.enable_blob_files);
  CHECK(bodies.enable_blob_garbage_collection);
  CHECK_FALSE(db->db().GetOptions(db->handle(family::events)).enable_blob_files);
}

TEST_CASE_METHOD(fixture, "values that change places do not open", "[rocksdb]") {
  REQUIRE(commit(*open_store(settings, random),
                 putting({cursor_of(ann, 1, 1), cursor_of(bob, 1, 2), small_message(ann, 1),
                          small_message(ann, 2)})));
  {
    auto db = raw();
    overwrite(*db, cursor_key(ann, 1), value_at(*db, cursor_key(bob, 1)));
    auto first = key_in(family::messages, {ann, 1, 1, 1});
    auto second = key_in(family::messages, {ann, 1, 1, 2});
    overwrite(*db, second, value_at(*db, first));
  }
  auto log = open_store(settings, random);
  CHECK(code_of(read(*log, cursor_key(ann, 1))) == errc::storage_corrupt);
  CHECK(code_of(read(*log, cursor_key(bob, 1))) == errc{});
  CHECK(code_of(read(*log, key_in(family::messages, {ann, 1, 1, 1}))) == errc{});
  CHECK(code_of(read(*log, key_in(family::messages, {ann, 1, 1, 2}))) == errc::storage_corrupt);
  CHECK(code_of(scan(*log, pages(family::messages))) == errc::storage_corrupt);
  auto demand = putting({cursor_of(ann, 2, 2)});
  demand.preconditions = {{cursor_key(ann, 1), 1}};
  CHECK(code_of(commit(*log, demand)) == errc::storage_corrupt);
}

TEST_CASE_METHOD(fixture, "an older value does not open under the newer version", "[rocksdb]") {
  std::string older;
  REQUIRE(commit(*open_store(settings, random), putting({cursor_of(ann, 1, 1)})));
  older = value_at(*raw(), cursor_key(ann, 1));
  REQUIRE(commit(*open_store(settings, random), putting({cursor_of(ann, 2, 9)})));
  {
    auto db = raw();
    auto newer = value_at(*db, cursor_key(ann, 1));
    overwrite(*db, cursor_key(ann, 1), newer.substr(0, 13) + older.substr(13));
  }
  auto log = open_store(settings, random);
  CHECK(code_of(read(*log, cursor_key(ann, 1))) == errc::storage_corrupt);
}

TEST_CASE_METHOD(fixture, "an event log shorter than its counters is refused", "[rocksdb]") {
  auto request = telling(ann, "x");
  request.events.push_back(sample_event(ann, "x"));
  REQUIRE(commit(*open_store(settings, random), request));
  {
    auto db = raw();
    rocksdb::WriteBatch batch;
    batch.Delete(db->handle(family::events), encode_key({.in = family::events, .owner = 2}));
    REQUIRE(db->write(batch));
  }
  CHECK(code_of(open(settings, random, {})) == errc::storage_corrupt);
}

TEST_CASE_METHOD(fixture, "the data key of an erased owner leaves every file", "[rocksdb]") {
  REQUIRE(commit(*open_store(settings, random), putting(sample_puts(ann, "x"))));
  record_key place{.in = family::keys, .owner = ann.value, .folder = 1};
  auto wrapped = value_at(*raw(), place).substr(13);
  REQUIRE_FALSE(files_with(wrapped).empty());
  {
    auto log = open_store(settings, random);
    commit_request erase;
    erase.erased_owners = {ann};
    REQUIRE(commit(*log, erase));
  }
  CHECK(files_with(wrapped).empty());
  rocksdb::PinnableSlice mark;
  auto db = raw();
  CHECK_FALSE(*db->find(db->meta(), meta_key::scrub, mark));
}

TEST_CASE_METHOD(fixture, "a scrub that a crash cut short is done at the next start", "[rocksdb]") {
  REQUIRE(commit(*open_store(settings, random), putting(sample_puts(ann, "x"))));
  record_key place{.in = family::keys, .owner = ann.value, .folder = 1};
  std::string wrapped;
  {
    auto db = raw();
    wrapped = value_at(*db, place).substr(13);
    rocksdb::WriteBatch batch;
    for (auto in : all_families)
      if (belongs_to_owner(in) || in == family::keys)
        batch.DeleteRange(db->handle(in), to_bytes(ann.value), to_bytes(ann.value + 1));
    batch.Put(db->meta(), "scrub", "");
    REQUIRE(db->write(batch));
  }
  REQUIRE_FALSE(files_with(wrapped).empty());
  open_store(settings, random).reset();
  CHECK(files_with(wrapped).empty());
}

TEST_CASE_METHOD(fixture, "a failed write is fatal once, and what was acknowledged stays",
                 "[rocksdb]") {
  using stage = failing_file_system::stage;
  auto failing = GENERATE(stage::append, stage::sync);
  auto files = std::make_shared<failing_file_system>();
  std::atomic<int> fatal = 0;
  auto opened = open_on(files, settings, random, [&](const failure& what) {
    fatal += what.code == errc::storage_failed ? 1 : 100;
  });
  REQUIRE(opened);
  auto& log = **opened;
  REQUIRE(commit(log, putting({cursor_of(ann, 1, 1)})));
  files->fails = failing;
  CHECK(code_of(commit(log, putting({cursor_of(ann, 2, 2)}))) == errc::storage_failed);
  CHECK(files->fired >= 1);
  CHECK(fatal == 1);
  files->fails = stage::none;
  CHECK(code_of(commit(log, putting({cursor_of(bob, 1, 1)}))) == errc::storage_failed);
  CHECK(code_of(read(log, cursor_key(ann, 1))) == errc::storage_failed);
  CHECK(code_of(scan(log, pages(family::cursors))) == errc::storage_failed);
  CHECK(fatal == 1);
  opened->reset();
  // The folder is held until the process ends; what another would find is in a copy.
  CHECK(code_of(open(settings, random, {})) == errc::storage_failed);
  auto elsewhere = settings;
  elsewhere.state_folder = folder.path() / "copy";
  fs::copy(settings.state_folder, elsewhere.state_folder, fs::copy_options::recursive);
  auto again = open_store(elsewhere, random);
  auto found = read(*again, cursor_key(ann, 1));
  REQUIRE(found);
  // Unknown, as the contract says: one of the two, whole.
  CHECK((same(**found, cursor_of(ann, 1, 1)) || same(**found, cursor_of(ann, 2, 2))));
  CHECK_FALSE(*read(*again, cursor_key(bob, 1)));
}

TEST_CASE_METHOD(fixture, "rotation changes the key that opens, and nothing else", "[rocksdb]") {
  auto puts = sample_puts(ann, "x");
  REQUIRE(commit(*open_store(settings, random), putting(puts)));
  auto before = value_at(*raw(), cursor_key(ann, 1));
  record_key place{.in = family::keys, .owner = ann.value, .folder = 1};
  auto wrapped = value_at(*raw(), place);
  auto next = settings;
  next.key_file = folder.path() / "next";
  REQUIRE(rotate_key(settings, next.key_file, random));
  CHECK(code_of(open(settings, random, {})) == errc::storage_wrong_key);
  {
    auto log = open_store(next, random);
    for (const auto& kept : puts)
      CHECK(same(**read(*log, key_of(kept)), kept));
  }
  CHECK(value_at(*raw(), cursor_key(ann, 1)) == before);
  CHECK(value_at(*raw(), place) != wrapped);
  CHECK(files_with(wrapped).empty());
}

TEST_CASE_METHOD(fixture, "a rotation with the wrong key changes nothing", "[rocksdb]") {
  auto wrong = settings;
  wrong.key_file = folder.path() / "wrong";
  REQUIRE(make_key_file(wrong.key_file, random));
  CHECK(code_of(rotate_key(wrong, folder.path() / "next", random)) == errc::storage_wrong_key);
  CHECK_FALSE(fs::exists(folder.path() / "next"));
  CHECK(open(settings, random, {}));
}
