// Chunks that no row came for, at the next start.
#include "storage/limits.hpp"
#include "storage/open_on.hpp"
#include "storage/sweep.hpp"
#include "tests/storage/rocksdb_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;

namespace {

struct fixture : rocksdb_fixture {
  /// How many messages a start would look at.
  [[nodiscard]] std::size_t marks() const {
    auto db = raw();
    std::unique_ptr<rocksdb::Iterator> at{db->db().NewIterator({}, db->meta())};
    std::size_t count = 0;
    rocksdb::Slice prefix{meta_key::unfinished.data(), meta_key::unfinished.size()};
    for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next())
      ++count;
    return count;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "chunks without an index row are swept at the next start", "[rocksdb]") {
  auto chunk_key = [](entity_id mailbox, std::uint32_t number, std::uint32_t part = 0) {
    return key_in(family::bodies, {mailbox, inbox_folder, 1, number}, part);
  };
  {
    auto log = open_store(settings, random);
    // Finished in one request; finished by a later one; never finished.
    REQUIRE(commit(*log, putting({small_body(ann, 1, "a"), small_message(ann, 1)})));
    REQUIRE(commit(*log, putting({small_body(ann, 2, "a"), small_body(ann, 2, "b", 1)})));
    REQUIRE(commit(*log, putting({small_message(ann, 2)})));
    REQUIRE(commit(*log, putting({small_body(ann, 3, "a"), small_body(ann, 3, "b", 1)})));
    REQUIRE(commit(*log, putting({small_body(ann, 3, "c", 0xffff'ffff)})));
    REQUIRE(commit(*log, putting({small_body(ann, 4, "a"), small_message(ann, 4)})));
    REQUIRE(commit(*log, putting({small_body(bob, 3, "a"), small_message(bob, 3)})));
    // A chunk that comes after its row keeps it.
    REQUIRE(commit(*log, putting({small_body(bob, 3, "b", 1)})));
    CHECK(*read(*log, chunk_key(ann, 3)));
  }
  auto log = open_store(settings, random);
  for (const auto& kept : {chunk_key(ann, 1), chunk_key(ann, 2), chunk_key(ann, 2, 1),
                           chunk_key(ann, 4), chunk_key(bob, 3), chunk_key(bob, 3, 1)})
    CHECK(*read(*log, kept));
  for (const auto& gone : {chunk_key(ann, 3), chunk_key(ann, 3, 1), chunk_key(ann, 3, 0xffff'ffff)})
    CHECK_FALSE(*read(*log, gone));
  log.reset();
  auto db = raw();
  CHECK(*sweep_unfinished_bodies(*db) == 0);
}

TEST_CASE_METHOD(fixture, "chunks of a mail that was never accepted are swept, those of others not",
                 "[rocksdb]") {
  auto chunk = [](std::uint32_t number) {
    return body_chunk{{}, {ann, outbox_folder, 0, number}, 0, make_body("x")};
  };
  auto row = sample_outgoing(ann, "x");
  {
    auto log = open_store(settings, random);
    REQUIRE(commit(*log, putting({chunk(row.key.number), chunk(99)})));
    REQUIRE(commit(*log, putting({row})));
  }
  auto log = open_store(settings, random);
  CHECK(*read(*log, key_of(chunk(row.key.number))));
  CHECK_FALSE(*read(*log, key_of(chunk(99))));
}

TEST_CASE_METHOD(fixture, "chunks that were deleted again leave no mark behind", "[rocksdb]") {
  auto deleting = [](std::vector<record> gone) {
    commit_request request;
    for (const auto& one : gone)
      request.deletes.push_back(key_of(one));
    return request;
  };
  auto half = small_body(ann, 3, "b", 1);
  auto log = open_store(settings, random);
  // All at once; one after the other; one that is left.
  for (std::uint32_t number : {1u, 2u, 3u})
    REQUIRE(commit(*log, putting({small_body(ann, number, "a"), small_body(ann, number, "b", 1)})));
  REQUIRE(commit(*log, deleting({small_body(ann, 1, "a"), small_body(ann, 1, "b", 1)})));
  REQUIRE(commit(*log, deleting({small_body(ann, 2, "a")})));
  REQUIRE(commit(*log, deleting({small_body(ann, 2, "b", 1)})));
  REQUIRE(commit(*log, deleting({small_body(ann, 3, "a")})));
  SECTION("and the one that is left is swept") {
    log.reset();
    CHECK(marks() == 1);
    CHECK(*sweep_unfinished_bodies(*raw()) == 1);
    CHECK(marks() == 0);
    CHECK_FALSE(*read(*open_store(settings, random), key_of(half)));
  }
  SECTION("and one whose chunks are written anew is marked anew") {
    REQUIRE(commit(*log, deleting({half})));
    REQUIRE(commit(*log, putting({half})));
    log.reset();
    CHECK(marks() == 1);
  }
  SECTION("and a later start has nothing to sweep") {
    REQUIRE(commit(*log, deleting({half})));
    log.reset();
    CHECK(marks() == 0);
    CHECK(*sweep_unfinished_bodies(*raw()) == 0);
  }
}

TEST_CASE_METHOD(fixture, "more unfinished bodies than a batch holds are swept too", "[rocksdb]") {
  constexpr std::uint32_t count = max_swept_per_batch + 1;
  {
    commit_request request;
    for (std::uint32_t number = 1; number <= count; ++number)
      request.puts.emplace_back(small_body(ann, number, "x"));
    REQUIRE(commit(*open_store(settings, random), request));
  }
  auto db = raw();
  CHECK(*sweep_unfinished_bodies(*db) == count);
  CHECK(*sweep_unfinished_bodies(*db) == 0);
}
