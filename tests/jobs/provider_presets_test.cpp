#include "jobs/provider_presets.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace mailfleet;
using namespace mailfleet::jobs;

namespace {

constexpr const char* guid = "AAAABBBB-0000-CCCC-1111-DDDD2222EEEE";

provider_record microsoft(std::string tenant) {
  provider_record record;
  record.service = "microsoft";
  record.type = "Outlook365";
  record.tenant_id = std::move(tenant);
  return record;
}

provider_record generic() {
  provider_record record;
  record.service = "generic";
  record.discovery_url = "https://id.example/.well-known/openid-configuration";
  record.imap.host = "imap.example";
  return record;
}

} // namespace

TEST_CASE("every service stands in the table once", "[provider_presets]") {
  std::set<std::string_view> names;
  for (const auto& preset : provider_presets()) {
    CHECK(names.insert(preset.service).second);
    CHECK(find_preset(preset.service) == &preset);
    CHECK_FALSE(preset.scopes.empty());
  }
  CHECK(names.contains("microsoft"));
  CHECK(names.contains("generic"));
  CHECK(find_preset("Microsoft") == nullptr);
  CHECK_FALSE(resolve(provider_record{}));
}

TEST_CASE("each of Microsoft's clouds has a directory of its own", "[provider_presets]") {
  auto host_of = [](std::string_view service) { return find_preset(service)->graph_host; };
  CHECK(host_of("microsoft") == "graph.microsoft.com");
  CHECK(host_of("microsoft-gcc-high") == "graph.microsoft.us");
  CHECK(host_of("microsoft-dod") == "dod-graph.microsoft.us");
  CHECK(host_of("microsoft-china") == "microsoftgraph.chinacloudapi.cn");
  CHECK(host_of("google").empty());
  CHECK(host_of("generic").empty());
}

TEST_CASE("Microsoft's endpoints are made from the tenant", "[provider_presets]") {
  auto found = resolve(microsoft("organizations"));
  REQUIRE(found);
  CHECK(found->authorization_endpoint
        == "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize");
  CHECK(found->token_endpoint
        == "https://login.microsoftonline.com/organizations/oauth2/v2.0/token");
  CHECK(found->issuer == "https://login.microsoftonline.com/{tenantid}/v2.0");
  CHECK(found->discovery_url.empty());
  CHECK(found->scopes
        == std::vector<std::string>{"offline_access", "openid", "email", "profile",
                                    "https://outlook.office.com/IMAP.AccessAsUser.All"});
  CHECK(found->imap.host == "outlook.office365.com");
  CHECK(found->imap.port == 993);
  CHECK(found->imap.tls == tls_mode::implicit);
  CHECK(found->smtp.host == "smtp.office365.com");
  CHECK(found->smtp.port == 587);
  CHECK(found->smtp.tls == tls_mode::starttls);
  CHECK(found->pop3.host == "outlook.office365.com");
  CHECK(found->pop3.port == 995);
  CHECK(found->pop3.tls == tls_mode::implicit);
}

TEST_CASE("an administrator consents for an app to IMAP and POP3 by another name",
          "[provider_presets]") {
  using scopes = std::vector<std::string>;
  auto record = microsoft(guid);
  CHECK(resolve(record)->consent_scopes == resolve(record)->scopes);
  record.flow = grant_flow::app_only;
  CHECK(resolve(record)->scopes == scopes{"https://outlook.office365.com/.default"});
  CHECK(resolve(record)->consent_scopes == scopes{"https://ps.outlook.com/.default"});
  record.scopes = {"https://outlook.office365.com/.default"};
  CHECK(resolve(record)->consent_scopes == scopes{"https://ps.outlook.com/.default"});
  // Whoever names a scope of their own is asked for that.
  record.scopes = {"https://other.example/.default"};
  CHECK(resolve(record)->consent_scopes == record.scopes);
  record.scopes.clear();
  record.service = "microsoft-china";
  CHECK(resolve(record)->consent_scopes == scopes{"https://partner.outlook.cn/.default"});
}

TEST_CASE("only a tenant known by its GUID can be checked in the id_token", "[provider_presets]") {
  CHECK(resolve(microsoft(guid))->only_tenant == "aaaabbbb-0000-cccc-1111-dddd2222eeee");
  CHECK(resolve(microsoft("consumers"))->only_tenant == "9188040d-6c67-4c5b-b112-36a304b66dad");
  for (const auto* tenant : {"common", "organizations", "contoso.onmicrosoft.com"})
    CHECK(resolve(microsoft(tenant))->only_tenant.empty());
}

