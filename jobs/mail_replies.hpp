#pragma once

#include "messages/values/records.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

/// What the refusals of mail servers mean. Status and code decide before words do; words
/// are compared without case.
namespace mailfleet::jobs {

enum class reply_protocol : std::uint8_t { imap = 1, pop3 = 2, smtp = 3 };

/// What the reply answers.
enum class reply_phase : std::uint8_t {
  greeting = 1,
  log_in = 2,
  session = 3,   ///< Logged in; for SMTP every command that has no phase of its own.
  sender = 4,    ///< MAIL FROM.
  recipient = 5, ///< RCPT TO.
  content = 6,   ///< DATA up to the answer to its final dot.
};

/// A server's reply, taken apart. The views are the line's.
struct mail_reply {
  reply_protocol protocol = reply_protocol::imap;
  reply_phase phase = reply_phase::session;
  /// `NO`, `-ERR`, `535`. Empty: no answer came.
  std::string_view status;
  /// The response code without brackets (`UNAVAILABLE`, `SYS/TEMP`), or the enhanced
  /// status (`5.7.139`).
  std::string_view code;
  std::string_view words;
  /// What was logged in with.
  mailbox_auth auth = mailbox_auth::oauth2;
  /// Before it refused, the server said in a challenge what is wrong with the token
  /// (RFC 7628 3.2.2).
  bool challenged = false;
};

/// Takes a server's line apart, whatever it is: `A1 NO [CODE] words`, `* BYE words`,
/// `-ERR [CODE] words`, `535 5.7.3 words`. An empty line stands for no answer.
[[nodiscard]] mail_reply read_reply(reply_protocol protocol, reply_phase phase,
                                    std::string_view line);

struct reply_meaning {
  /// A code of the table in jobs/diagnosis.hpp, which has who, cure and course; empty: the
  /// reply is good.
  std::string_view diagnosis;
  /// Words or a code decided, not only status and phase.
  bool is_close = false;
  /// As far as the words name one; cut at `server_wait_max`.
  std::optional<std::chrono::milliseconds> wait;
};

/// What a reply means; one that nobody knows has the general meaning of its status.
[[nodiscard]] reply_meaning meaning_of(const mail_reply& what);

} // namespace mailfleet::jobs
