#pragma once

#include "messages/values/result.hpp"
#include "protocols/line_reader.hpp"
#include "protocols/smtp/limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::smtp {

/// An enhanced status (RFC 3463 section 2): `5.7.139`.
struct enhanced_status {
  std::uint16_t kind = 0;
  std::uint16_t subject = 0;
  std::uint16_t detail = 0;
  bool operator==(const enhanced_status&) const = default;
};

[[nodiscard]] std::string to_string(const enhanced_status& status);

/// Reads `5.7.139`; nothing for any other text.
[[nodiscard]] std::optional<enhanced_status> read_enhanced_status(std::string_view text);

/// A whole reply (RFC 5321 4.2), of one line or several.
struct smtp_reply {
  /// 200 to 599.
  int code = 0;
  /// That of the last line that has one, if its kind is that of the code (RFC 2034 4).
  std::optional<enhanced_status> enhanced;
  /// The texts behind the code, without the enhanced status; as the server sent them, so
  /// make them printable before they are shown. At least one, which may be empty.
  std::vector<std::string> lines;

  [[nodiscard]] bool is_positive() const noexcept {
    return code / 100 == 2;
  }
  [[nodiscard]] bool is_intermediate() const noexcept {
    return code / 100 == 3;
  }
};

/// `535 5.7.139 first text second text`: the reply on one line, made printable and cut at
/// `limit` bytes.
[[nodiscard]] std::string to_string(const smtp_reply& reply, std::size_t limit = 500);

/// Puts replies together from bytes that come in any pieces.
class reply_reader {
public:
  void feed(std::string_view bytes) {
    lines_.feed(bytes);
  }

  /// The next whole reply; nothing: it has not all come. Fails with `protocol_violation`
  /// for what is no reply, changes its code between lines, or passes a limit; the
  /// connection cannot go on then.
  [[nodiscard]] result<std::optional<smtp_reply>> next();

private:
  [[nodiscard]] result<bool> take(std::string_view line);

  protocols::line_reader lines_{max_reply_line_bytes};
  /// The reply of which lines have come.
  smtp_reply begun_;
};

} // namespace mailfleet::smtp
