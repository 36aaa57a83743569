#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet {

/// Names one provider or one mailbox: 48 random bits, never reused, never zero.
/// Providers and mailboxes share the id space, so that a grant or a data key is
/// addressed by its owner's id alone. 48 bits stay exact in a JSON number.
struct entity_id {
  std::uint64_t value = 0;
  auto operator<=>(const entity_id&) const = default;
  explicit operator bool() const noexcept {
    return value != 0;
  }
};

/// The largest value an `entity_id` takes.
inline constexpr std::uint64_t max_entity_id = (std::uint64_t{1} << 48) - 1;

/// Twelve lower-case hexadecimal digits.
[[nodiscard]] std::string to_string(entity_id id);

/// Reads what `to_string` wrote; nothing for any other text.
[[nodiscard]] std::optional<entity_id> parse_entity_id(std::string_view text);

/// Where one message stands on its server; also its dedupe key.
/// For IMAP: `validity` is UIDVALIDITY and `number` the UID (RFC 9051 2.3.1.1).
/// Other transports map their own identity to numbers below the session port.
struct message_key {
  entity_id mailbox;
  /// A number that the mailbox gave the folder, never the folder's name.
  std::uint32_t folder = 0;
  std::uint32_t validity = 0;
  std::uint32_t number = 0;
  auto operator<=>(const message_key&) const = default;
};

/// `MAILBOX-FOLDER-VALIDITY-NUMBER`, the id a person types in `message show`.
[[nodiscard]] std::string to_string(const message_key& key);

/// Reads what `to_string` wrote; nothing for any other text.
[[nodiscard]] std::optional<message_key> parse_message_key(std::string_view text);

/// The folder number of INBOX, which every mailbox has.
inline constexpr std::uint32_t inbox_folder = 1;

/// The folder number of what a mailbox sends: no server has that folder.
inline constexpr std::uint32_t outbox_folder = 0xFFFF'FFFF;

} // namespace mailfleet

template <>
struct std::hash<mailfleet::entity_id> {
  std::size_t operator()(mailfleet::entity_id id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value);
  }
};
