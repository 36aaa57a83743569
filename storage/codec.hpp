#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"
#include "storage/fields.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Records and their keys to bytes and back (docs/storage-format.md):
///
///   record = type u8, format u8, field...     (fields.hpp has the fields)
///   key    = owner u64 [, folder u32 [, validity u32, number u32 [, part u32]]]
///
/// The type is the number of the record's family. Bytes behind the last field
/// known are skipped, so that fields can be added at the end; any other change
/// raises the format of that record. All numbers are on disk: none may change.
namespace mailfleet::storage {

/// The families, in the order of their numbers.
inline constexpr std::array all_families{
    family::providers, family::mailboxes,   family::grants,       family::cursors,
    family::messages,  family::bodies,      family::owed_actions, family::outbox,
    family::events,    family::subscribers, family::keys,         family::audit,
};

/// The family's name, which is its column family's: `owed_actions`.
[[nodiscard]] std::string_view name_of(family in) noexcept;

/// Whether the family's records belong to the owner in their key, are sealed
/// under its data key, and go when it is erased. The others are the store's.
[[nodiscard]] bool belongs_to_owner(family in) noexcept;

/// Whether the store numbers the family's records itself: the logs, which only grow.
[[nodiscard]] bool has_own_numbers(family in) noexcept;

/// Whether the parts that the family does not use are zero, and the owner is an
/// entity id where the family has one.
[[nodiscard]] bool is_well_formed(const record_key& key) noexcept;

/// The bytes of a well-formed key; they sort as the keys compare.
[[nodiscard]] std::string encode_key(const record_key& key);

/// Reads what `encode_key` wrote; `storage_corrupt` for anything else.
[[nodiscard]] result<record_key> decode_key(family in, std::string_view bytes);

/// A record's bytes: `head`, then `body` (empty but for body chunks), which
/// stays where it is in the record. Reuse one object for many records.
struct encoded_record {
  plain_buffer head;
  std::string_view body;
  /// Overwrites the head.
  void wipe() noexcept;
};

/// Encodes a record; a body chunk must have its bytes.
void encode(const record& from, encoded_record& into);

/// Reads what `encode` wrote, from untrusted bytes. The buffer becomes the body
/// of a body chunk, and is overwritten otherwise. Fails with `storage_corrupt`,
/// or `storage_newer_format` for a format that this program does not know.
[[nodiscard]] result<record> decode(family in, std::string bytes);

} // namespace mailfleet::storage
