#include "tests/jobs/recorded_answers.hpp"

namespace mailfleet::testing {

std::vector<recorded_codes> recorded_aadsts() {
  return {
      {"token.loop_detected", "invalid_grant", {50196}},
      {"token.tenant_throttled", "invalid_request", {90055}},
      {"token.service_trouble",
       "temporarily_unavailable",
       {50033, 50087, 50088, 50166, 51005, 70012, 90006, 90012, 90024, 90033, 90090, 90091}},
      {"token.service_error", "server_error", {50000, 90036, 90092}},
      {"token.agent_trouble", "invalid_grant", {80001, 80002, 80005, 80007, 80010, 80013, 80014}},
      {"token.federation_trouble", "invalid_grant", {20001, 20012, 40008, 40010}},
      {"token.secret_wrong", "invalid_client", {70002, 7000215}},
      {"token.secret_expired", "invalid_client", {7000222}},
      {"token.certificate_refused", "invalid_client", {50012, 50013, 50048, 700027, 700030}},
      {"clock.skewed", "invalid_client", {700024}},
      {"token.client_auth_mismatch", "invalid_client", {700025, 7000218}},
      {"token.app_not_found", "unauthorized_client", {700011, 700016}},
      {"token.app_disabled", "unauthorized_client", {70001, 1000031, 7000112}},
      {"token.tenant_not_found", "invalid_request", {50059, 50128, 90002, 90019}},
      {"token.other_cloud", "invalid_request", {50049, 90038, 90051, 900382, 900432}},
      {"token.single_tenant", "invalid_request", {50194, 90124, 90130, 9001023, 9002332}},
      {"token.resource_missing", "invalid_resource", {50001, 500011, 650052, 650054}},
      {"token.permissions_mismatch", "invalid_client", {65005, 650056, 650057}},
      {"token.bad_scope", "invalid_scope", {28002, 28003, 70011, 700022, 700023}},
      {"token.redirect_mismatch", "invalid_request", {50011, 70004, 900971}},
      {"token.spa_redirect", "invalid_grant", {700084, 9002327}},
      {"token.misconfigured",
       "invalid_request",
       {70003, 70005, 70007, 90004, 90013, 90014, 90015, 90023, 90056, 90100, 90102, 90117, 90121,
        700054, 900144, 900561, 901002, 9002313}},
      {"token.wrong_tenant",
       "invalid_grant",
       {16000, 16003, 50014, 50020, 50034, 51004, 90072, 500208}},
      {"token.password_refused", "invalid_grant", {50056, 50064, 50126}},
      {"token.invalid_grant", "invalid_grant", {70000}},
      {"token.interaction_required",
       "interaction_required",
       {50058, 50085, 50125, 50140, 50199, 51006, 700020}},
      {"token.revoked", "invalid_grant", {50089, 50132, 50133, 50139, 50173, 70008}},
      {"token.expired_unused", "invalid_grant", {700082}},
      {"token.sign_in_frequency", "invalid_grant", {70043, 70044}},
      {"token.password_expired", "invalid_grant", {50055, 50135, 50144}},
      {"token.mfa_required", "interaction_required", {50072, 50074, 50076, 50078, 50079}},
      {"token.external_challenge", "interaction_required", {50158}},
      {"token.code_used_twice", "invalid_grant", {54005, 501481}},
      {"token.consent_declined", "access_denied", {65004}},
      {"token.consent_required", "invalid_grant", {65001, 90008, 90093, 90094, 90095, 90099}},
      {"token.not_assigned", "invalid_grant", {50105}},
      {"token.device_required",
       "invalid_grant",
       {50005, 50097, 50127, 50129, 50155, 50187, 53000, 53001, 53002, 135011, 530003}},
      {"token.protection_policy", "invalid_grant", {53005}},
      {"token.blocked_by_policy",
       "invalid_grant",
       {50002, 50131, 53003, 53004, 53010, 53011, 500021, 500022, 500212, 500213, 530032, 530034,
        530035}},
      {"token.account_locked", "invalid_grant", {50053}},
      {"token.account_disabled", "invalid_grant", {50057, 500341}},
  };
}

namespace {

std::vector<recorded_answer> whole_answers() {
  return {
      {400,
       R"({"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired due to inactivity. The token was issued on 2020-02-26T21:52:54.2810613Z and was inactive for 90.00:00:00.\r\nTrace ID: t\r\nCorrelation ID: c\r\nTimestamp: 2020-07-06 22:31:52Z","error_codes":[700082],"timestamp":"2020-07-06 22:31:52Z","trace_id":"t","correlation_id":"c","error_uri":"https://login.microsoftonline.com/error?code=700082","suberror":"bad_token"})",
       "token.expired_unused"},
      {401,
       R"({"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys for app 'a' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret\r\nTrace ID: t","error_codes":[7000222],"timestamp":"2023-01-09 14:06:14Z","trace_id":"t","correlation_id":"c","error_uri":"https://login.microsoftonline.com/error?code=7000222"})",
       "token.secret_expired"},
      {400,
       R"({"error":"interaction_required","error_description":"AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access 'a'.\r\nTrace ID: t","error_codes":[50076],"timestamp":"2023-01-09 14:06:14Z","trace_id":"t","correlation_id":"c","suberror":"basic_action"})",
       "token.mfa_required"},
      {400,
       R"({"error":"invalid_grant","suberror":"consent_required","error_description":"AADSTS65001: The user or administrator has not consented to use the application with ID 'a'.","error_codes":[65001]})",
       "token.consent_required"},
      // The code stands in the description only.
      {400,
       R"({"error":"invalid_grant","error_description":"AADSTS50196: The server terminated an operation because it encountered a client request loop."})",
       "token.loop_detected"},
  };
}

/// Sub-errors without a code that we know.
std::vector<recorded_answer> suberrors() {
  return {
      {400, microsoft_answer("invalid_grant", 1, "bad_token"), "token.invalid_grant"},
      {400, microsoft_answer("invalid_grant", 1, "token_expired"), "token.invalid_grant"},
      {400, microsoft_answer("invalid_grant", 1, "client_mismatch"), "token.client_mismatch"},
      {400, microsoft_answer("invalid_grant", 1, "basic_action"), "token.interaction_required"},
      {400, microsoft_answer("invalid_grant", 1, "additional_action"), "token.action_elsewhere"},
      {400, microsoft_answer("invalid_grant", 1, "message_only"), "token.cannot_be_met"},
      {400, microsoft_answer("invalid_grant", 1, "consent_required"), "token.consent_required"},
      {400, microsoft_answer("invalid_grant", 1, "user_password_expired"),
       "token.password_expired"},
      {400, microsoft_answer("invalid_grant", 1, "protection_policy_required"),
       "token.protection_policy"},
      {400, microsoft_answer("invalid_grant", 1, "device_authentication_failed"),
       "token.device_required"},
      {400,
       R"({"error":"interaction_required","suberror":"basic_action","claims":"{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"p\"]}}}"})",
       "token.claims_challenge"},
      {400,
       R"({"error":"invalid_grant","suberror":"protection_policy_required","claims":"{\"access_token\":{}}"})",
       "token.protection_policy"},
  };
}

