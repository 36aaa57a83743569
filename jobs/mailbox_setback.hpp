#pragma once

#include "messages/ports/mail_session.hpp"
#include "messages/values/control.hpp"
#include "messages/values/errors.hpp"
#include "messages/values/records.hpp"

#include <chrono>

/// What a mailbox does after something went wrong: a pure function of the fault.
namespace mailfleet::jobs {

/// What the mailbox was doing when it met the fault.
struct setback_context {
  mailbox_auth auth = mailbox_auth::oauth2;
  std::string_view address;
  std::string_view provider;
  /// Faults in a row, this one included.
  unsigned failures = 1;
  /// The credential that was refused had been fetched anew because the one
  /// before it was refused.
  bool credential_was_renewed = false;
  wall_time now{};
  /// Random, in [0, 1).
  double fraction = 0;
};

struct setback {
  mailbox_state state = mailbox_state::backing_off;
  std::chrono::milliseconds wait{0};
  /// Ask for a newer token before the next try.
  bool renew_credential = false;
  /// None: nothing is wrong (a token simply ended with its session).
  std::optional<diagnosis> trouble;
};

/// No credential could be had, or the store did not answer.
[[nodiscard]] setback after_refusal(const failure& what, const setback_context& context);

/// The session ended.
[[nodiscard]] setback after_session(const session_closed& end, const setback_context& context);

/// Whether a mailbox does nothing now because its provider could give no token, so
/// that it may go on when the provider can: not one that waits for its own sign-in.
[[nodiscard]] bool waits_for_provider(const mailbox_view& shown);

} // namespace mailfleet::jobs
