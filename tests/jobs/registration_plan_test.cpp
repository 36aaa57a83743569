#include "jobs/provider_presets.hpp"
#include "jobs/registration_plan.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

using namespace mailfleet;
using namespace mailfleet::jobs;

namespace {

constexpr const char* tenant_id = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
constexpr const char* callback =
    "https://motion.example.com/api/cloudProviders/oauth2/Outlook365/callback";

registration_wish microsoft(std::string tenant = {}) {
  registration_wish wanted;
  wanted.service = "microsoft";
  wanted.type = "Outlook365";
  wanted.public_url = "https://motion.example.com";
  wanted.tenant = std::move(tenant);
  return wanted;
}

registration_wish app_only(std::string tenant = {}) {
  auto wanted = microsoft(std::move(tenant));
  wanted.app_only = true;
  return wanted;
}

registration_wish at(std::string public_url) {
  auto wanted = microsoft();
  wanted.public_url = std::move(public_url);
  return wanted;
}

registration_plan made(const registration_wish& wanted) {
  auto plan = plan_registration(wanted);
  REQUIRE(plan);
  return *std::move(plan);
}

std::string refusal(const registration_wish& wanted) {
  auto plan = plan_registration(wanted);
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == errc::invalid_argument);
  return plan.error().detail;
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

std::vector<std::string> forms_of(const registration_plan& plan) {
  return {plan.steps, plan.manifest, plan.az, plan.graph, plan.powershell};
}

std::vector<registration_wish> every_wish() {
  return {microsoft(),         microsoft(tenant_id),     microsoft("organizations"),
          microsoft("common"), microsoft("consumers"),   app_only(),
          app_only(tenant_id), app_only("organizations")};
}

} // namespace

TEST_CASE("the redirect URI is the callback of this installation, in every form",
          "[registration_plan]") {
  for (const auto& wanted : every_wish()) {
    auto plan = made(wanted);
    CHECK(plan.redirect_uri == callback);
    for (const auto& form : forms_of(plan))
      CHECK(holds(form, callback));
    CHECK(holds(plan.add_command, std::string{"--redirect-uri "} + callback + "\n"));
  }
  CHECK(made(at("https://motion.example.com:9000")).redirect_uri
        == "https://motion.example.com:9000/api/cloudProviders/oauth2/Outlook365/callback");
  CHECK(made(at("http://localhost:8025")).redirect_uri
        == "http://localhost:8025/api/cloudProviders/oauth2/Outlook365/callback");
}

TEST_CASE("a type that is left out is the service's own", "[registration_plan]") {
  auto wanted = microsoft();
  wanted.type.clear();
  CHECK(made(wanted).redirect_uri == callback);
  wanted.type = "Gmail";
  CHECK(holds(refusal(wanted), "type does not belong to the service; give Outlook365"));
}

TEST_CASE("every known permission stands in every form by its id", "[registration_plan]") {
  for (const auto& wanted : every_wish()) {
    auto plan = made(wanted);
    for (const auto& one : plan.permissions)
      for (const auto& form : forms_of(plan))
        if (!one.id.empty())
          CHECK(holds(form, one.id));
    for (const auto& form : {plan.manifest, plan.az, plan.graph, plan.powershell})
      CHECK(holds(form, plan.permissions.front().resource->app_id));
  }
}

TEST_CASE("the ids are those of Microsoft's list", "[registration_plan]") {
  auto manifest = made(microsoft()).manifest;
  for (const auto* id :
       {"00000003-0000-0000-c000-000000000000", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
        "7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "37f7f235-527c-4136-accd-4a02d197296e",
        "14dad69e-099b-42c9-810b-d002981feec1", "652390e4-393a-48de-9484-05f9b1212954",
        "d7b7f2d9-0f45-4ea1-9d42-e50810c06991", "258f6531-6087-4cc4-bb90-092c5fb3ed3f"})
    CHECK(holds(manifest, id));
  auto of_app = made(app_only()).manifest;
  for (const auto* id :
       {"00000002-0000-0ff1-ce00-000000000000", "5e5addcd-3e8d-4e90-baf5-964efab2b20a",
        "cb842b43-da6e-4506-86fe-bb12199c656d"})
    CHECK(holds(of_app, id));
  CHECK(holds(manifest, "\"type\": \"Scope\""));
  CHECK(holds(of_app, "\"type\": \"Role\""));
}

TEST_CASE("no command takes away a secret or certificate", "[registration_plan]") {
  for (const auto& wanted : every_wish()) {
    auto plan = made(wanted);
    for (const auto& form : forms_of(plan)) {
      std::istringstream lines{form};
      for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        if (holds(line, "credential reset"))
          CHECK(holds(line, "--append"));
      }
      for (const auto* taking :
           {"credential delete", "removePassword", "Remove-", "DELETE", "app delete", "app update",
            "passwordCredentials", "keyCredentials", "PUT "})
        CHECK_FALSE(holds(form, taking));
    }
    CHECK(holds(plan.az, "credential reset"));
  }
}

