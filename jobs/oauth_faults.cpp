#include "jobs/oauth_faults.hpp"

#include "jobs/limits.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace mailfleet::jobs {

namespace {

using namespace std::string_view_literals;
using std::chrono::seconds;

// Configuration or a fault of ours (RFC 6749 5.2; RFC 8707 2 for invalid_target).
constexpr std::array configuration_errors{"invalid_request"sv,           "unsupported_grant_type"sv,
                                          "unsupported_response_type"sv, "invalid_scope"sv,
                                          "invalid_resource"sv,          "invalid_target"sv,
                                          "unauthorized_client"sv};

// Those of them that cannot be the fault of one mailbox's grant.
constexpr std::array registration_errors{"unauthorized_client"sv, "unsupported_grant_type"sv,
                                         "unsupported_response_type"sv};

constexpr std::array client_errors{"invalid_client"sv, "deleted_client"sv, "disabled_client"sv};

/// Why a person must act, where no code of Microsoft's says it.
struct person_reason {
  std::string_view word;
  errc code;
  std::string_view diagnosis;
};

// RFC 6749 4.1.2.1 and 5.2, OpenID Connect 3.1.2.6; the last is Google's.
constexpr std::array person_errors{
    person_reason{"invalid_grant", errc::sign_in_required, "token.invalid_grant"},
    person_reason{"interaction_required", errc::sign_in_required, "token.interaction_required"},
    person_reason{"login_required", errc::sign_in_required, "token.interaction_required"},
    person_reason{"account_selection_required", errc::sign_in_required,
                  "token.interaction_required"},
    person_reason{"consent_required", errc::consent_required, "token.consent_required"},
    person_reason{"access_denied", errc::sign_in_required, "token.consent_declined"},
    person_reason{"admin_policy_enforced", errc::consent_required, "token.blocked_by_policy"},
    // RFC 8628 3.5, and Microsoft's words for the same.
    person_reason{"expired_token", errc::sign_in_required, "device.expired"},
    person_reason{"bad_verification_code", errc::sign_in_required, "device.expired"},
    person_reason{"authorization_declined", errc::sign_in_required, "device.declined"},
};

constexpr std::array suberrors{
    person_reason{"bad_token", errc::sign_in_required, "token.invalid_grant"},
    person_reason{"token_expired", errc::sign_in_required, "token.invalid_grant"},
    person_reason{"client_mismatch", errc::sign_in_required, "token.client_mismatch"},
    person_reason{"basic_action", errc::sign_in_required, "token.interaction_required"},
    person_reason{"additional_action", errc::sign_in_required, "token.action_elsewhere"},
    person_reason{"message_only", errc::consent_required, "token.cannot_be_met"},
    person_reason{"consent_required", errc::consent_required, "token.consent_required"},
    person_reason{"user_password_expired", errc::sign_in_required, "token.password_expired"},
    // No sign-in can cure these: the tenant's policy must change.
    person_reason{"protection_policy_required", errc::consent_required, "token.protection_policy"},
    person_reason{"device_authentication_failed", errc::consent_required, "token.device_required"},
};

const person_reason* find_reason(std::span<const person_reason> list, std::string_view word) {
  auto found = std::ranges::find(list, word, &person_reason::word);
  return found == list.end() ? nullptr : &*found;
}

bool is_in(std::span<const std::string_view> list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

/// The first row that one of the codes has, among those that `admits`.
template <class Predicate>
const aadsts_row* row_where(const token_error& error, Predicate admits) {
  for (auto code : error.codes)
    if (const auto* row = find_aadsts(code); row && admits(*row))
      return row;
  return nullptr;
}

const aadsts_row* any_row(const token_error& error) {
  return row_where(error, [](const aadsts_row&) { return true; });
}

void append_word(std::string& text, std::string_view label, std::string_view value) {
  if (!value.empty())
    text.append(text.empty() ? "" : " ").append(label).append(value);
}

/// Reads `2020-07-06 22:31:52Z`, the time that Microsoft's error answers bear.
std::optional<wall_time> time_in(std::string_view text) {
  constexpr std::string_view form = "0000-00-00 00:00:00Z";
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != form.size())
    return std::nullopt;
  for (std::size_t at = 0; at < form.size(); ++at)
    if (is_digit(form[at]) ? !is_digit(text[at]) : text[at] != form[at])
      return std::nullopt;
  auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (auto c : text.substr(at, digits))
      value = value * 10 + (c - '0');
    return value;
  };
  auto day = std::chrono::year{number(0, 4)} / number(5, 2) / number(8, 2);
  if (!day.ok())
    return std::nullopt;
  return wall_time{std::chrono::sys_days{day} + std::chrono::hours{number(11, 2)}
                   + std::chrono::minutes{number(14, 2)} + seconds{number(17, 2)}};
}

