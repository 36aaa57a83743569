#include "jobs/oauth_faults.hpp"

#include <algorithm>
#include <array>

namespace mailfleet::jobs {

namespace {

using enum aadsts_act;

constexpr bool wide = true;

// What each code means stands with its diagnosis.
constexpr std::array rows{
    aadsts_row{28002, configuration, "token.bad_scope", wide},
    aadsts_row{28003, configuration, "token.bad_scope", wide},
    aadsts_row{50000, retry, "token.service_error", false},
    aadsts_row{50011, configuration, "token.redirect_mismatch", wide},
    aadsts_row{50012, credential, "token.certificate_refused", wide},
    aadsts_row{50020, configuration, "token.wrong_tenant", false},
    aadsts_row{50033, retry, "token.service_trouble", false},
    aadsts_row{50034, configuration, "token.wrong_tenant", false},
    aadsts_row{50053, administrator, "token.account_locked", false},
    aadsts_row{50055, sign_in, "token.password_expired", false},
    aadsts_row{50057, dead, "token.account_disabled", false},
    aadsts_row{50072, sign_in, "token.mfa_required", false},
    aadsts_row{50074, sign_in, "token.mfa_required", false},
    aadsts_row{50076, sign_in, "token.mfa_required", false},
    aadsts_row{50078, sign_in, "token.mfa_required", false},
    aadsts_row{50079, sign_in, "token.mfa_required", false},
    aadsts_row{50087, retry, "token.service_trouble", false},
    aadsts_row{50089, sign_in, "token.revoked", false},
    aadsts_row{50097, administrator, "token.device_required", false},
    aadsts_row{50105, administrator, "token.not_assigned", false},
    aadsts_row{50126, configuration, "token.password_refused", false},
    aadsts_row{50129, administrator, "token.device_required", false},
    aadsts_row{50132, sign_in, "token.revoked", false},
    aadsts_row{50133, sign_in, "token.revoked", false},
    aadsts_row{50144, sign_in, "token.password_expired", false},
    aadsts_row{50158, sign_in, "token.external_challenge", false},
    aadsts_row{50173, sign_in, "token.revoked", false},
    aadsts_row{50194, configuration, "token.single_tenant", wide},
    aadsts_row{50196, retry, "token.loop_detected", false},
    aadsts_row{51004, configuration, "token.wrong_tenant", false},
    aadsts_row{51005, retry, "token.service_trouble", false},
    aadsts_row{53000, administrator, "token.device_required", false},
    aadsts_row{53001, administrator, "token.device_required", false},
    aadsts_row{53002, administrator, "token.device_required", false},
    aadsts_row{53003, administrator, "token.blocked_by_policy", false},
    aadsts_row{53004, administrator, "token.blocked_by_policy", false},
    aadsts_row{53005, administrator, "token.device_required", false},
    aadsts_row{53011, administrator, "token.blocked_by_policy", false},
    aadsts_row{54005, sign_in, "token.code_used_twice", false},
    aadsts_row{65001, administrator, "token.consent_required", false},
    aadsts_row{65004, sign_in, "token.consent_declined", false},
    aadsts_row{65005, configuration, "token.permissions_mismatch", wide},
    aadsts_row{70000, sign_in, "token.invalid_grant", false},
    aadsts_row{70001, administrator, "token.app_disabled", wide},
    aadsts_row{70008, sign_in, "token.revoked", false},
    aadsts_row{70011, configuration, "token.bad_scope", wide},
    aadsts_row{70043, sign_in, "token.sign_in_frequency", false},
    aadsts_row{70044, sign_in, "token.sign_in_frequency", false},
    aadsts_row{80001, retry, "token.agent_trouble", false},
    aadsts_row{80002, retry, "token.agent_trouble", false},
    aadsts_row{80005, retry, "token.agent_trouble", false},
    aadsts_row{80007, retry, "token.agent_trouble", false},
    aadsts_row{80014, retry, "token.agent_trouble", false},
    aadsts_row{90002, configuration, "token.tenant_not_found", wide},
    aadsts_row{90006, retry, "token.service_trouble", false},
    aadsts_row{90012, retry, "token.service_trouble", false},
    aadsts_row{90024, retry, "token.service_trouble", false},
    aadsts_row{90033, retry, "token.service_trouble", false},
    aadsts_row{90036, retry, "token.service_error", false},
    aadsts_row{90038, configuration, "token.other_cloud", wide},
    aadsts_row{90055, retry, "token.tenant_throttled", wide},
    aadsts_row{90090, retry, "token.service_trouble", false},
    aadsts_row{90092, retry, "token.service_error", false},
    aadsts_row{90094, administrator, "token.consent_required", false},
    aadsts_row{90095, administrator, "token.consent_required", false},
    aadsts_row{500011, configuration, "token.resource_missing", wide},
    aadsts_row{501481, sign_in, "token.code_used_twice", false},
    aadsts_row{530003, administrator, "token.device_required", false},
    aadsts_row{530032, administrator, "token.blocked_by_policy", false},
    aadsts_row{530035, administrator, "token.blocked_by_policy", false},
    aadsts_row{650052, administrator, "token.resource_missing", wide},
    aadsts_row{650056, configuration, "token.permissions_mismatch", wide},
    aadsts_row{650057, configuration, "token.permissions_mismatch", wide},
    aadsts_row{700016, configuration, "token.app_not_found", wide},
    aadsts_row{700022, configuration, "token.bad_scope", wide},
    aadsts_row{700025, configuration, "token.client_auth_mismatch", wide},
    aadsts_row{700027, credential, "token.certificate_refused", wide},
    aadsts_row{700082, sign_in, "token.expired_unused", false},
    aadsts_row{700084, configuration, "token.spa_redirect", false},
    aadsts_row{900971, configuration, "token.redirect_mismatch", wide},
    aadsts_row{7000112, administrator, "token.app_disabled", wide},
    aadsts_row{7000215, credential, "token.secret_wrong", wide},
    aadsts_row{7000218, configuration, "token.client_auth_mismatch", wide},
    aadsts_row{7000222, credential, "token.secret_expired", wide},
};

static_assert(std::ranges::is_sorted(rows, {}, &aadsts_row::code));

} // namespace

std::span<const aadsts_row> aadsts_table() {
  return rows;
}

const aadsts_row* find_aadsts(std::uint32_t code) {
  auto row = std::ranges::lower_bound(rows, code, {}, &aadsts_row::code);
  return row != rows.end() && row->code == code ? &*row : nullptr;
}

} // namespace mailfleet::jobs
