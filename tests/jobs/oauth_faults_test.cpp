#include "jobs/diagnosis.hpp"
#include "jobs/limits.hpp"
#include "jobs/oauth_faults.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace mailfleet;
using namespace mailfleet::jobs;

namespace {

token_failure answered(int status, std::string error, std::vector<std::uint32_t> codes = {},
                       std::string suberror = {}) {
  token_failure what;
  what.status = status;
  what.error.error = std::move(error);
  what.error.codes = std::move(codes);
  what.error.suberror = std::move(suberror);
  return what;
}

} // namespace

TEST_CASE("the table of codes is that of the reference, act by act", "[oauth_faults]") {
  using enum aadsts_act;
  const std::map<aadsts_act, std::vector<std::uint32_t>> reference{
      {retry,
       {50196, 90055, 90033, 90006, 90012, 90024, 90090, 50033, 50087, 51005, 80001, 80002, 80005,
        80007, 80014, 90036, 90092, 50000}},
      {credential, {7000215, 7000222, 700027, 50012}},
      {sign_in, {70008, 700082, 70000, 50173, 50089, 50132, 50133, 70043, 70044, 65004,
                 50055, 50144,  50072, 50074, 50076, 50078, 50079, 50158, 54005, 501481}},
      {administrator, {7000112, 70001, 650052, 65001, 90094,  90095, 50105,  50053,  50097, 50129,
                       53000,   53001, 53002,  53005, 530003, 53003, 530032, 530035, 53004, 53011}},
      {configuration,
       {7000218, 700025, 700016, 90002, 90038,  50194,  500011, 65005, 650056, 650057, 70011,
        28002,   28003,  700022, 50011, 900971, 700084, 50020,  50034, 51004,  50126}},
      {dead, {50057}}};
  for (const auto& [act, codes] : reference) {
    for (auto code : codes) {
      INFO(code);
      const auto* row = find_aadsts(code);
      REQUIRE(row);
      CHECK(row->act == act);
    }
  }
  CHECK(find_aadsts(1) == nullptr);
}

TEST_CASE("no answer, 5xx and 429 are retried whatever the body says", "[oauth_faults]") {
  for (auto status : {429, 500, 502, 503, 599}) {
    auto fault = classify(answered(status, "invalid_grant", {700082}));
    CHECK(is_temporary(fault.code));
    CHECK(fault.provider_wide);
  }
  token_failure lost;
  lost.network = failure{errc::timed_out, "the connection to login.example took too long"};
  auto fault = classify(lost);
  CHECK(fault.code == errc::timed_out);
  CHECK(fault.diagnosis == "token.unreachable");
  CHECK(fault.provider_wide);
  CHECK(fault.evidence.find("login.example") != std::string::npos);
  CHECK(classify(answered(499, "invalid_grant")).code == errc::sign_in_required);
}

TEST_CASE("an untrusted certificate at the token endpoint is no passing trouble",
          "[oauth_faults]") {
  token_failure what;
  what.network = failure{errc::tls_untrusted, "x"};
  auto fault = classify(what);
  CHECK(fault.code == errc::tls_untrusted);
  CHECK_FALSE(is_temporary(fault.code));
  what.network = failure{errc::too_large, "x"};
  CHECK(classify(what).diagnosis == "token.bad_answer");
}

TEST_CASE("a throttled answer keeps the server's wait", "[oauth_faults]") {
  auto what = answered(429, "");
  what.error.description = "Too Many Requests";
  what.retry_after = 60s;
  auto fault = classify(what);
  CHECK(fault.code == errc::token_throttled);
  CHECK(fault.retry_after == 60s);
  CHECK(fault.evidence == "HTTP 429 without an error answer");
  what.retry_after.reset();
  CHECK_FALSE(classify(what).retry_after);
}

TEST_CASE("invalid_grant with 50196 is a throttle and parks nobody", "[oauth_faults]") {
  auto what = answered(400, "invalid_grant", {50196});
  auto fault = classify(what);
  CHECK(fault.code == errc::token_throttled);
  CHECK(fault.diagnosis == "token.loop_detected");
  CHECK_FALSE(fault.provider_wide);
  CHECK(fault.retry_after == 60s);
  what.failures_before = 1;
  CHECK(classify(what).retry_after == 120s);
  what.failures_before = 1'000;
  CHECK(classify(what).retry_after == loop_wait_max);
  what.retry_after = 1h;
  CHECK(classify(what).retry_after == 1h);
}

