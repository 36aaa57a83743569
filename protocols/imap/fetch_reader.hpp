#pragma once

#include "protocols/imap/events.hpp"
#include "protocols/imap/tokens.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mailfleet::imap {

/// Where reading a FETCH response stopped.
struct fetch_step {
  enum class kind : std::uint8_t {
    complete,      ///< The response is read to its end.
    body_literal,  ///< A body of `bytes` follows the line; then go on reading.
    body_text,     ///< A body as a quoted string, `text` still escaped; go on reading.
    value_literal, ///< A literal of `bytes` that is no body; give it with `add_literal`.
    broken,        ///< `text` says why.
  };
  kind what = kind::complete;
  std::uint64_t bytes = 0;
  std::string_view text;
};

/// Reads the items of one FETCH response (RFC 9051 7.5.2) in any order, line by
/// line: a literal ends a line, and what follows it stands on the next.
class fetch_reader {
public:
  /// Forgets the last response.
  void begin(std::uint32_t sequence);

  /// Reads on; takes what it read from the front of `rest`.
  [[nodiscard]] fetch_step read(std::string_view& rest);

  void add_literal(std::string_view bytes);

  [[nodiscard]] const fetched& message() const noexcept {
    return message_;
  }

private:
  enum class place : std::uint8_t { start, key, value, nested, done };
  enum class key : std::uint8_t { uid, flags, internal_date, size, body, header, other };

  fetch_step read_key(const token& next);
  fetch_step read_value(const token& next);
  fetch_step read_nested(const token& next);
  fetch_step read_body(const token& next);
  fetch_step read_scalar(std::string_view text);
  bool add_flag(std::string_view flag);

  fetched message_;
  place place_ = place::start;
  key key_ = key::other;
  std::size_t depth_ = 0;
  std::size_t tokens_ = 0;
};

} // namespace mailfleet::imap
