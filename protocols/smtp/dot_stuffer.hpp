#pragma once

#include "messages/values/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mailfleet::smtp {

/// Makes a message's bytes fit to stand behind DATA (RFC 5321 4.5.2): a dot at the
/// beginning of a line is doubled. Only lines that end with CRLF are taken: a CR or LF by
/// itself, which servers read in different ways, would let a message hold a second one
/// (CVE-2023-51764 and its kin). Pieces may be cut anywhere. One thread at a time.
class dot_stuffer {
public:
  /// The final dot, for after `finish()`.
  static constexpr std::string_view final_dot = ".\r\n";

  /// Appends what goes over the wire to `out`. Fails with `invalid_argument` for a bare CR, a
  /// bare LF or a NUL; what was appended must not be ended with a dot then.
  [[nodiscard]] result<void> append(std::string_view piece, std::string& out);

  /// The whole message was given. Fails with `invalid_argument` if it does not end with a
  /// line end. An empty message is whole.
  [[nodiscard]] result<void> finish();

private:
  enum class place : std::uint8_t { line_begin, within, after_cr, broken };

  place at_ = place::line_begin;
};

} // namespace mailfleet::smtp
