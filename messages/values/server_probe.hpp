#pragma once

#include "messages/values/certificate.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// A look at a server: how far a connection comes, and whether a credential is taken.
namespace mailfleet {

enum class server_kind : std::uint8_t {
  identity = 1, ///< HTTPS; TLS and no more.
  imap = 2,
  pop3 = 3,
  smtp = 4,
};

/// How far it came; each stage has those before it behind it.
enum class probe_stage : std::uint8_t {
  nothing = 0,
  resolved = 1, ///< The name; with a proxy, the proxy's.
  connected = 2,
  tls = 3,
  greeting = 4, ///< And the list of capabilities; with STARTTLS both lists.
  authenticated = 5,
};

/// What is to be looked at.
struct server_probe {
  server_kind kind = server_kind::imap;
  endpoint server;
  /// With what a log-in is tried, at POP3 and SMTP servers. An empty credential: it is not.
  std::string user;
  mailbox_auth auth = mailbox_auth::oauth2;
  secret credential;
  /// Nobody is connected to: only whether the CA file can be used is looked at.
  bool only_ca_file = false;
};

/// What was seen.
struct probe_report {
  probe_stage reached = probe_stage::nothing;
  /// What ended it; none: all that was asked for was done.
  std::optional<failure> trouble;
  /// The server's last reply to the log-in on one line, made printable and without what it
  /// repeats of the credential: `535 5.7.139 words`. Empty: there was none.
  std::string reply;
  /// Before it refused, the server said in a challenge what is wrong with the token.
  bool challenged = false;
  /// What the server showed of itself, if it came so far.
  std::optional<offered_certificate> certificate;
  /// The proxy that was to lead there, without its credential; empty: none.
  std::string proxy;
};

} // namespace mailfleet
