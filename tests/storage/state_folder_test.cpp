#include "storage/key_file.hpp"
#include "storage/state_folder.hpp"
#include "tests/storage/support.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;
namespace fs = std::filesystem;

namespace {

struct fixture {
  temp_folder folder;
  store_settings settings = folder.settings();
  seeded_random random{11};

  failure refusal() {
    auto opened = open(settings, random, {});
    REQUIRE_FALSE(opened);
    return opened.error();
  }
  static void write(const fs::path& path, std::string_view text) {
    std::ofstream{path} << text;
  }
  static std::string text_of(const fs::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  static unsigned mode_of(const fs::path& path) {
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    return facts.st_mode & 0777u;
  }
};

bool mentions(const failure& what, std::string_view words) {
  return what.detail.find(words) != std::string::npos;
}

} // namespace

TEST_CASE_METHOD(fixture, "what init makes is for its owner only", "[state]") {
  auto umask_before = ::umask(0);
  REQUIRE(initialise(settings, random));
  REQUIRE(commit(*open_store(settings, random), telling(ann, "x")));
  ::umask(umask_before);
  CHECK(mode_of(settings.key_file) == 0600);
  CHECK(mode_of(settings.state_folder) == 0700);
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator{settings.state_folder}) {
    INFO(entry.path());
    CHECK(mode_of(entry.path()) == (entry.is_directory() ? 0700 : 0600));
    files += entry.is_regular_file() ? 1u : 0u;
  }
  CHECK(files > 5);
}

TEST_CASE_METHOD(fixture, "init takes an empty folder and makes it private", "[state]") {
  fs::create_directory(settings.state_folder);
  fs::permissions(settings.state_folder, fs::perms::all);
  REQUIRE(initialise(settings, random));
  CHECK(fs::status(settings.state_folder).permissions() == fs::perms::owner_all);
}

TEST_CASE_METHOD(fixture, "init refuses what exists and leaves it alone", "[state]") {
  REQUIRE(initialise(settings, random));
  auto key = text_of(settings.key_file);
  CHECK(initialise(settings, random).error().code == errc::already_exists);
  auto other = settings;
  other.key_file = folder.path() / "other";
  CHECK(initialise(other, random).error().code == errc::already_exists);
  CHECK_FALSE(fs::exists(other.key_file));
  other = settings;
  other.state_folder = folder.path() / "other";
  CHECK(initialise(other, random).error().code == errc::already_exists);
  CHECK_FALSE(fs::exists(other.state_folder));
  CHECK(text_of(settings.key_file) == key);
  CHECK(open(settings, random, {}));
}

TEST_CASE_METHOD(fixture, "init refuses a key inside the state folder", "[state]") {
  for (auto path : {settings.state_folder / "key", settings.state_folder,
                    settings.state_folder / "a" / ".." / "key"}) {
    auto refused = initialise({settings.state_folder, path}, random);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::invalid_argument);
    CHECK_FALSE(fs::exists(settings.state_folder));
  }
  CHECK(initialise({settings.state_folder, folder.path() / "state-key"}, random));
}

TEST_CASE_METHOD(fixture, "init that fails leaves nothing behind", "[state]") {
  settings.state_folder = folder.path() / "no" / "such" / "parent";
  REQUIRE_FALSE(initialise(settings, random));
  CHECK_FALSE(fs::exists(settings.key_file));
}

TEST_CASE_METHOD(fixture, "a missing, empty or strange folder names the cure", "[state]") {
  auto is_missing = [&] {
    auto what = refusal();
    CHECK(what.code == errc::storage_missing);
    CHECK(mentions(what, "mailfleetd init --state DIR --key-file FILE"));
  };
  is_missing();
  fs::create_directory(settings.state_folder);
  is_missing();
  write(settings.state_folder / "something", "x");
  is_missing();
}

TEST_CASE_METHOD(fixture, "another store's key is refused as the wrong one", "[state]") {
  REQUIRE(initialise(settings, random));
  auto other = folder.path() / "other";
  REQUIRE(make_key_file(other, random));
  settings.key_file = other;
  CHECK(refusal().code == errc::storage_wrong_key);
}

TEST_CASE_METHOD(fixture, "a key file that others may touch is refused", "[state]") {
  REQUIRE(initialise(settings, random));
  for (auto extra : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write}) {
    fs::permissions(settings.key_file, fs::perms::owner_read | extra);
    auto what = refusal();
    CHECK(what.code == errc::storage_wrong_key);
    CHECK(mentions(what, "chmod 600"));
  }
  fs::permissions(settings.key_file, fs::perms::owner_read);
  CHECK(open(settings, random, {}));
}

TEST_CASE_METHOD(fixture, "a key file of any other form is refused", "[state]") {
  REQUIRE(initialise(settings, random));
  auto good = text_of(settings.key_file);
  auto refused_as = [&](std::string_view text) {
    write(settings.key_file, text);
    auto what = refusal();
    CHECK_FALSE(mentions(what, good.substr(good.size() - 20, 10)));
    return what.code;
  };
  for (std::size_t length = 0; length < good.size(); ++length)
    REQUIRE(refused_as(good.substr(0, length)) != errc{});
  CHECK(refused_as(good.substr(0, good.size() - 2) + "g\n") == errc::storage_wrong_key);
  CHECK(refused_as(good + "more") == errc::storage_wrong_key);
  CHECK(refused_as("mailfleet key-encryption key\nformat 2\nkey x\n")
        == errc::storage_newer_format);
  fs::remove(settings.key_file);
  CHECK(refusal().code == errc::storage_missing);
}

TEST_CASE_METHOD(fixture, "a newer format of the folder is refused by name", "[state]") {
  REQUIRE(initialise(settings, random));
  write(settings.state_folder / "format", "mailfleet state folder\nformat 2\n");
  CHECK(refusal().code == errc::storage_newer_format);
  write(settings.state_folder / "format", "nonsense");
  CHECK(refusal().code == errc::storage_corrupt);
}

TEST_CASE_METHOD(fixture, "a folder in use is refused, naming the process", "[state]") {
  REQUIRE(initialise(settings, random));
  auto first = open_store(settings, random);
  auto what = refusal();
  CHECK(what.code == errc::storage_locked);
  CHECK(mentions(what, "process " + std::to_string(::getpid())));
  CHECK(rotate_key(settings, folder.path() / "next", random).error().code == errc::storage_locked);
  first.reset();
  CHECK(open(settings, random, {}));
}

TEST_CASE_METHOD(fixture, "what an ended process left in the lock file holds nobody", "[state]") {
  REQUIRE(initialise(settings, random));
  write(settings.state_folder / "lock", "1\n");
  CHECK(open(settings, random, {}));
  CHECK(text_of(settings.state_folder / "lock") == std::to_string(::getpid()) + "\n");
}
