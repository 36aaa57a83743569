#pragma once

#include "messages/values/result.hpp"
#include "storage/files.hpp"

#include <filesystem>

/// The state folder, mode 0700:
///
///   format   text: `mailfleet state folder`, `format 1`; written last
///   lock     the process that has the folder open: its pid, and a lock (flock)
///   db/      RocksDB
namespace mailfleet::storage {

/// The folder of the database.
[[nodiscard]] std::filesystem::path database_folder(const std::filesystem::path& state);

/// Whether a state folder may be made there: nothing is, or an empty folder, as a
/// service manager makes it. `already_exists` otherwise.
[[nodiscard]] result<void> check_free(const std::filesystem::path& state);

/// Makes the folder (0700) without its database; fails as `check_free` does.
[[nodiscard]] result<void> make_state_folder(const std::filesystem::path& state);

/// Marks the folder as complete: only then it can be opened.
[[nodiscard]] result<void> finish_state_folder(const std::filesystem::path& state);

/// Whether this program can open the folder: `storage_missing` with the cure,
/// or `storage_newer_format`.
[[nodiscard]] result<void> check_state_folder(const std::filesystem::path& state);

/// Holds the folder against every other process, and against this one, until it
/// goes; so does the kernel if the process ends without notice.
/// `storage_locked` names the process that has it.
[[nodiscard]] result<descriptor> lock_state_folder(const std::filesystem::path& state);

} // namespace mailfleet::storage
