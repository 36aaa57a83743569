#pragma once

#include "messages/values/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::protocols {

/// Cuts a server's bytes into lines, for protocols that have no literals (POP3, SMTP).
class line_reader {
public:
  /// Lines longer than `longest` bytes, without their end, are refused.
  explicit line_reader(std::size_t longest) : longest_{longest} {}

  void feed(std::string_view bytes);

  /// The next line without its CRLF (a bare LF ends one too, as old servers send it);
  /// nothing: it has not all come. Fails with `protocol_violation` for one that is too long.
  [[nodiscard]] result<std::optional<std::string>> next();

private:
  const std::size_t longest_;
  std::string bytes_;
  /// Up to here there is no line end.
  std::size_t searched_ = 0;
};

} // namespace mailfleet::protocols
