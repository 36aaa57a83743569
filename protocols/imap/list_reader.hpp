#pragma once

#include "protocols/imap/events.hpp"
#include "protocols/imap/tokens.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mailfleet::imap {

/// Where reading a LIST response stopped.
struct list_step {
  enum class kind : std::uint8_t {
    complete, ///< The response is read to its end.
    literal,  ///< A literal of `bytes` follows the line; give it with `add_literal`.
    broken,   ///< `why` says how.
  };
  kind what = kind::complete;
  std::uint64_t bytes = 0;
  std::string_view why;
};

/// Reads one LIST or XLIST response (RFC 9051 7.3.1) behind its name, line by line: a literal
/// ends a line, and what follows it stands on the next.
class list_reader {
public:
  /// Forgets the last response.
  void begin();

  /// Reads on; takes what it read from the front of `rest`.
  [[nodiscard]] list_step read(std::string_view& rest);

  void add_literal(std::string_view bytes);

  [[nodiscard]] const listed& folder() const noexcept {
    return folder_;
  }

private:
  enum class place : std::uint8_t { start, attributes, delimiter, name, more };

  list_step read_token(std::string_view& rest);
  list_step read_attribute(const token& next);
  list_step read_delimiter(const token& next);
  list_step read_name(std::string_view& rest);
  list_step read_more(std::string_view& rest);

  listed folder_;
  place place_ = place::start;
  bool in_name_ = false;
  std::size_t tokens_ = 0;
};

} // namespace mailfleet::imap