TEST_CASE("a code of passing trouble wins over the error and over other codes", "[oauth_faults]") {
  for (const auto* error : {"invalid_grant", "invalid_client", "invalid_request", "x"}) {
    auto fault = classify(answered(400, error, {700082, 90033}));
    CHECK(fault.code == errc::token_unavailable);
    CHECK(fault.diagnosis == "token.service_trouble");
    CHECK_FALSE(fault.retry_after);
  }
  CHECK(classify(answered(400, "invalid_grant", {90055})).provider_wide);
  CHECK(classify(answered(400, "invalid_grant", {90036})).retry_after == slow_wait);
  CHECK(classify(answered(400, "invalid_grant", {80001})).diagnosis == "token.agent_trouble");
}

TEST_CASE("invalid_client is our credential and one alarm for the provider", "[oauth_faults]") {
  for (auto codes : {std::vector<std::uint32_t>{7000222}, {7000215}, {700016}, {}, {1}}) {
    auto fault = classify(answered(401, "invalid_client", codes));
    CHECK(fault.code == errc::client_refused);
    CHECK(fault.provider_wide);
  }
  CHECK(classify(answered(401, "invalid_client", {7000222})).diagnosis == "token.secret_expired");
  CHECK(classify(answered(401, "invalid_client", {7000215})).diagnosis == "token.secret_wrong");
  CHECK(classify(answered(401, "invalid_client")).diagnosis == "token.client_refused");
}

TEST_CASE("an app that the tenant does not know has one diagnosis under any error",
          "[oauth_faults]") {
  for (const auto* error : {"invalid_client", "unauthorized_client"}) {
    auto fault = classify(answered(400, error, {700016}));
    CHECK(fault.diagnosis == "token.app_not_found");
    CHECK(fault.provider_wide);
  }
}

TEST_CASE("errors of configuration park nobody's sign-in", "[oauth_faults]") {
  for (const auto* error : {"invalid_request", "unsupported_grant_type", "invalid_scope",
                            "invalid_resource", "unauthorized_client"}) {
    auto fault = classify(answered(400, error));
    CHECK(fault.code == errc::provider_misconfigured);
    CHECK(fault.retry_after == slow_wait);
  }
  CHECK(classify(answered(400, "unauthorized_client")).provider_wide);
  CHECK_FALSE(classify(answered(400, "invalid_request")).provider_wide);
  CHECK(classify(answered(400, "invalid_scope")).diagnosis == "token.bad_scope");
  CHECK(classify(answered(400, "invalid_request", {90002})).diagnosis == "token.tenant_not_found");
}

TEST_CASE("what a person must do parks this mailbox only, never retried within the hour",
          "[oauth_faults]") {
  for (const auto* error :
       {"invalid_grant", "interaction_required", "consent_required", "login_required"}) {
    auto fault = classify(answered(400, error));
    CHECK_FALSE(is_temporary(fault.code));
    CHECK_FALSE(fault.provider_wide);
    CHECK(fault.retry_after == parked_retry_interval);
  }
  CHECK(classify(answered(400, "invalid_grant")).code == errc::sign_in_required);
  CHECK(classify(answered(400, "consent_required")).code == errc::consent_required);
}

TEST_CASE("the code says who must act on a parked mailbox", "[oauth_faults]") {
  struct expectation {
    std::uint32_t code;
    errc is;
    std::string_view diagnosis;
  };
  for (auto [code, is, diagnosis] :
       {expectation{700082, errc::sign_in_required, "token.expired_unused"},
        expectation{50173, errc::sign_in_required, "token.revoked"},
        expectation{50076, errc::sign_in_required, "token.mfa_required"},
        expectation{65001, errc::consent_required, "token.consent_required"},
        expectation{90094, errc::consent_required, "token.consent_required"},
        expectation{53003, errc::consent_required, "token.blocked_by_policy"},
        expectation{530003, errc::consent_required, "token.device_required"},
        expectation{50057, errc::account_disabled, "token.account_disabled"},
        expectation{50020, errc::sign_in_required, "token.wrong_tenant"}}) {
    auto fault = classify(answered(400, "invalid_grant", {code}));
    CHECK(fault.code == is);
    CHECK(fault.diagnosis == diagnosis);
  }
}

