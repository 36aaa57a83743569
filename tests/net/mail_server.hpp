#pragma once

#include "net/byte_stream.hpp"
#include "tests/net/test_server.hpp"

#include <functional>

namespace mailfleet::test {

/// A mail server as far as a client without credentials sees it.
struct mail_dialog {
  net::mail_protocol protocol = net::mail_protocol::imap;
  tls_mode tls = tls_mode::implicit;
  /// With STARTTLS: whether it is in the list of capabilities, and not refused.
  bool offers_starttls = true;
  bool grants_starttls = true;
  /// Bytes put behind the consent to STARTTLS, in the same segment.
  std::string injected;
};

/// Greets, lists its capabilities, does TLS, then plays.
[[nodiscard]] test_server::script mail_script(const identity& who, mail_dialog dialog,
                                              std::function<awaitable<>(tls_socket&)> play);

/// Sends every line back.
[[nodiscard]] awaitable<> echo_lines(tls_socket& stream);

} // namespace mailfleet::test
