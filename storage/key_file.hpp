#pragma once

#include "messages/ports/random.hpp"
#include "messages/values/result.hpp"
#include "storage/seal.hpp"

#include <filesystem>

/// The file of the key-encryption key, as text:
///
///   mailfleet key-encryption key
///   format 1
///   key HEX            (64 lower-case hexadecimal digits)
namespace mailfleet::storage {

/// Makes a key file with a new random key, mode 0600, synced. Refuses with
/// `already_exists`.
[[nodiscard]] result<void> make_key_file(const std::filesystem::path& path, random_source& random);

/// Reads a key file (or descriptor: `/dev/fd/3`). Refuses one that anybody but
/// its owner may touch, with the cure.
[[nodiscard]] result<cipher_key> read_key_file(const std::filesystem::path& path);

} // namespace mailfleet::storage
