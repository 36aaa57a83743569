// Chunks that no row came for, at the next start.
#include "storage/limits.hpp"
#include "storage/open_on.hpp"
#include "storage/sweep.hpp"
#include "tests/storage/rocksdb_fixture.hpp"

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;

namespace {

using fixture = rocksdb_fixture;

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
