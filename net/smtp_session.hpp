#pragma once

#include "messages/ports/send_session.hpp"
#include "net/byte_stream.hpp"
#include "net/event_loop.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace mailfleet::net {

/// Opens sessions for message submission (RFC 6409), each wholly on one of the loop's
/// contexts and with a connection of its own. TLS comes first, as the endpoint says.
/// `client` is what EHLO says: this machine's host name. Loop and connector must outlive
/// the sessions.
[[nodiscard]] std::unique_ptr<send_session_factory>
make_smtp_session_factory(event_loop& loop, connector& connect, std::string client);

/// What EHLO says of this machine: its host name, or its loopback address in brackets where
/// that is none (RFC 5321 4.1.3).
[[nodiscard]] std::string host_name();

/// One session on one context, as the factory makes it.
[[nodiscard]] std::unique_ptr<send_session>
open_smtp_session(boost::asio::io_context& context, connector& connect, std::string client,
                  send_settings settings, std::function<void(send_event)> report);

} // namespace mailfleet::net