TEST_CASE("a record with a discovery address uses it and not the table", "[provider_presets]") {
  auto record = microsoft(guid);
  record.discovery_url = "https://login.microsoftonline.us/x/v2.0/.well-known/openid-configuration";
  auto found = resolve(record);
  REQUIRE(found);
  CHECK(found->discovery_url == record.discovery_url);
  CHECK(found->token_endpoint.empty());
  CHECK(found->authorization_endpoint.empty());
  CHECK(found->issuer.empty());
}

TEST_CASE("a generic provider is found by discovery", "[provider_presets]") {
  auto found = resolve(generic());
  REQUIRE(found);
  CHECK(found->token_endpoint.empty());
  CHECK(found->discovery_url == "https://id.example/.well-known/openid-configuration");
  CHECK(found->scopes == std::vector<std::string>{"openid", "email", "offline_access"});
  CHECK(found->imap.host == "imap.example");
  CHECK(found->imap.port == 993);
}

TEST_CASE("what the record says comes before the table", "[provider_presets]") {
  auto record = microsoft(guid);
  record.scopes = {"openid"};
  record.imap.host = "outlook.office365.us";
  record.imap.tls = tls_mode::starttls;
  auto found = resolve(record);
  REQUIRE(found);
  CHECK(found->scopes == record.scopes);
  CHECK(found->imap.host == "outlook.office365.us");
  CHECK(found->imap.port == 143);
}

TEST_CASE("Google asks for offline access and consent", "[provider_presets]") {
  provider_record record;
  record.service = "google";
  auto found = resolve(record);
  REQUIRE(found);
  CHECK(found->authorize_extra
        == std::vector<std::pair<std::string, std::string>>{{"access_type", "offline"},
                                                            {"prompt", "consent"}});
  CHECK(found->imap.host == "imap.gmail.com");
  CHECK(found->smtp.host == "smtp.gmail.com");
  CHECK(found->smtp.port == 465);
  CHECK(found->smtp.tls == tls_mode::implicit);
  CHECK(found->pop3.host == "pop.gmail.com");
  CHECK(found->pop3.port == 995);
}

TEST_CASE("pins are refused for the known services' hosts only", "[provider_presets]") {
  for (const auto* host :
       {"outlook.office365.com", "OUTLOOK.Office365.com", "office365.com", "imap.gmail.com"})
    CHECK(pin_refused(host));
  for (const auto* host : {"imap.example", "notoffice365.com", "office365.com.example", ""})
    CHECK_FALSE(pin_refused(host));
}

TEST_CASE("a GUID has its form", "[provider_presets]") {
  CHECK(is_guid(guid));
  CHECK_FALSE(is_guid("AAAABBBB-0000-CCCC-1111-DDDD2222EEE"));
  CHECK_FALSE(is_guid("AAAABBBB-0000-CCCC-1111-DDDD2222EEEE0"));
  CHECK_FALSE(is_guid("AAAABBBB00000-CCCC-1111-DDDD2222EEEE"));
  CHECK_FALSE(is_guid("GAAABBBB-0000-CCCC-1111-DDDD2222EEEE"));
  CHECK_FALSE(is_guid(""));
}

TEST_CASE("a mailbox fetches at its own server, or else at its provider's", "[provider_presets]") {
  auto provider = generic();
  provider.proxy.url = "http://proxy.example:3128";
  mailbox_record mailbox;
  CHECK(imap_endpoint(mailbox, &provider).host == "imap.example");
  CHECK(imap_endpoint(mailbox, &provider).proxy.url == "http://proxy.example:3128");
  CHECK(imap_endpoint(mailbox, nullptr).host.empty());
  mailbox.imap.proxy.url = "direct";
  CHECK(imap_endpoint(mailbox, &provider).proxy.url == "direct");
  mailbox.imap.host = "own.example";
  CHECK(imap_endpoint(mailbox, &provider).host == "own.example");
  CHECK(imap_endpoint(mailbox, &provider).port == 993);
  CHECK(imap_endpoint(mailbox, &provider).proxy.url == "direct");
  mailbox.imap.proxy = {};
  mailbox.imap.port = 1993;
  CHECK(imap_endpoint(mailbox, &provider).port == 1993);
  CHECK(imap_endpoint(mailbox, &provider).proxy.url == "http://proxy.example:3128");
  CHECK(imap_endpoint(mailbox, nullptr).host == "own.example");
}

TEST_CASE("each of Microsoft's clouds takes mail at its own host", "[provider_presets]") {
  auto smtp_host = [](const char* service) {
    provider_record record;
    record.service = service;
    return resolve(record)->smtp.host;
  };
  CHECK(smtp_host("microsoft-gcc-high") == "smtp.office365.us");
  CHECK(smtp_host("microsoft-dod") == "outlook-dod.office365.us");
}

