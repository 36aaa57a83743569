#pragma once

#include "messages/ports/http_client.hpp"

#include <cstddef>
#include <string_view>

namespace mailfleet::net {

/// Collects an answer's head and body as they arrive, within limits. Knows no
/// socket.
class http_answer {
public:
  /// `max_body_bytes` is the caller's limit.
  explicit http_answer(std::size_t max_body_bytes) : max_body_bytes_{max_body_bytes} {}

  /// One line of a head, line end included; a status line begins a new answer.
  /// False: a limit is passed.
  [[nodiscard]] bool add_header(std::string_view line);

  /// A piece of the body. False: the limit is passed.
  [[nodiscard]] bool add_body(std::string_view bytes);

  /// Which limit was passed, in words; empty: none.
  [[nodiscard]] std::string_view excess() const noexcept {
    return excess_;
  }

  /// Whether only the end of the connection tells where the body ends
  /// (RFC 9112 6.3).
  [[nodiscard]] bool ends_with_connection() const;

  [[nodiscard]] http_response& response() noexcept {
    return response_;
  }

private:
  std::size_t max_body_bytes_;
  std::size_t header_bytes_ = 0;
  std::string_view excess_;
  http_response response_;
};

} // namespace mailfleet::net
