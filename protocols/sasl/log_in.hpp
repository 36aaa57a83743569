#pragma once

#include "messages/values/result.hpp"
#include "messages/values/secret.hpp"

#include <optional>
#include <string>
#include <variant>

/// The steps of a log-in in a protocol of lines. POP3 and SMTP have an engine each
/// (`protocols/pop3/log_in.hpp`, `protocols/smtp/log_in.hpp`) that tells them one by one.
namespace mailfleet::sasl {

/// The server has to say more.
struct await_reply {};

/// A line to send, with its CRLF.
struct send_line {
  secret line;
};

/// The log-in has ended, and nothing follows.
struct log_in_ended {
  /// None: the server took the credential.
  std::optional<failure> trouble;
  /// The server's last reply on one line, made printable; empty: there was none. What it
  /// repeats of the credential is left out.
  std::string reply;
  /// Before it refused, the server said in a challenge what is wrong with the token
  /// (RFC 7628 3.2.2).
  bool challenged = false;
};

using log_in_step = std::variant<await_reply, send_line, log_in_ended>;

/// Bytes kept of the last reply: a refusal of Exchange with its server's name and id has
/// some 250.
inline constexpr std::size_t max_last_reply_bytes = 500;

} // namespace mailfleet::sasl
