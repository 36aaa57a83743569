#include "jobs/oauth_faults.hpp"

#include "jobs/limits.hpp"

#include <algorithm>
#include <array>

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

constexpr std::array person_errors{"invalid_grant"sv, "interaction_required"sv,
                                   "consent_required"sv, "login_required"sv};

// Sub-errors that no sign-in can cure: the tenant's policy must change.
constexpr std::array policy_suberrors{"protection_policy_required"sv,
                                      "device_authentication_failed"sv};

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
token_fault credential_fault(const token_error& error) {
  const auto* row = any_row(error);
  bool says_why = row && row->provider_wide;
  return make_fault(errc::client_refused, says_why ? row->diagnosis : "token.client_refused",
                    slow_wait, true);
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
token_fault person_fault(const token_error& error) {
  auto fault =
      make_fault(errc::sign_in_required, "token.invalid_grant", parked_retry_interval, false);
  if (const auto* row = any_row(error)) {
    fault.code = code_of(row->act);
    fault.diagnosis = row->diagnosis;
  } else if (error.error == "consent_required" || error.suberror == "consent_required") {
    fault.code = errc::consent_required;
    fault.diagnosis = "token.consent_required";
  } else if (is_in(policy_suberrors, error.suberror)) {
    fault.code = errc::consent_required;
    fault.diagnosis = "token.device_required";
  } else if (error.suberror == "user_password_expired") {
    fault.diagnosis = "token.password_expired";
  } else if (error.error != "invalid_grant") {
    fault.diagnosis = "token.interaction_required";
  }
  return fault;
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
  if (word == "invalid_client")
    return credential_fault(what.error);
  if (is_in(configuration_errors, word))
    return configuration_fault(what.error);
  if (is_in(person_errors, word))
    return person_fault(what.error);
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

} // namespace mailfleet::jobs