TEST_CASE("the same second factor code means the same under both errors", "[oauth_faults]") {
  for (const auto* error : {"interaction_required", "invalid_grant"}) {
    auto fault = classify(answered(400, error, {50076}, "basic_action"));
    CHECK(fault.code == errc::sign_in_required);
    CHECK(fault.diagnosis == "token.mfa_required");
    CHECK(fault.evidence.find("suberror basic_action") != std::string::npos);
  }
}

TEST_CASE("a sub-error names the reason where no code does", "[oauth_faults]") {
  auto with = [](std::string suberror) {
    return classify(answered(400, "invalid_grant", {}, std::move(suberror)));
  };
  CHECK(with("consent_required").code == errc::consent_required);
  CHECK(with("protection_policy_required").code == errc::consent_required);
  CHECK(with("user_password_expired").diagnosis == "token.password_expired");
  CHECK(with("bad_token").diagnosis == "token.invalid_grant");
}

TEST_CASE("errors that name themselves passing are retried", "[oauth_faults]") {
  for (const auto* error : {"server_error", "temporarily_unavailable"})
    CHECK(classify(answered(400, error)).code == errc::token_unavailable);
}

TEST_CASE("an unknown error is retried three times and then raises an alarm", "[oauth_faults]") {
  for (auto what : {answered(400, "brand_new_error"), answered(401, ""), answered(307, "")}) {
    for (what.failures_before = 0; what.failures_before < 3; ++what.failures_before) {
      CHECK(classify(what).code == errc::token_unavailable);
      CHECK(classify(what).diagnosis == "token.unknown_error");
    }
    CHECK(classify(what).code == errc::provider_misconfigured);
    CHECK(classify(what).diagnosis == "token.unknown_error_persists");
  }
}

TEST_CASE("a good status with a useless body is an outage", "[oauth_faults]") {
  CHECK(classify(answered(200, "")).diagnosis == "token.bad_answer");
  auto fault = unusable_answer({errc::token_unavailable, "the answer is no JSON\x1b object"});
  CHECK(fault.code == errc::token_unavailable);
  CHECK(fault.diagnosis == "token.bad_answer");
  CHECK(fault.evidence == "the answer is no JSON? object");
}

TEST_CASE("evidence names error, codes and ids but never the description", "[oauth_faults]") {
  auto what = answered(400, "invalid_grant", {700082}, "bad_token");
  what.error.description = "AADSTS700082: for jane@example.com";
  what.error.correlation_id = "c-1";
  what.error.trace_id = "t-1";
  what.error.timestamp = "2020-07-06 22:31:52Z";
  CHECK(classify(what).evidence
        == "HTTP 400 invalid_grant suberror bad_token AADSTS700082 correlation_id c-1 trace_id t-1 "
           "timestamp 2020-07-06 22:31:52Z");
  what.error.correlation_id = std::string(10'000, 'x');
  CHECK(classify(what).evidence.size() <= max_evidence_bytes + 3);
}

TEST_CASE("every fault has a row in the table of diagnoses", "[oauth_faults]") {
  for (auto status : {200, 307, 400, 401, 429, 500})
    for (const auto* error : {"", "x", "invalid_client", "invalid_grant", "invalid_scope",
                              "invalid_request", "interaction_required", "server_error"})
      for (auto failures : {0U, 3U}) {
        auto what = answered(status, error);
        what.failures_before = failures;
        CHECK(find_diagnosis(classify(what).diagnosis));
      }
}

TEST_CASE("a clock that is off is named, and is at fault where a signature is dated",
          "[oauth_faults]") {
  auto what = answered(401, "invalid_client", {700027});
  what.error.timestamp = "2020-07-06 22:31:52Z";
  auto theirs = wall_time{std::chrono::seconds{1'594'074'712}};
  what.now = theirs + max_clock_skew;
  CHECK(classify(what).diagnosis == "token.certificate_refused");
  what.now = theirs + max_clock_skew + 1s;
  CHECK(classify(what).diagnosis == "clock.skewed");
  CHECK(classify(what).evidence.ends_with("our clock is 301 s ahead"));
  what.now = theirs - 1h;
  CHECK(classify(what).evidence.ends_with("our clock is 3600 s behind"));
  // A secret has no date: the clock is not to blame.
  what.error.codes = {7000215};
  CHECK(classify(what).diagnosis == "token.secret_wrong");
  for (const auto* rubbish :
       {"", "2020-13-06 22:31:52Z", "2020-07-06 22:31:52", "yesterday at 10"}) {
    what.error.timestamp = rubbish;
    CHECK(classify(what).evidence.find("our clock") == std::string::npos);
  }
}
