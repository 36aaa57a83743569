#pragma once

#include "messages/ports/random.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

/// Envelope sealing (docs/storage-format.md). A key-encryption key wraps data
/// keys; a data key seals the values of one owner and tenant (owner 0: the
/// store). AES-256-GCM throughout:
///
///   value   = seal format u8, key number u32, version u64, nonce 12, text, tag 16
///   wrapped = seal format u8, nonce 12, text, tag 16
///
/// A value is bound to its key, tenant, family, place and version: moved or
/// changed, in the clear part too, it does not open.
namespace mailfleet::storage {

inline constexpr std::size_t key_bytes = 32;
inline constexpr std::size_t nonce_bytes = 12;
inline constexpr std::size_t tag_bytes = 16;

/// A key for AES-256. Its memory is overwritten when it goes.
class cipher_key {
public:
  /// A key of zeros, to be assigned to.
  cipher_key() = default;
  /// From exactly `key_bytes` bytes.
  explicit cipher_key(std::string_view bytes) noexcept;
  cipher_key(const cipher_key&) = default;
  cipher_key& operator=(const cipher_key&) = default;
  ~cipher_key();

  [[nodiscard]] std::string_view reveal() const noexcept;

  bool operator==(const cipher_key&) const = default;

private:
  std::array<char, key_bytes> bytes_{};
};

/// AES-256-GCM with contexts that are kept between messages. For one thread at
/// a time.
class gcm_cipher {
public:
  gcm_cipher();
  ~gcm_cipher();
  gcm_cipher(gcm_cipher&&) noexcept;
  gcm_cipher& operator=(gcm_cipher&&) noexcept;

  /// Appends the sealed text of all `parts`, then the tag. A nonce must never
  /// seal twice under one key.
  [[nodiscard]] result<void> seal(const cipher_key& key, std::string_view nonce,
                                  std::string_view associated,
                                  std::initializer_list<std::string_view> parts, std::string& out);

  /// The text behind a sealed text with its tag; `storage_corrupt` unless key,
  /// nonce, associated data and every byte are those of the sealing.
  [[nodiscard]] result<std::string> open(const cipher_key& key, std::string_view nonce,
                                         std::string_view associated, std::string_view sealed);

private:
  struct contexts;
  std::unique_ptr<contexts> contexts_;
};

/// What seals the values of one owner and tenant.
struct data_key {
  /// Provider or mailbox id; 0: the store.
  std::uint64_t owner = 0;
  /// Which of the owner's keys.
  std::uint32_t number = 0;
  std::string tenant;
  cipher_key key;
};

/// Where a value stands: a family's number (0: the store's own values) and the
/// bytes of its whole key.
struct value_place {
  std::uint8_t family = 0;
  std::string_view key;
};

/// The part of a sealed value that is in clear, and authenticated.
struct value_header {
  std::uint32_t key_number = 0;
  std::uint64_t version = 0;
};

/// Seals a value of two runs into `out`, replacing what it held.
[[nodiscard]] result<void> seal_value(gcm_cipher& cipher, random_source& random,
                                      const data_key& key, value_place place, std::uint64_t version,
                                      std::string_view head, std::string_view body,
                                      std::string& out);

/// Reads the clear part of a sealed value; it is not authenticated yet.
[[nodiscard]] result<value_header> read_value_header(std::string_view sealed);

/// Opens a sealed value with the key that its header names.
[[nodiscard]] result<std::string> open_value(gcm_cipher& cipher, const data_key& key,
                                             value_place place, std::string_view sealed);

/// Wraps a data key under a key-encryption key.
[[nodiscard]] result<std::string> wrap_key(gcm_cipher& cipher, random_source& random,
                                           const cipher_key& wrapping, const data_key& key);

/// Opens a wrapped data key of that owner and number.
[[nodiscard]] result<data_key> unwrap_key(gcm_cipher& cipher, const cipher_key& wrapping,
                                          std::uint64_t owner, std::uint32_t number,
                                          std::string_view wrapped);

/// A value that only the key-encryption key opens which made it.
[[nodiscard]] result<std::string> make_check_value(gcm_cipher& cipher, random_source& random,
                                                   const cipher_key& wrapping);

/// Whether this key-encryption key made the check value.
[[nodiscard]] bool opens_check_value(gcm_cipher& cipher, const cipher_key& wrapping,
                                     std::string_view check);

} // namespace mailfleet::storage
