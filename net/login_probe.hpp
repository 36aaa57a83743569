#pragma once

#include "messages/ports/login_probe.hpp"
#include "net/connector.hpp"
#include "net/event_loop.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace mailfleet::net {

/// Looks on the loop's contexts in turn. The loop must outlive the calls.
[[nodiscard]] std::unique_ptr<login_probe> make_login_probe(event_loop& loop,
                                                            connector_settings settings);

/// One look, as a coroutine.
[[nodiscard]] boost::asio::awaitable<probe_report> probe_server(connector_settings settings,
                                                                server_probe what);

} // namespace mailfleet::net
