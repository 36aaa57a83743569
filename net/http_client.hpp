#pragma once

#include "messages/ports/http_client.hpp"
#include "net/event_loop.hpp"

#include <memory>

namespace mailfleet::net {

struct http_settings {
  /// For requests that name none: the daemon's.
  proxy_settings proxy;
  /// Whether, with no proxy named at all, `https_proxy` and `no_proxy` of the
  /// environment count.
  bool environment_proxy = false;
};

/// Requests run on the loops in turn, each over a connection of its own. The
/// destructor answers what is under way with `shutting_down`; stopping the
/// loops does the same when they go. Destroy it before the loop.
[[nodiscard]] std::unique_ptr<http_client> make_http_client(event_loop& loop,
                                                            http_settings settings);

} // namespace mailfleet::net
