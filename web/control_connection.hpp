#pragma once

#include "web/door_bridge.hpp"
#include "web/limits.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace mailfleet::web {

using local_stream =
    boost::beast::basic_stream<boost::asio::local::stream_protocol, boost::asio::any_io_executor>;

/// How long a control connection may take; the defaults are the named limits.
struct control_deadlines {
  std::chrono::milliseconds idle = control_idle_deadline;
  std::chrono::milliseconds read = control_read_deadline;
  std::chrono::milliseconds write = control_write_deadline;
  std::chrono::milliseconds answer = answer_deadline;
};

/// Serves one connection until it ends, request by request (RFC 9112). `actor`
/// names the peer. Close the stream to end it from outside, on its loop thread.
[[nodiscard]] boost::asio::awaitable<void>
serve_control_connection(std::shared_ptr<local_stream> stream, std::shared_ptr<door_bridge> door,
                         std::string actor, control_deadlines deadlines);

/// Answers with one failure and ends the connection.
[[nodiscard]] boost::asio::awaitable<void>
refuse_control_connection(std::shared_ptr<local_stream> stream, failure why);

/// Who is at the other end (SO_PEERCRED): `uid 0`.
[[nodiscard]] std::string peer_of(local_stream& stream);

} // namespace mailfleet::web
