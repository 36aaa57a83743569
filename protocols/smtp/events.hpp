#pragma once

#include "protocols/sasl/error_challenge.hpp"
#include "protocols/smtp/reply.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

/// What the engine reports. Views and references hold until the engine's next call.
namespace mailfleet::smtp {

/// All bytes fed are read: feed more.
struct need_input {};

/// Write these bytes, all of them, before more is read. They may hold a credential: they
/// are not to be logged.
struct to_send {
  std::string_view bytes;
};

/// EHLO was answered: `server()` says what it can do. Log in, submit or quit.
struct session_ready {};

/// AUTH succeeded.
struct logged_in {
  const smtp_reply& reply;
};

/// AUTH failed. The connection may be used for another try, unless the code is 421.
struct log_in_refused {
  const smtp_reply& reply;
  /// What the server said in a challenge before it refused.
  const std::optional<sasl::error_challenge>& challenge;
};

/// RCPT TO was answered, in the envelope's order.
struct recipient_answered {
  std::size_t index = 0;
  bool taken = false;
  const smtp_reply& reply;
};

/// The server waits for the content; `taken` recipients will get it. Give it with `append`,
/// then `end_body`.
struct ready_for_body {
  std::size_t taken = 0;
};

/// The server took the message.
struct message_taken {
  const smtp_reply& reply;
};

/// The submission ended without the server having taken the message: `phase()` tells at
/// what. With no recipient taken, the reply is the last one's. The connection serves the next
/// submission, unless the code is 421.
struct submission_refused {
  const smtp_reply& reply;
};

/// The server ends the connection: a 421 that answers nothing, or a refused greeting or
/// EHLO. Nothing else follows.
struct server_closes {
  const smtp_reply& reply;
};

/// QUIT was answered. Nothing else follows.
struct session_over {};

/// The server broke the protocol. Nothing else follows.
struct broken {
  std::string_view why;
};

using event = std::variant<need_input, to_send, session_ready, logged_in, log_in_refused,
                           recipient_answered, ready_for_body, message_taken, submission_refused,
                           server_closes, session_over, broken>;

} // namespace mailfleet::smtp