/// By how much our clock is ahead of the answer's (behind: negative), where that is
/// too much.
std::optional<seconds> clock_skew(const token_failure& what) {
  auto theirs = time_in(what.error.timestamp);
  if (!theirs || !what.now)
    return std::nullopt;
  auto ahead = *what.now - *theirs;
  bool is_off = ahead > max_clock_skew || ahead < -max_clock_skew;
  return is_off ? std::optional<seconds>{ahead} : std::nullopt;
}

/// Names all that a support case needs, and no words of the server: they may hold a
/// name, or repeat the request with its secrets.
std::string evidence_of(const token_failure& what) {
  if (what.network)
    return printable(to_string(*what.network), max_evidence_bytes);
  std::string text = "HTTP " + std::to_string(what.status);
  const auto& error = what.error;
  append_word(text, "", error.error);
  append_word(text, "suberror ", error.suberror);
  for (auto code : error.codes)
    append_word(text, "AADSTS", std::to_string(code));
  append_word(text, "correlation_id ", error.correlation_id);
  append_word(text, "trace_id ", error.trace_id);
  append_word(text, "timestamp ", error.timestamp);
  if (error.claims_challenge)
    append_word(text, "", "with a claims challenge");
  if (auto ahead = clock_skew(what))
    append_word(text, "",
                "our clock is " + std::to_string(std::abs(ahead->count())) + " s "
                    + (ahead->count() > 0 ? "ahead" : "behind"));
  if (error.error.empty())
    append_word(text, "", "without an error answer");
  return printable(text, max_evidence_bytes);
}

token_fault make_fault(errc code, std::string_view diagnosis, std::optional<seconds> wait,
                       bool provider_wide) {
  token_fault fault;
  fault.code = code;
  fault.diagnosis = diagnosis;
  fault.retry_after = wait;
  fault.provider_wide = provider_wide;
  return fault;
}

/// Step 1: there is no answer, or none that says anything of the request.
std::optional<token_fault> no_verdict(const token_failure& what) {
  auto wide = [&](errc code, std::string_view diagnosis) {
    return make_fault(code, diagnosis, what.retry_after, true);
  };
  if (what.network && what.network->code == errc::tls_untrusted)
    return wide(errc::tls_untrusted, "token.untrusted");
  if (what.network && what.network->code == errc::too_large)
    return wide(errc::token_unavailable, "token.bad_answer");
  if (what.network)
    return wide(what.network->code, "token.unreachable");
  if (what.status == 429)
    return wide(errc::token_throttled, "token.throttled");
  if (what.status >= 500)
    return wide(errc::token_unavailable, "token.outage");
  if (what.status >= 200 && what.status < 300)
    return wide(errc::token_unavailable, "token.bad_answer");
  return std::nullopt;
}

/// Each loop answer in a row doubles the wait: asking again is the offence.
seconds loop_wait(unsigned failures_before) {
  auto wait = loop_wait_first;
  for (; failures_before > 0 && wait < loop_wait_max; --failures_before)
    wait *= 2;
  return std::min(wait, loop_wait_max);
}

/// Step 2: whatever `error` says, a code of passing trouble makes it passing.
std::optional<token_fault> passing_trouble(const token_failure& what) {
  const auto* row =
      row_where(what.error, [](const aadsts_row& x) { return x.act == aadsts_act::retry; });
  if (!row)
    return std::nullopt;
  auto fault =
      make_fault(errc::token_unavailable, row->diagnosis, what.retry_after, row->provider_wide);
  auto at_least = [&](seconds least) {
    fault.retry_after = std::max(fault.retry_after.value_or(least), least);
  };
  if (row->diagnosis == "token.loop_detected" || row->diagnosis == "token.tenant_throttled") {
    fault.code = errc::token_throttled;
    at_least(loop_wait(what.failures_before));
  } else if (row->diagnosis != "token.service_trouble") {
    at_least(slow_wait);
  }
  return fault;
}

