// The commit port's contract, on every implementation: what one request after
// the other must find.

#include "tests/storage/contract.hpp"
#include "tests/storage/support.hpp"

#include <catch2/catch.hpp>

#include <atomic>

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;

TEST_CASE("every record is read as it was put, also after reopening", "[contract]") {
  testee it{any_kind()};
  auto puts = sample_puts(ann, "x");
  commit_request request;
  request.puts = puts;
  REQUIRE(commit(it.log(), request));
  for (int round = 0; round < 2; ++round) {
    for (const auto& put_record : puts) {
      auto found = read(it.log(), key_of(put_record));
      REQUIRE(found);
      REQUIRE(*found);
      CHECK(same(**found, put_record));
    }
    it.reopen();
  }
}

TEST_CASE("a record that is not there reads as nothing", "[contract]") {
  testee it{any_kind()};
  auto found = read(it.log(), grant_key(ann));
  REQUIRE(found);
  CHECK_FALSE(*found);
}

TEST_CASE("a precondition holds for exactly the version named", "[contract]") {
  testee it{any_kind()};
  auto key = cursor_key(ann, inbox_folder);
  REQUIRE(commit(it.log(), put(cursor_of(ann, 1, 1), {{key, 0}})));
  CHECK(code_of(commit(it.log(), put(cursor_of(ann, 1, 2), {{key, 0}})))
        == errc::precondition_failed);
  CHECK(code_of(commit(it.log(), put(cursor_of(ann, 3, 2), {{key, 2}})))
        == errc::precondition_failed);
  CHECK(commit(it.log(), put(cursor_of(ann, 2, 2), {{key, 1}})));
  CHECK(it.log().statistics().refused == 2);
}

