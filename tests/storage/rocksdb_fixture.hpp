#pragma once

#include "storage/codec.hpp"
#include "storage/database.hpp"
#include "storage/private_file_system.hpp"
#include "storage/state_folder.hpp"
#include "storage/store_health.hpp"
#include "tests/storage/support.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailfleet::storage::testing {

namespace fs = std::filesystem;

inline commit_request putting(std::vector<record> puts) {
  commit_request request;
  request.puts = std::move(puts);
  return request;
}

/// A state folder of its own, and a look at what is in its files.
struct rocksdb_fixture {
  temp_folder folder;
  store_settings settings = folder.settings();
  seeded_random random{13};
  rocksdb_fixture() {
    REQUIRE(initialise(settings, random));
  }

  [[nodiscard]] std::unique_ptr<database> raw() const {
    auto files = std::make_shared<private_file_system>(rocksdb::FileSystem::Default());
    auto db = database::open(database_folder(settings.state_folder), database::mode::open, files,
                             std::make_shared<store_health>(nullptr));
    REQUIRE(db);
    return *std::move(db);
  }

  /// The names of the files below the state folder that hold these bytes.
  [[nodiscard]] std::vector<std::string> files_with(std::string_view bytes) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator{settings.state_folder}) {
      if (!entry.is_regular_file())
        continue;
      std::ifstream file{entry.path(), std::ios::binary};
      std::string content{std::istreambuf_iterator<char>{file}, {}};
      content += entry.path().string();
      if (content.find(bytes) != std::string::npos)
        found.push_back(entry.path().filename().string());
    }
    return found;
  }

  /// Raw bytes of a value.
  static std::string value_at(database& db, const record_key& key) {
    rocksdb::PinnableSlice value;
    auto found = db.find(db.handle(key.in), encode_key(key), value);
    REQUIRE(found);
    REQUIRE(*found);
    return value.ToString();
  }
  static void overwrite(database& db, const record_key& key, std::string_view value) {
    rocksdb::WriteBatch batch;
    batch.Put(db.handle(key.in), encode_key(key), rocksdb::Slice{value.data(), value.size()});
    REQUIRE(db.write(batch));
  }
};

} // namespace mailfleet::storage::testing
