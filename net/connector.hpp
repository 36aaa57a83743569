#pragma once

#include "net/byte_stream.hpp"
#include "net/certificate.hpp"
#include "net/limits.hpp"

#include <chrono>
#include <memory>

namespace mailfleet::net {

struct connector_settings {
  /// For endpoints that name none: the daemon's.
  proxy_settings proxy;
  /// Whether, with no proxy named at all, `all_proxy` and `no_proxy` of the
  /// environment count.
  bool environment_proxy = false;
  /// From name look-up to the end of the greeting.
  std::chrono::milliseconds deadline = connect_deadline;
};

/// Connects by libcurl, which speaks up to the list of capabilities and then
/// leaves the connection to us. Any loop's coroutines may use it; it keeps
/// nothing but its settings, and must outlive the calls to it. A stream belongs
/// to the io_context its `connect` ran on and must go before that. Besides
/// `errc` 20-28, `connect` fails with `server_busy` for a greeting that turns
/// us away, `protocol_violation` for none, `invalid_argument` for a bad endpoint.
///
/// Its weakness: what a server sends unasked in the same TLS record as the end
/// of its list of capabilities stays in libcurl. Servers speak again only when
/// spoken to, but for a BYE; then the end of the stream is all that is seen.
[[nodiscard]] std::unique_ptr<connector> make_connector(connector_settings settings);

/// Looks at a server's certificate and breaks the handshake off: no credential
/// and no command after STARTTLS is sent. The endpoint's pin is not used; what
/// its CA file says is in `trouble`. Fails as `connect` does.
[[nodiscard]] boost::asio::awaitable<result<offered_certificate>>
probe_certificate(connector_settings settings, mail_protocol protocol, endpoint server);

} // namespace mailfleet::net
