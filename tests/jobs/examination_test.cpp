#include "jobs/diagnosis.hpp"
#include "jobs/examination.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::jobs;
using namespace std::chrono_literals;

namespace {

const wall_time now{1'800'000'000s};

token_fault fault(errc code, std::string_view diagnosis) {
  token_fault what;
  what.code = code;
  what.diagnosis = diagnosis;
  return what;
}

provider_record office() {
  provider_record record;
  record.name = "office";
  record.service = "microsoft";
  record.tenant_id = "organizations";
  record.redirect_uri = "https://fleet.example.com/api/cloudProviders/oauth2/Outlook365/callback";
  client_secret held;
  held.number = 1;
  record.secrets = {held};
  return record;
}

} // namespace

TEST_CASE("a credential is good where only the made-up token is refused", "[examination]") {
  CHECK(examine_credential(std::nullopt, "office").how == verdict::green);
  CHECK(examine_credential(fault(errc::sign_in_required, "token.invalid_grant"), "office").how
        == verdict::green);
  auto refused = examine_credential(fault(errc::client_refused, "token.secret_expired"), "office");
  CHECK(refused.how == verdict::red);
  CHECK(refused.code == "token.secret_expired");
  CHECK(refused.cure.find("provider secret add office") != std::string::npos);
  CHECK(examine_credential(fault(errc::token_unavailable, "token.outage"), "office").how
        == verdict::yellow);
}

TEST_CASE("a clock may be off by minutes", "[examination]") {
  CHECK(examine_clock(3s).how == verdict::green);
  CHECK(examine_clock(-300s).how == verdict::green);
  CHECK(examine_clock(-301s).how == verdict::red);
  CHECK(examine_clock(1h).what.find("3600 s ahead") != std::string::npos);
  CHECK(examine_clock(std::nullopt).how == verdict::yellow);
}

TEST_CASE("a redirect URI leads to us, or somebody must pass the callback on", "[examination]") {
  CHECK(examine_redirect(office(), "https://fleet.example.com").how == verdict::green);
  CHECK(examine_redirect(office(), "https://fleet.example.co").how == verdict::yellow);
  CHECK(examine_redirect(office(), "http://localhost:8025").how == verdict::yellow);
}

TEST_CASE("a redirect URI without a listener names the setting", "[examination]") {
  auto found = examine_redirect(office(), "");
  CHECK(found.how == verdict::yellow);
  CHECK(found.what.ends_with("callback.listen is not set"));
  CHECK(found.cure.starts_with("set callback.listen"));
}

TEST_CASE("secrets that end soon are yellow, ended ones red", "[examination]") {
  auto who = office();
  CHECK(examine_secrets(who, {}, now).how == verdict::green);
  who.secrets.front().expires_at = now + 24h * 20;
  CHECK(examine_secrets(who, {}, now).how == verdict::yellow);
  who.secrets.front().expires_at = now;
  CHECK(examine_secrets(who, {}, now).how == verdict::red);
}

TEST_CASE("two ends of a secret that do not fit are yellow, with both and what to do",
          "[examination]") {
  auto who = office();
  CHECK(examine_expiries(who).empty());
  auto& held = who.secrets.front();
  held.expires_at = now + 24h * 40;
  held.listed_expires_at = now + 24h * 40 + 38h;
  CHECK(examine_expiries(who).empty());
  held.listed_expires_at = now + 24h * 20;
  auto found = examine_expiries(who);
  REQUIRE(found.size() == 1);
  CHECK(found.front().check == "end of secret 1");
  CHECK(found.front().how == verdict::yellow);
  CHECK(found.front().code == "secret.expiry_differs");
  CHECK(found.front().what == "2027-02-24 was given, the directory lists 2027-02-04");
  CHECK(found.front().cure.find("mailfleet provider secret list office") != std::string::npos);
  CHECK(found.front().cure.find("--expires 2027-02-04") != std::string::npos);
  // That it ends soon is told beside it.
  CHECK(examine_secrets(who, {}, now).code == "secret.expiring");
}

TEST_CASE("the doctor tells when a secret was refused", "[examination]") {
  auto who = office();
  auto found = examine_secrets(who, {{1, now}}, now + 600s);
  CHECK(found.how == verdict::red);
  CHECK(found.what.find("secret 1 without a known end (refused at 2027-01-15T08:00:00Z)")
        != std::string::npos);
  client_secret next;
  next.number = 2;
  who.secrets.push_back(next);
  found = examine_secrets(who, {{1, now}}, now + 600s);
  CHECK(found.how == verdict::green);
  CHECK(found.what.find("(refused at 2027-01-15T08:00:00Z)") != std::string::npos);
}

TEST_CASE("an unreached discovery address says why", "[examination]") {
  CHECK(examine_discovery({}, std::nullopt, "office").how == verdict::green);
  auto seen = examine_discovery({}, failure{errc::dns_failed, "no such host"}, "office");
  CHECK(seen.how == verdict::red);
  CHECK(seen.code == "network.dns_failed");
}

TEST_CASE("a mailbox's scopes and connection are looked at", "[examination]") {
  mailbox_view shown;
  shown.record.address = "ann@example.com";
  shown.state = mailbox_state::watching;
  auto where = resolve(office());
  REQUIRE(where);
  grant_record grant;
  grant.access_token = secret{"t"};
  grant.scope = "openid https://outlook.office.com/IMAP.AccessAsUser.All";
  auto well = findings_of(shown, &grant, &*where);
  REQUIRE(well.size() == 2);
  CHECK(well[0].how == verdict::green);
  CHECK(well[1].how == verdict::green);
  grant.scope = "openid";
  auto lacking = findings_of(shown, &grant, &*where);
  CHECK(lacking[0].how == verdict::red);
  CHECK(lacking[0].what.find("IMAP.AccessAsUser.All") != std::string::npos);
  shown.state = mailbox_state::parked;
  shown.trouble.emplace();
  shown.trouble->code = "imap.authentication_failed";
  CHECK(findings_of(shown, nullptr, nullptr)[0].how == verdict::red);
}

TEST_CASE("an identity provider that is late is red, with the time", "[examination]") {
  auto found = late_finding("token", std::chrono::milliseconds{14'500});
  CHECK(found.check == "token");
  CHECK(found.how == verdict::red);
  CHECK(found.what == "the identity provider did not answer in time, 15 s");
  CHECK(find_diagnosis(found.code) != nullptr);
}
