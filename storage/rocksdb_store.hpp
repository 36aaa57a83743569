#pragma once

#include "storage/batch_builder.hpp"
#include "storage/database.hpp"
#include "storage/key_ring.hpp"
#include "storage/known_versions.hpp"
#include "storage/record_store.hpp"
#include "storage/scrubber.hpp"
#include "storage/seal.hpp"
#include "storage/store_health.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace mailfleet::storage {

/// Committed records in RocksDB, every value sealed.
class rocksdb_store final : public record_store {
public:
  /// Takes over an open database: checks the key-encryption key
  /// (`storage_wrong_key`), unwraps the data keys, sweeps unfinished bodies,
  /// reads the counters. `random` outlives the store.
  [[nodiscard]] static result<std::unique_ptr<rocksdb_store>>
  open(std::unique_ptr<database> db, const cipher_key& wrapping, random_source& random,
       std::shared_ptr<store_health> health);

  // -- the writer's thread

  result<void> apply(const batch_plan& plan) override;
  result<std::uint64_t> version_of(const record_key& key) override;
  result<std::uint64_t> events_about(entity_id about) override;
  [[nodiscard]] log_counters counters() const override;

  // -- any thread

  result<std::optional<record>> read(const record_key& key) override;
  result<scan_page> scan(const scan_request& request) override;

  /// The database below, for tests.
  [[nodiscard]] database& below() noexcept {
    return *db_;
  }

private:
  class borrowed_cipher;

  rocksdb_store(std::unique_ptr<database> db, const cipher_key& wrapping, random_source& random,
                std::shared_ptr<store_health> health);
  result<void> load();
  result<void> load_keys();
  result<void> load_counters();
  result<std::optional<std::uint64_t>> last_number(family in);

  std::shared_ptr<store_health> health_;
  std::unique_ptr<database> db_;
  const cipher_key wrapping_;
  key_ring ring_;
  batch_builder builder_;
  log_counters counters_;
  known_versions versions_;
  /// Events about an entity, as far as they were asked for.
  std::map<entity_id, std::uint64_t> events_about_;
  std::mutex ciphers_mutex_;
  std::vector<gcm_cipher> idle_ciphers_;
  /// Last: it uses the database on a thread of its own.
  std::optional<scrubber> scrubber_;
};

/// Writes what an empty database needs: the value that tells a wrong key.
[[nodiscard]] result<void> prepare_database(database& db, const cipher_key& wrapping,
                                            random_source& random);

/// Wraps every data key anew, under `next` instead of `wrapping`, in one atomic
/// synced batch: before it the old key opens the store, after it the new one
/// does. Values stay as they are. Then scrubs the old wrappings from the files.
[[nodiscard]] result<void> rewrap_keys(database& db, const cipher_key& wrapping,
                                       const cipher_key& next, random_source& random);

} // namespace mailfleet::storage
