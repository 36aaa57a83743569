#pragma once

#include "messages/ports/commit_log.hpp"
#include "messages/ports/random.hpp"
#include "messages/values/result.hpp"
#include "storage/memory_commit_log.hpp"
#include "storage/openssl_random.hpp"
#include "storage/store_health.hpp"

#include <filesystem>
#include <memory>

/// What programs need of this folder: making, opening and re-keying a store,
/// and the two logs.
namespace mailfleet::storage {

struct store_settings {
  std::filesystem::path state_folder;
  /// Outside the state folder; may be `/dev/fd/N`.
  std::filesystem::path key_file;
};

/// Makes the key file (0600) and the state folder (0700). Refuses with
/// `already_exists` if either is there, with `invalid_argument` if the key would
/// stand inside the state folder. On failure nothing it made is left.
[[nodiscard]] result<void> initialise(const store_settings& settings, random_source& random);

/// Opens a store and keeps every other process out. Blocks for as long as the
/// log of the last run takes to replay. `random` outlives the log. Fails with
/// `storage_missing`, `storage_wrong_key`, `storage_newer_format`,
/// `storage_locked` (names the pid), `storage_corrupt` or `storage_failed`, each
/// with its cure.
///
/// `fatal` is called at most once, on a thread of the log, when a write or sync
/// has failed: the log must then be destroyed (not within the callback), and the
/// store opened again, by another process, to know what is durable: this one holds
/// the folder's database until it ends.
[[nodiscard]] result<std::unique_ptr<commit_log>> open(const store_settings& settings,
                                                       random_source& random, fatal_callback fatal);

/// Wraps all data keys under the key of `next_key_file` (made here, 0600), in
/// place of `settings.key_file`'s. The store must not be open. Until it returns
/// either key may be the one that opens; keep both.
[[nodiscard]] result<void> rotate_key(const store_settings& settings,
                                      const std::filesystem::path& next_key_file,
                                      random_source& random);

} // namespace mailfleet::storage
