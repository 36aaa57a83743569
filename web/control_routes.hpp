#pragma once

#include "messages/values/control.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace mailfleet::web {

/// A request of `/api/v1` as the command it stands for.
struct routed {
  control_command command;
  /// HTTP status of success.
  unsigned status = 200;
};

/// A request that stands for no command.
struct route_refusal {
  unsigned status = 404;
  failure what;
  /// For 405: the `Allow` field (RFC 9110 10.2.1).
  std::string allow;
};

/// Finds the command of a request. `target` is in origin form (RFC 9112 3.2.1);
/// `idempotency_key` is the value of that header field, empty if there is none.
[[nodiscard]] std::variant<routed, route_refusal> route(std::string_view method,
                                                        std::string_view target,
                                                        std::string_view body,
                                                        std::string_view idempotency_key = {});

} // namespace mailfleet::web