/// Errors without anything else.
std::vector<recorded_answer> bare_errors() {
  return {
      {400, R"({"error":"invalid_request"})", "token.misconfigured"},
      {400, R"({"error":"unsupported_grant_type"})", "token.misconfigured"},
      {400, R"({"error":"unsupported_response_type"})", "token.misconfigured"},
      {400, R"({"error":"invalid_resource"})", "token.misconfigured"},
      {400, R"({"error":"invalid_target"})", "token.misconfigured"},
      {400, R"({"error":"unauthorized_client"})", "token.misconfigured"},
      {400, R"({"error":"invalid_scope"})", "token.bad_scope"},
      {401, R"({"error":"invalid_client"})", "token.client_refused"},
      {400, R"({"error":"interaction_required"})", "token.interaction_required"},
      {400, R"({"error":"login_required"})", "token.interaction_required"},
      {400, R"({"error":"consent_required"})", "token.consent_required"},
      {400, R"({"error":"access_denied"})", "token.consent_declined"},
      {400, R"({"error":"authorization_pending"})", "device.pending"},
      {400, R"({"error":"slow_down"})", "device.slow_down"},
      {400, R"({"error":"expired_token"})", "device.expired"},
      {400, R"({"error":"bad_verification_code"})", "device.expired"},
      {400, R"({"error":"authorization_declined"})", "device.declined"},
      {400, R"({"error":"server_error"})", "token.outage"},
      {400, R"({"error":"temporarily_unavailable"})", "token.outage"},
  };
}

/// Google, and what is no error answer.
std::vector<recorded_answer> other_answers() {
  return {
      {400, R"({"error":"invalid_grant","error_description":"Token has been expired or revoked."})",
       "token.invalid_grant"},
      {400, R"({"error":"admin_policy_enforced"})", "token.blocked_by_policy"},
      {401, R"({"error":"deleted_client","error_description":"The OAuth client was deleted."})",
       "token.app_not_found"},
      {401, R"({"error":"disabled_client","error_description":"The OAuth client was disabled."})",
       "token.app_disabled"},
      {429, "Too Many Requests", "token.throttled"},
      {503, "<html><body>Service Unavailable</body></html>", "token.outage"},
      {500, "", "token.outage"},
      {200, "<html>Sign in to the hotel's network</html>", "token.bad_answer"},
      {307, "", "token.unknown_error"},
      {400, R"({"error":"brand_new"})", "token.unknown_error"},
      {400, R"({"error":"brand_new"})", "token.unknown_error_persists", 3},
  };
}

} // namespace

std::vector<recorded_answer> recorded_answers() {
  std::vector<recorded_answer> all;
  for (const auto& part : {whole_answers(), suberrors(), bare_errors(), other_answers()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

} // namespace mailfleet::testing
