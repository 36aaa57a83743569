#pragma once

#include "jobs/diagnosis.hpp"
#include "messages/values/outgoing.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

/// What the end of an attempt says, and of whom.
namespace mailfleet::jobs {

/// Whose trouble it is.
enum class send_scope : std::uint8_t {
  none,    ///< No trouble.
  mailbox, ///< All mail of the mailbox: it waits, and none of it is the worse for that.
  mail,    ///< This mail, or this recipient.
};

struct send_verdict {
  send_scope scope = send_scope::none;
  /// A code of the table of diagnoses; empty: no trouble.
  std::string_view diagnosis;
  /// What the program does about it: `retried`, `retried_slowly`, `parked` or `refused`.
  course then = course::retried;
  /// Asked for by the server.
  std::optional<std::chrono::milliseconds> wait;
};

/// What a server's answer says. Its enhanced status and code decide before its words do
/// (jobs/mail_replies.hpp); a 5xx that nobody knows is for good, a 4xx is not.
[[nodiscard]] send_verdict judge_answer(send_phase phase, const server_words& said,
                                        mailbox_auth auth, bool challenged);

/// The detail of the failure that is told as `smtp.no_server`.
inline constexpr std::string_view no_smtp_server = "no SMTP server is known for the mailbox";

/// What it says that an attempt ended without an answer, before its final dot.
[[nodiscard]] send_verdict judge_trouble(send_phase phase, const failure& what);

} // namespace mailfleet::jobs