TEST_CASE("what replaces a list says so before it does", "[registration_plan]") {
  auto plan = made(microsoft());
  auto warning = plan.graph.find("REPLACES its whole list");
  CHECK(warning < plan.graph.find("PATCH "));
  CHECK(holds(plan.powershell, "# An app that exists: Update-MgApplication"));
}

TEST_CASE("app-only needs the enterprise application and every mailbox at Exchange",
          "[registration_plan]") {
  auto plan = made(app_only(tenant_id));
  for (const auto& form : {plan.steps, plan.az, plan.graph, plan.powershell}) {
    CHECK(holds(form, "New-ServicePrincipal -AppId "));
    CHECK(holds(form, "Add-MailboxPermission -Identity MAILBOX "));
  }
  CHECK(plan.grant_types == std::vector<std::string>{"client_credentials"});
  CHECK(plan.scopes == std::vector<std::string>{"https://outlook.office365.com/.default"});
  CHECK_FALSE(holds(made(microsoft()).az, "New-ServicePrincipal"));
  CHECK(holds(refusal(app_only("common")), "tenant_id has no administrator"));
  CHECK(holds(refusal(app_only("consumers")), "give the directory (tenant) id"));
}

TEST_CASE("what is not verified is said to be", "[registration_plan]") {
  auto plan = made(app_only());
  CHECK(holds(plan.steps, "SMTP.SendAsApp        look its id up in the portal (not verified)"));
  CHECK(holds(plan.az, "# SMTP.SendAsApp: its id is not verified"));
  CHECK(holds(plan.powershell, "# SMTP.SendAsApp: its id is not verified"));
  CHECK(std::ranges::any_of(plan.notes, [](const auto& note) {
    return note.starts_with("Not verified") && holds(note, "IMAP.AccessAsApp");
  }));
  CHECK(holds(made(microsoft("consumers")).steps, "accounts only\" (not verified)"));
}

TEST_CASE("the permission to read the secrets' ends is optional", "[registration_plan]") {
  auto names_it = [](const registration_wish& wanted) {
    auto plan = made(wanted);
    CHECK_FALSE(holds(plan.manifest, "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"));
    return std::ranges::any_of(plan.notes, [](const auto& note) {
      return note.starts_with("Optional:") && holds(note, "Application.Read.All");
    });
  };
  CHECK(names_it(microsoft()));
  CHECK(names_it(app_only()));
  CHECK_FALSE(names_it(microsoft("consumers")));
}

TEST_CASE("the tenant decides the account type", "[registration_plan]") {
  for (const auto& [tenant, audience] :
       {std::pair{"", "AzureADMyOrg"}, std::pair{tenant_id, "AzureADMyOrg"},
        std::pair{"contoso.onmicrosoft.com", "AzureADMyOrg"},
        std::pair{"organizations", "AzureADMultipleOrgs"},
        std::pair{"common", "AzureADandPersonalMicrosoftAccount"},
        std::pair{"consumers", "PersonalMicrosoftAccount"}}) {
    CAPTURE(tenant);
    auto plan = made(microsoft(tenant));
    CHECK(plan.accounts->audience == audience);
    CHECK(holds(plan.steps, plan.accounts->choice));
    CHECK(holds(plan.steps, plan.accounts->why));
    for (const auto& form : {plan.manifest, plan.az, plan.graph, plan.powershell})
      CHECK(holds(form, audience));
  }
  CHECK(holds(made(microsoft()).add_command, "--tenant TENANT_ID "));
  CHECK(holds(made(microsoft(tenant_id)).add_command, std::string{"--tenant "} + tenant_id));
  CHECK(holds(refusal(microsoft("no tenant")), "tenant_id is no tenant; give the directory"));
}

TEST_CASE("an administrator consents to the mail server's own scopes", "[registration_plan]") {
  CHECK(holds(made(microsoft(tenant_id)).steps,
              std::string{"https://login.microsoftonline.com/"} + tenant_id
                  + "/v2.0/adminconsent?client_id=CLIENT_ID&redirect_uri=" + callback));
  CHECK(holds(made(microsoft()).steps, "%20https://outlook.office.com/IMAP.AccessAsUser.All\n"));
  CHECK(holds(made(app_only()).steps, "scope=https://ps.outlook.com/.default\n"));
  CHECK_FALSE(holds(made(microsoft("consumers")).steps, "adminconsent"));
  CHECK_FALSE(holds(made(microsoft("consumers")).az, "admin-consent"));
}

