#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace mailfleet::net {

/// What a read brought.
struct read_outcome {
  /// Bytes read; 0 with `woken == false`: the peer ended the stream in order.
  std::size_t bytes = 0;
  /// `wake` was called; nothing was read.
  bool woken = false;
};

/// An open connection, TLS done, as a session coroutine sees it. A simulation
/// implements it in memory with a virtual clock. All functions but `wake` are
/// for the one coroutine that owns it, on the loop thread it was opened on.
class byte_stream {
public:
  virtual ~byte_stream() = default;

  /// Waits until there is something, at most until the deadline
  /// (`errc::timed_out`), and reads what fits. Fails with `connection_lost`.
  [[nodiscard]] virtual boost::asio::awaitable<result<read_outcome>>
  read_some(std::span<char> into, std::chrono::milliseconds deadline) = 0;

  /// Writes everything. Fails with `timed_out` or `connection_lost`.
  [[nodiscard]] virtual boost::asio::awaitable<result<void>>
  write_all(std::string_view bytes, std::chrono::milliseconds deadline) = 0;

  /// Ends the read that waits now, or the next one, with `woken`. On the loop
  /// thread only: other threads post to the loop.
  virtual void wake() noexcept = 0;

  /// SHA-256 of the peer's certificate (DER) in lower-case hexadecimal.
  [[nodiscard]] virtual std::string_view peer_certificate_sha256() const noexcept = 0;
};

/// Which conversation precedes TLS when it is STARTTLS.
enum class mail_protocol : std::uint8_t { imap = 1, pop3 = 2, smtp = 3 };

/// Opens connections: name look-up, address fallback, proxy, TLS, STARTTLS.
class connector {
public:
  virtual ~connector() = default;

  /// The stream begins behind the server's greeting (and behind STARTTLS); no
  /// credential has been sent. Fails with `errc` 20-28, `server_busy`,
  /// `protocol_violation` or `invalid_argument`, within the connect deadline of
  /// `net/limits.hpp`. Call it from a coroutine on a loop thread, to which the
  /// stream then belongs.
  [[nodiscard]] virtual boost::asio::awaitable<result<std::unique_ptr<byte_stream>>>
  connect(mail_protocol protocol, endpoint server) = 0;
};

} // namespace mailfleet::net
