// A state folder that the first release of each format wrote is kept beside
// this file; every later program opens a copy of it. To make the one of a new
// format: `storage_child fixture DIR/state DIR/key`, then remove LOG* and lock

#include "tests/storage/fixture.hpp"
#include "tests/storage/support.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;
namespace fs = std::filesystem;

TEST_CASE("a state folder of format 1 opens with all it held", "[fixture]") {
  temp_folder folder;
  auto settings = folder.settings();
  fs::path kept = fs::path{MAILFLEET_SOURCE_DIR} / "tests/storage/fixtures/format-1";
  fs::copy(kept / "state", settings.state_folder, fs::copy_options::recursive);
  fs::copy_file(kept / "key", settings.key_file);
  fs::permissions(settings.key_file, fs::perms::owner_read | fs::perms::owner_write);
  openssl_random random;
  auto log = open_store(settings, random);
  auto commits = fixture_commits();
  for (const auto& put : commits[0].puts) {
    auto found = read(*log, key_of(put));
    REQUIRE(found);
    bool erased = key_of(put).owner == bob.value;
    REQUIRE(found->has_value() == !erased);
    CHECK((erased || same(**found, put)));
  }
  CHECK_FALSE(*read(*log, key_of(commits[2].puts[0])));
  auto events = scan(*log, pages(family::events));
  REQUIRE(events);
  REQUIRE(events->records.size() == 3);
  const auto& last = std::get<event_record>(events->records.back());
  CHECK(last.number == 3);
  CHECK(last.about_number == 2);
  CHECK(last.what == sample_event(ann, "fixture"));
  CHECK(scan(*log, pages(family::audit))->records.size() == 1);
  CHECK(commit(*log, telling(ann, "x"))->first_event == 4);
}
