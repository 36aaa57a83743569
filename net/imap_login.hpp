#pragma once

#include "messages/ports/mail_session.hpp"
#include "net/imap_connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace mailfleet::net {

/// Logs in on a connection whose greeting is read, by SASL or else by LOGIN, and learns what
/// the server can do then. No folder is open after it. Both arguments must stay until it ends;
/// the budget of `settings` is not used.
[[nodiscard]] boost::asio::awaitable<result<void>> imap_log_in(imap_connection& connection,
                                                               const session_settings& settings);

/// Sends a command without which there is no session; a refusal is a failure.
[[nodiscard]] boost::asio::awaitable<result<void>> imap_demand(imap_connection& connection,
                                                               std::string text);

} // namespace mailfleet::net
