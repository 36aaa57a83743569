#pragma once

#include "messages/ports/commit_log.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the making of a mail reads from a store and writes to it; for storage/compose_pool.cpp
/// only. Every call waits for the store.
namespace mailfleet::storage {

/// Cuts the bytes of one mail into chunks. A mail of up to `max_held_mail_bytes` is kept; the
/// chunks of a larger one are committed as they come, so that few of them are in memory.
class chunk_writer {
public:
  chunk_writer(commit_log& log, const message_key& key) : log_{log}, key_{key} {}

  /// The next bytes. Fails with what the store fails with.
  [[nodiscard]] result<void> write(std::string_view bytes);

  /// The mail is whole.
  [[nodiscard]] result<void> finish();

  /// Deletes what became durable, or may have; what cannot be deleted goes when the store is
  /// opened the next time.
  void take_back();

  /// How many chunks there are.
  [[nodiscard]] std::uint32_t chunks() const noexcept {
    return chunks_;
  }
  /// The chunks, if none is durable.
  [[nodiscard]] std::vector<body_handle> take_held() noexcept {
    return std::move(held_);
  }

private:
  result<void> end_chunk();
  result<void> make_durable();

  commit_log& log_;
  const message_key key_;
  std::string begun_;
  std::vector<body_handle> held_;
  std::uint32_t chunks_ = 0;
  /// Chunks whose commit was asked for.
  std::uint32_t committed_ = 0;
};

/// What was uploaded for one mail, or for one file of it.
struct uploaded {
  message_key key;
  std::uint32_t parts = 0;
  /// What names it in a failure: `files[2].upload`.
  std::string field;
};

/// Reads what was uploaded. Holds one part.
class upload_reader {
public:
  explicit upload_reader(commit_log& log) : log_{log} {}

  /// One part of it. Fails with `invalid_argument` for one that is not there, else with what the
  /// store fails with.
  [[nodiscard]] result<body_handle> part(const uploaded& from, std::uint32_t number);

  /// Up to `most` bytes from `offset` on; none at the end.
  [[nodiscard]] result<std::string> read(const uploaded& from, std::uint64_t offset,
                                         std::size_t most);

private:
  commit_log& log_;
  /// Where the part stands that is held.
  record_key at_{};
  body_handle held_;
};

} // namespace mailfleet::storage