TEST_CASE("only the service's own server is known to keep copies of sent mail",
          "[provider_presets]") {
  provider_record provider;
  provider.service = "microsoft";
  mailbox_record mailbox;
  CHECK(keeps_copies_of_sent(mailbox, &provider));
  CHECK_FALSE(keeps_copies_of_sent(mailbox, nullptr));
  mailbox.smtp.host = "SMTP.office365.com";
  CHECK(keeps_copies_of_sent(mailbox, &provider));
  mailbox.smtp.host = "relay.example.com";
  CHECK_FALSE(keeps_copies_of_sent(mailbox, &provider));
  mailbox.smtp.host.clear();
  provider.smtp.host = "relay.example.com";
  CHECK_FALSE(keeps_copies_of_sent(mailbox, &provider));
  provider.smtp.host.clear();
  provider.service = "google";
  CHECK(keeps_copies_of_sent(mailbox, &provider));
}

TEST_CASE("SMTP and POP3 servers are the mailbox's, its provider's, or unknown",
          "[provider_presets]") {
  auto provider = generic();
  mailbox_record mailbox;
  CHECK(smtp_endpoint(mailbox, &provider).host.empty());
  CHECK_FALSE(keeps_copies_of_sent(mailbox, &provider));
  CHECK(smtp_endpoint(mailbox, nullptr) == endpoint{});
  provider.smtp.host = "smtp.example";
  provider.smtp.tls = tls_mode::starttls;
  provider.proxy.url = "http://proxy.example:3128";
  CHECK(smtp_endpoint(mailbox, &provider).port == 587);
  CHECK(smtp_endpoint(mailbox, &provider).proxy.url == "http://proxy.example:3128");
  CHECK(pop3_endpoint(mailbox, &provider).host.empty());
  mailbox.pop3.host = "pop3.example";
  CHECK(pop3_endpoint(mailbox, nullptr).port == 995);
  mailbox.pop3.tls = tls_mode::starttls;
  CHECK(pop3_endpoint(mailbox, &provider).port == 110);
  mailbox.imap.proxy.url = "direct";
  CHECK(smtp_endpoint(mailbox, &provider).proxy.url == "direct");
  CHECK(pop3_endpoint(mailbox, &provider).proxy.url == "direct");
  mailbox.smtp.proxy.url = "http://other.example:3128";
  CHECK(smtp_endpoint(mailbox, &provider).proxy.url == "http://other.example:3128");
}

TEST_CASE("the redirect URI follows from the public address and the service",
          "[provider_presets]") {
  provider_record record;
  record.service = "microsoft";
  CHECK(redirect_uri_of(record.service, "https://motion.example.com:9000")
        == "https://motion.example.com:9000/api/cloudProviders/oauth2/Outlook365/callback");
  record.service = "generic";
  CHECK(redirect_uri_of(record.service, "http://localhost:8025")
        == "http://localhost:8025/api/cloudProviders/oauth2/generic/callback");
  CHECK(redirect_uri_of(record.service, "").empty());
}

TEST_CASE("a cloud of Microsoft's has its own login host, mail host and resource",
          "[provider_presets]") {
  provider_record record;
  record.service = "microsoft-china";
  record.tenant_id = "contoso.cn";
  auto found = resolve(record);
  REQUIRE(found);
  CHECK(found->token_endpoint
        == "https://login.partner.microsoftonline.cn/contoso.cn/oauth2/v2.0/token");
  CHECK(found->issuer == "https://login.partner.microsoftonline.cn/{tenantid}/v2.0");
  CHECK(found->imap.host == "partner.outlook.cn");
  CHECK(found->smtp.host == "partner.outlook.cn");
  CHECK(found->pop3.host == "partner.outlook.cn");
  CHECK(found->scopes.back() == "https://partner.outlook.cn/IMAP.AccessAsUser.All");
  record.flow = grant_flow::app_only;
  CHECK(resolve(record)->scopes == std::vector<std::string>{"https://partner.outlook.cn/.default"});
}

TEST_CASE("a refresh at Microsoft asks for offline_access, whatever was granted",
          "[provider_presets]") {
  provider_record record;
  record.service = "microsoft";
  record.tenant_id = "organizations";
  auto standing = resolve(record)->standing_scopes;
  CHECK(std::ranges::find(standing, "offline_access") != standing.end());
  record.service = "google";
  CHECK(resolve(record)->standing_scopes.empty());
}

TEST_CASE("the consent address stands beside Microsoft's authorize address", "[provider_presets]") {
  CHECK(consent_endpoint_beside("https://localhost:1/t/oauth2/v2.0/authorize")
        == "https://localhost:1/t/v2.0/adminconsent");
  CHECK(consent_endpoint_beside("https://id.example/auth").empty());
}