TEST_CASE("a refused request changes nothing and takes no number", "[contract]") {
  testee it{any_kind()};
  REQUIRE(commit(it.log(), put(cursor_of(ann, 1, 1))));
  auto refused = tell(ann, 3);
  refused.puts = {cursor_of(bob, 1, 1)};
  refused.deletes = {cursor_key(ann, inbox_folder)};
  refused.audit = sample_audit("x");
  refused.preconditions = {{cursor_key(ann, inbox_folder), 9}};
  CHECK(code_of(commit(it.log(), refused)) == errc::precondition_failed);
  CHECK_FALSE(*read(it.log(), cursor_key(bob, inbox_folder)));
  CHECK(*read(it.log(), cursor_key(ann, inbox_folder)));
  CHECK(scan(it.log(), pages(family::audit, 1'000))->records.empty());
  auto receipt = commit(it.log(), tell(ann));
  REQUIRE(receipt);
  CHECK(receipt->first_event == 1);
}

TEST_CASE("deletes remove, and a put of the same request wins over its delete", "[contract]") {
  testee it{any_kind()};
  REQUIRE(commit(it.log(), put(cursor_of(ann, 1, 1))));
  auto both = put(cursor_of(ann, 2, 2));
  both.deletes = {cursor_key(ann, inbox_folder)};
  REQUIRE(commit(it.log(), both));
  CHECK(*read(it.log(), cursor_key(ann, inbox_folder)));
  commit_request request;
  request.deletes = {cursor_key(ann, inbox_folder)};
  REQUIRE(commit(it.log(), request));
  CHECK_FALSE(*read(it.log(), cursor_key(ann, inbox_folder)));
}

TEST_CASE("events are numbered without gap, store-wide and by entity", "[contract]") {
  testee it{any_kind()};
  CHECK(commit(it.log(), tell(ann, 2))->first_event == 1);
  CHECK(commit(it.log(), tell(bob, 1))->first_event == 3);
  it.reopen();
  CHECK(it.log().statistics().last_event == 3);
  auto receipt = commit(it.log(), tell(ann, 2));
  CHECK(receipt->first_event == 4);
  CHECK(receipt->events == 2);
  auto events = events_of(it.log());
  REQUIRE(events.size() == 5);
  std::vector<std::uint64_t> by_entity;
  for (std::size_t index = 0; index < events.size(); ++index) {
    CHECK(events[index].number == index + 1);
    by_entity.push_back(events[index].about_number);
  }
  CHECK(by_entity == std::vector<std::uint64_t>{1, 2, 1, 3, 4});
  CHECK(events[0].what == sample_event(ann, "x"));
  CHECK(it.log().statistics().last_event == 5);
}

TEST_CASE("a request without events has no first event", "[contract]") {
  testee it{any_kind()};
  auto receipt = commit(it.log(), put(cursor_of(ann, 1, 1)));
  REQUIRE(receipt);
  CHECK(receipt->first_event == 0);
  CHECK(receipt->events == 0);
}

TEST_CASE("audit records are numbered across reopening", "[contract]") {
  testee it{any_kind()};
  commit_request request;
  request.audit = sample_audit("x");
  REQUIRE(commit(it.log(), request));
  it.reopen();
  REQUIRE(commit(it.log(), request));
  auto page = scan(it.log(), pages(family::audit, 1'000));
  REQUIRE(page);
  REQUIRE(page->records.size() == 2);
  auto expected = sample_audit("x");
  expected.number = 2;
  CHECK(same(page->records[1], expected));
}

TEST_CASE("erasing an owner takes all it has and nothing of others", "[contract]") {
  testee it{any_kind()};
  commit_request request;
  request.puts = sample_puts(ann, "x");
  for (auto& other : sample_puts(bob, "y"))
    request.puts.push_back(other);
  request.events = {sample_event(ann, "x")};
  REQUIRE(commit(it.log(), request));
  commit_request erase;
  erase.erased_owners = {ann};
  erase.deletes = {{.in = family::mailboxes, .owner = ann.value}};
  REQUIRE(commit(it.log(), erase));
  for (int round = 0; round < 2; ++round) {
    for (const auto& gone : sample_puts(ann, "x")) {
      auto found = read(it.log(), key_of(gone));
      REQUIRE(found);
      CHECK_FALSE(*found);
    }
    for (const auto& kept : sample_puts(bob, "y"))
      CHECK(same(**read(it.log(), key_of(kept)), kept));
    CHECK(events_of(it.log()).size() == 1);
    it.reopen();
  }
}

TEST_CASE("an owner can be filled again by the request that erases it", "[contract]") {
  testee it{any_kind()};
  REQUIRE(commit(it.log(), put(cursor_of(ann, 5, 5))));
  auto again = put(cursor_of(ann, 1, 1));
  again.erased_owners = {ann};
  REQUIRE(commit(it.log(), again));
  it.reopen();
  auto found = read(it.log(), cursor_key(ann, inbox_folder));
  REQUIRE(found);
  CHECK(same(**found, cursor_of(ann, 1, 1)));
}

TEST_CASE("a scan gives pages in key order, behind a key, of one owner", "[contract]") {
  testee it{any_kind()};
  commit_request request;
  for (std::uint32_t number : {1u, 2u, 10u, 255u, 256u}) {
    request.puts.emplace_back(small_message(ann, number));
    request.puts.emplace_back(small_message(bob, number));
  }
  REQUIRE(commit(it.log(), request));
  std::vector<std::uint32_t> numbers;
  auto wanted = pages(family::messages, 2, ann.value);
  for (bool more = true; more;) {
    auto page = scan(it.log(), wanted);
    REQUIRE(page);
    REQUIRE(page->records.size() <= 2);
    REQUIRE_FALSE(page->records.empty());
    for (const auto& found : page->records)
      numbers.push_back(std::get<message_record>(found).key.number);
    wanted.after = key_of(page->records.back());
    more = page->more;
  }
  CHECK(numbers == std::vector<std::uint32_t>{1, 2, 10, 255, 256});
  CHECK(scan(it.log(), pages(family::messages, 1'000))->records.size() == 10);
  CHECK(scan(it.log(), pages(family::messages, 1'000, office.value))->records.empty());
}

TEST_CASE("a page says whether there is more, at its boundary", "[contract]") {
  testee it{any_kind()};
  REQUIRE(commit(it.log(), tell(ann, 3)));
  CHECK(scan(it.log(), pages(family::events, 2))->more);
  CHECK_FALSE(scan(it.log(), pages(family::events, 3))->more);
  record_key second{.in = family::events, .owner = 2};
  auto rest = scan(it.log(), pages(family::events, 3, {}, second));
  REQUIRE(rest);
  REQUIRE(rest->records.size() == 1);
  CHECK_FALSE(rest->more);
}

TEST_CASE("a request that no store could carry out is refused as such", "[contract]") {
  testee it{any_kind()};
  auto refusal = [&](commit_request request) { return code_of(commit(it.log(), request)); };
  CHECK(refusal(put(event_record{})) == errc::invalid_argument);
  CHECK(refusal(put(audit_record{})) == errc::invalid_argument);
  CHECK(refusal(put(cursor_of(ann, 0, 1))) == errc::invalid_argument);
  CHECK(refusal(put(cursor_of(entity_id{}, 1, 1))) == errc::invalid_argument);
  CHECK(refusal(put(cursor_of(entity_id{max_entity_id + 1}, 1, 1))) == errc::invalid_argument);
  CHECK(refusal(put(small_body(ann, 1, std::string(max_chunk_bytes + 1, 'x'))))
        == errc::invalid_argument);
  CHECK(refusal(put(small_body(ann, 1, std::string(max_chunk_bytes, 'x')))) == errc{});
  CHECK(refusal(put(body_chunk{{}, {ann, 1, 1, 1}, 0, nullptr})) == errc::invalid_argument);
  commit_request request;
  request.deletes = {{.in = family::events, .owner = 1}};
  CHECK(refusal(request) == errc::invalid_argument);
  CHECK(code_of(read(it.log(), {.in = family::keys, .owner = 1})) == errc::invalid_argument);
  CHECK(code_of(scan(it.log(), pages(family::bodies, 1'000))) == errc::invalid_argument);
}

TEST_CASE("committed bodies give their credit back", "[contract]") {
  testee it{any_kind()};
  auto budget = byte_budget::make(1'000);
  {
    auto chunk = small_body(ann, 1, "x");
    chunk.bytes = make_body(std::string(100, 'x'), *budget->try_take(100));
    CHECK(budget->used() == 100);
    REQUIRE(commit(it.log(), put(std::move(chunk))));
  }
  CHECK(budget->used() == 0);
}

TEST_CASE("a failed write is fatal once, and every later call fails", "[contract]") {
  auto where = GENERATE(answering::own_threads, answering::within_call);
  auto disk = make_memory_disk();
  std::atomic<int> fatal = 0;
  auto log = make_memory_commit_log(
      where, disk, [&](failure what) { fatal += what.code == errc::storage_failed ? 1 : 100; });
  fail_write_after(*disk, 1);
  CHECK(commit(*log, put(cursor_of(ann, 1, 1))));
  CHECK(fatal == 0);
  for (int round = 0; round < 3; ++round)
    CHECK(code_of(commit(*log, put(cursor_of(ann, 2, 2)))) == errc::storage_failed);
  CHECK(code_of(read(*log, grant_key(ann))) == errc::storage_failed);
  CHECK(code_of(scan(*log, pages(family::events, 1'000))) == errc::storage_failed);
  CHECK(fatal == 1);
}
