#include "jobs/mailbox_setback.hpp"

#include "jobs/diagnosis.hpp"
#include "jobs/failure_words.hpp"
#include "jobs/limits.hpp"
#include "jobs/retry.hpp"

namespace mailfleet::jobs {

namespace {

/// Only a person can help; we look again now and then in case one did.
std::optional<mailbox_state> waits_for_person(errc code) {
  switch (code) {
  case errc::sign_in_required: return mailbox_state::needs_sign_in;
  case errc::consent_required:
  case errc::account_disabled:
  case errc::client_refused:
  case errc::provider_misconfigured:
  case errc::authentication_failed:
  case errc::no_common_mechanism:
  case errc::tls_untrusted:
  case errc::tls_required:
  case errc::not_found:
  case errc::invalid_argument: return mailbox_state::parked;
  default: return std::nullopt;
  }
}

setback settle(const failure& what, std::chrono::milliseconds wait, mailbox_state state,
               const setback_context& context) {
  auto retry_at = context.now + std::chrono::ceil<std::chrono::seconds>(wait);
  diagnosis_subject about{.mailbox = context.address, .provider = context.provider};
  bool bad_password = what.code == errc::authentication_failed
                      && context.auth == mailbox_auth::password && told_by_words(what).empty();
  return {state, wait, false,
          bad_password
              ? diagnose("imap.password_refused", what.detail, about, context.now, retry_at)
              : diagnose(what, about, context.now, retry_at)};
}

} // namespace

setback after_refusal(const failure& what, const setback_context& context) {
  if (auto state = waits_for_person(what.code))
    return settle(what, server_wait(slow_wait, context.fraction), *state, context);
  // What is left is our own: a store that is busy, a record that changed meanwhile.
  auto wait = temporary_wait(context.failures, context.fraction);
  return settle(what, wait, mailbox_state::backing_off, context);
}

setback after_session(const session_closed& end, const setback_context& context) {
  // The first time at once; a server that says so after each log-in is waited for.
  if (end.token_expired && context.failures <= 1)
    return {mailbox_state::connecting, std::chrono::milliseconds{0}, true, std::nullopt};
  bool refused = end.reason.code == errc::authentication_failed;
  if (refused && context.auth == mailbox_auth::oauth2 && !context.credential_was_renewed)
    return {mailbox_state::connecting, std::chrono::milliseconds{0}, true, std::nullopt};
  auto wait = connection_wait(end.reason.code, context.failures, end.retry_after, context.fraction);
  auto state = waits_for_person(end.reason.code).value_or(mailbox_state::backing_off);
  auto after = settle(end.reason, wait, state, context);
  after.renew_credential = refused;
  return after;
}

bool waits_for_provider(const mailbox_view& shown) {
  bool rests = shown.state == mailbox_state::backing_off || shown.state == mailbox_state::parked;
  if (!rests || !shown.trouble)
    return false;
  const auto& code = shown.trouble->code;
  return code.starts_with("token.") || code.starts_with("secret.") || code.starts_with("clock.")
         || code == row_of(errc::unavailable).code;
}

} // namespace mailfleet::jobs
