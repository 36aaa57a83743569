#pragma once

#include "messages/values/control.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace mailfleet {

/// Bytes that came ahead of the mail they are for. In memory is only how many there are: an
/// upload does not outlive the runtime.
class outbox_uploads {
public:
  /// Begins one under a key that nothing else has. `overloaded` if there are too many.
  [[nodiscard]] result<upload_view> begin(const message_key& key, wall_time now);

  /// What a piece would make of it; `not_found`, or `invalid_argument` for a piece that is out
  /// of turn or has the wrong size. Nothing changes until `add`.
  [[nodiscard]] result<upload_view> check(const append_upload& piece, wall_time now) const;

  /// The piece is durable.
  [[nodiscard]] result<upload_view> add(const append_upload& piece, wall_time now);

  /// Keeps it for one mail; how many pieces it has. `not_found` if there is no such upload,
  /// `in_use` if another mail has it, `invalid_argument` if there is nothing in it.
  [[nodiscard]] result<std::uint32_t> reserve(const message_key& key, entity_id mailbox,
                                              wall_time now);

  /// That mail came to nothing.
  void release(const message_key& key);

  /// It is used.
  void drop(const message_key& key);

  /// Takes out those that nobody used in time.
  [[nodiscard]] std::vector<upload_view> take_expired(wall_time now);

private:
  struct upload {
    upload_view shown;
    std::uint64_t last_piece_bytes = 0;
    bool reserved = false;
  };
  std::map<message_key, upload> uploads_;
};

} // namespace mailfleet
