#pragma once

#include "storage/codec.hpp"
#include "storage/database.hpp"
#include "storage/key_ring.hpp"
#include "storage/record_store.hpp"
#include "storage/seal.hpp"

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::storage {

/// Seals a plan into one RocksDB batch. Used again for each batch, so that its
/// buffers and cipher contexts are kept. For the writer's thread.
class batch_builder {
public:
  /// All outlive the builder. `wrapping` is the key-encryption key.
  batch_builder(database& db, key_ring& ring, const cipher_key& wrapping, random_source& random);
  ~batch_builder();
  batch_builder(const batch_builder&) = delete;
  batch_builder& operator=(const batch_builder&) = delete;

  /// Fills `batch()` with the plan, replacing what it held.
  [[nodiscard]] result<void> build(const batch_plan& plan);

  [[nodiscard]] rocksdb::WriteBatch& batch() noexcept {
    return batch_;
  }

  /// Whether the batch destroys a data key; whether it writes a token.
  [[nodiscard]] bool erases() const noexcept {
    return !destroyed_.empty();
  }
  [[nodiscard]] bool writes_token() const noexcept {
    return writes_token_;
  }

  /// To be called when the batch is durable: forgets the keys it destroyed.
  void settle();

private:
  result<void> add(const planned_request& request);
  void erase(entity_id owner);
  result<void> put(const record& value);
  void mark_unfinished(const planned_request& request);
  void unmark(const record_key& chunk);
  result<void> put_numbers(const batch_plan& plan);
  result<void> put_own(std::string_view key, std::uint64_t version, std::string_view text);
  result<data_key_ptr> key_for(std::uint64_t owner, const std::string& tenant);

  database& db_;
  key_ring& ring_;
  const cipher_key& wrapping_;
  random_source& random_;
  gcm_cipher cipher_;
  encoded_record plain_;
  std::string sealed_;
  rocksdb::WriteBatch batch_;
  std::vector<data_key_ptr> destroyed_;
  bool writes_token_ = false;
  /// Messages that have chunks and no index row, and which chunks; each has its mark on disk.
  std::map<message_key, std::set<std::uint32_t>> unfinished_;
};

/// A value that was opened.
struct opened_value {
  std::string text;
  std::uint64_t version = 0;
  data_key_ptr key;
};

/// Opens a value of an owner (0: the store) with the key that it names.
[[nodiscard]] result<opened_value> open_with(gcm_cipher& cipher, const key_ring& ring,
                                             std::uint64_t owner, value_place place,
                                             std::string_view sealed);

/// Opens and decodes the record that stands at `key`, and demands that it says
/// of itself what its place and seal say.
[[nodiscard]] result<record> open_record(gcm_cipher& cipher, const key_ring& ring,
                                         const record_key& key, std::string_view sealed);

/// The store's counters as a value of its own, and back.
[[nodiscard]] std::string to_bytes(const log_counters& counters);
[[nodiscard]] result<log_counters> counters_from(std::string_view bytes);

/// A u64, big-endian, and back.
[[nodiscard]] std::string to_bytes(std::uint64_t number);
[[nodiscard]] result<std::uint64_t> number_from(std::string_view bytes);

} // namespace mailfleet::storage
