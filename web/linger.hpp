#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <cstddef>

namespace mailfleet::web {

/// How long and how much of a refused request is read, so that the peer sees
/// our answer instead of a reset: a little over the largest body we know.
inline constexpr std::chrono::seconds linger_deadline{2};
inline constexpr std::size_t max_linger_bytes = 4 * 1'024 * 1'024;

/// Ends our side of a Beast stream and reads on until the peer ends its own.
template <class Stream>
boost::asio::awaitable<void> linger_and_close(Stream& stream) {
  boost::system::error_code error;
  stream.socket().shutdown(boost::asio::socket_base::shutdown_send, error);
  stream.expires_after(linger_deadline);
  std::array<char, 16 * 1'024> dropped;
  for (std::size_t total = 0; !error && total < max_linger_bytes;)
    total += co_await stream.async_read_some(
        boost::asio::buffer(dropped),
        boost::asio::redirect_error(boost::asio::use_awaitable, error));
  stream.close();
}

} // namespace mailfleet::web