/// Step 3: our credential.
token_fault credential_fault(const token_failure& what) {
  std::string_view diagnosis = "token.client_refused";
  const auto* row = any_row(what.error);
  if (row && row->provider_wide)
    diagnosis = row->diagnosis;
  else if (what.error.error == "deleted_client")
    diagnosis = "token.app_not_found";
  else if (what.error.error == "disabled_client")
    diagnosis = "token.app_disabled";
  // A signed assertion is good for minutes.
  if (diagnosis == "token.certificate_refused" && clock_skew(what))
    diagnosis = "clock.skewed";
  return make_fault(errc::client_refused, diagnosis, slow_wait, true);
}

/// Step 4: the registration or the request is wrong.
token_fault configuration_fault(const token_error& error) {
  constexpr auto code = errc::provider_misconfigured;
  if (const auto* row = any_row(error))
    return make_fault(code, row->diagnosis, slow_wait, row->provider_wide);
  auto diagnosis = error.error == "invalid_scope" ? "token.bad_scope" : "token.misconfigured";
  return make_fault(code, diagnosis, slow_wait, is_in(registration_errors, error.error));
}

errc code_of(aadsts_act act) {
  switch (act) {
  case aadsts_act::administrator: return errc::consent_required;
  case aadsts_act::dead: return errc::account_disabled;
  default: return errc::sign_in_required;
  }
}

/// Step 5: a person must act. All of it parks the mailbox; the code only says who.
token_fault person_fault(const person_reason& reason, const token_error& error) {
  auto because = [](errc code, std::string_view diagnosis) {
    return make_fault(code, diagnosis, parked_retry_interval, false);
  };
  if (const auto* row = any_row(error))
    return because(code_of(row->act), row->diagnosis);
  const auto* closer = find_reason(suberrors, error.suberror);
  bool is_general = !closer || closer->diagnosis == "token.invalid_grant"
                    || closer->diagnosis == "token.interaction_required";
  if (error.claims_challenge && is_general)
    return because(errc::sign_in_required, "token.claims_challenge");
  if (closer && closer->diagnosis != "token.invalid_grant")
    return because(closer->code, closer->diagnosis);
  return because(reason.code, reason.diagnosis);
}

/// Step 6: retried some times; then somebody must look.
token_fault unknown_fault(const token_failure& what) {
  if (what.failures_before >= unknown_error_retries)
    return make_fault(errc::provider_misconfigured, "token.unknown_error_persists", slow_wait,
                      false);
  return make_fault(errc::token_unavailable, "token.unknown_error", what.retry_after, false);
}

token_fault decide(const token_failure& what) {
  if (auto fault = no_verdict(what))
    return *fault;
  if (auto fault = passing_trouble(what))
    return *fault;
  const auto& word = what.error.error;
  if (is_in(client_errors, word))
    return credential_fault(what);
  if (is_in(configuration_errors, word))
    return configuration_fault(what.error);
  if (const auto* reason = find_reason(person_errors, word))
    return person_fault(*reason, what.error);
  // RFC 8628 3.5.
  if (word == "authorization_pending")
    return make_fault(errc::token_throttled, "device.pending", std::nullopt, false);
  if (word == "slow_down")
    return make_fault(errc::token_throttled, "device.slow_down", std::nullopt, false);
  if (word == "server_error" || word == "temporarily_unavailable")
    return make_fault(errc::token_unavailable, "token.outage", what.retry_after, true);
  return unknown_fault(what);
}

} // namespace

failure token_fault::as_failure() const {
  return {code, std::string{diagnosis} + ": " + evidence};
}

token_fault classify(const token_failure& what) {
  auto fault = decide(what);
  fault.evidence = evidence_of(what);
  return fault;
}

token_fault unusable_answer(const failure& why) {
  auto fault = make_fault(errc::token_unavailable, "token.bad_answer", std::nullopt, true);
  fault.evidence = printable(why.detail, max_evidence_bytes);
  return fault;
}

token_fault unusable_certificate(const failure& why) {
  auto fault = make_fault(errc::client_refused, "token.certificate_unusable", slow_wait, true);
  fault.evidence = printable(why.detail, max_evidence_bytes);
  return fault;
}

} // namespace mailfleet::jobs
