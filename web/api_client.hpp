#pragma once

#include "messages/values/result.hpp"
#include "web/limits.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace mailfleet::web {

struct api_answer {
  /// HTTP status.
  unsigned status = 0;
  /// JSON, as it came.
  std::string body;

  [[nodiscard]] bool ok() const noexcept {
    return status >= 200 && status < 300;
  }
};

/// Speaks to a control server over its Unix socket, one connection a call.
/// Blocks; not thread-safe.
class api_client {
public:
  /// Takes a piece of a body; a failure ends the download with it.
  using sink = std::function<result<void>(std::string_view)>;

  explicit api_client(std::string socket, std::chrono::milliseconds deadline = client_deadline);

  /// One request. Any answer is a success; fails with `connect_failed`,
  /// `connection_lost`, `timed_out` or `protocol_violation`.
  [[nodiscard]] result<api_answer> call(std::string_view method, std::string_view target,
                                        std::string_view body = {});

  /// GETs a body into `take`, piece by piece, each within the deadline. If the
  /// server refuses, the answer holds its words and nothing was taken. A body
  /// that ends early fails with `connection_lost`.
  [[nodiscard]] result<api_answer> download(std::string_view target, const sink& take);

private:
  std::string socket_;
  std::chrono::milliseconds deadline_;
};

/// A text as one segment of a path or as a value of a query (RFC 3986 2.1).
[[nodiscard]] std::string percent_encode(std::string_view text);

} // namespace mailfleet::web