TEST_CASE("the plan and a consent link name the same scopes", "[registration_plan]") {
  for (const auto& wanted : every_wish()) {
    provider_record record;
    record.service = wanted.service;
    record.tenant_id = wanted.tenant;
    record.flow = wanted.app_only ? grant_flow::app_only : grant_flow::delegated;
    auto plan = made(wanted);
    CHECK(plan.consent_scopes == resolve(record)->consent_scopes);
    CHECK(plan.scopes == resolve(record)->scopes);
  }
}

TEST_CASE("a public URL that cannot be registered is refused with field and cure",
          "[registration_plan]") {
  for (const auto& [url, fault, cure] :
       {std::tuple{"", "is empty", "give what browsers begin the address with"},
        std::tuple{"motion.example.com", "is no address", "https://motion.example.com"},
        std::tuple{"http://motion.example.com", "is not https", "use https://"},
        std::tuple{"https://motion.example.com/", "has more than scheme, host and port", "give"},
        std::tuple{"https://motion.example.com/base", "has more than scheme", "give"},
        std::tuple{"https://a@motion.example.com", "has more than scheme", "give"},
        std::tuple{"https://motion.example.com#x", "has more than scheme", "give"},
        std::tuple{"https://motion.example.com:443", "names the port", "leave ':443' out"},
        std::tuple{"http://localhost:80", "names the port", "leave ':80' out"},
        std::tuple{"https://*.example.com", "is no address", "give"},
        std::tuple{"https://motion.example.com:0", "is no address", "give"},
        std::tuple{"http://[::1]:8025", "Microsoft does not register", "give http://localhost"}}) {
    CAPTURE(url);
    auto words = refusal(at(url));
    CHECK(words.starts_with("public_url "));
    CHECK(holds(words, fault));
    CHECK(holds(words, cure));
  }
}

TEST_CASE("a redirect URI is refused from one byte too many", "[registration_plan]") {
  // 189 bytes of host make 255 with scheme and path.
  auto path = redirect_uri_of("microsoft", "https://").size();
  auto host = [&](std::size_t bytes) {
    std::string name;
    while (name.size() < bytes)
      name.append(std::min<std::size_t>(bytes - name.size(), 50) - 1, 'a').append(".");
    name.back() = 'a';
    return "https://" + name;
  };
  CHECK(made(at(host(255 - path))).redirect_uri.size() == 255);
  CHECK(holds(refusal(at(host(256 - path))), "public_url is too long; give at most 255 bytes"));
}

TEST_CASE("a name that could end a quotation is refused", "[registration_plan]") {
  auto wanted = microsoft();
  wanted.name = "a'; rm -rf \"$HOME";
  CHECK(holds(refusal(wanted), "name has other characters"));
  wanted.name = "office-2";
  CHECK(holds(made(wanted).az, "--display-name 'office-2' "));
}

TEST_CASE("any OpenID provider gets its redirect URI, scopes and grants", "[registration_plan]") {
  registration_wish wanted;
  wanted.service = "generic";
  wanted.public_url = "https://motion.example.com";
  auto plan = made(wanted);
  CHECK(plan.redirect_uri
        == "https://motion.example.com/api/cloudProviders/oauth2/generic/callback");
  CHECK(holds(plan.steps, plan.redirect_uri));
  CHECK(holds(plan.steps, "Scopes: openid email offline_access\n"));
  CHECK(holds(plan.steps, "authorization_code, refresh_token"));
  CHECK(holds(plan.add_command, "--discovery DISCOVERY_URL --imap-host IMAP_HOST"));
  CHECK(plan.manifest + plan.az + plan.graph + plan.powershell == "");
  wanted.tenant = tenant_id;
  CHECK(holds(refusal(wanted), "tenant_id does not belong to this service; leave it out"));
  wanted.tenant.clear();
  wanted.app_only = true;
  CHECK(holds(refusal(wanted), "app_only belongs to the service microsoft; leave it out"));
  wanted.service = "yahoo";
  CHECK(holds(refusal(wanted), "service is unknown; give one of: microsoft"));
  wanted.app_only = false;
  wanted.service = "google";
  CHECK(holds(made(wanted).steps, "https://mail.google.com/"));
  CHECK_FALSE(holds(made(wanted).add_command, "--discovery"));
}

TEST_CASE("a national cloud's plan is refused rather than guessed", "[registration_plan]") {
  auto wanted = microsoft("organizations");
  wanted.service = "microsoft-china";
  auto plan = plan_registration(wanted);
  REQUIRE_FALSE(plan);
  CHECK(plan.error().detail.find("service") != std::string::npos);
}
