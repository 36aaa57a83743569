#include "jobs/registration_texts.hpp"

#include <algorithm>
#include <utility>

// No form may cost an app what it has. `az ad app credential reset` stands here with
// `--append` alone, for without it every secret and certificate goes; nothing deletes;
// and what replaces a list says so.

namespace mailfleet::jobs {

namespace {

using replacement = std::pair<std::string_view, std::string_view>;

/// Puts texts in place of their marks. No text holds a mark: they were checked.
std::string fill(std::string_view form, std::initializer_list<replacement> with) {
  std::string text{form};
  for (const auto& [mark, value] : with)
    for (auto at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  return text;
}

const api_resource& resource_of(const registration_plan& plan) {
  return *plan.permissions.front().resource;
}

/// `what(permission)` for each whose id is known, parted by `between`.
std::string each_known(const registration_plan& plan, std::string_view between, auto what) {
  std::string text;
  for (const auto& one : plan.permissions)
    if (!one.id.empty())
      text.append(text.empty() ? std::string_view{} : between).append(what(one));
  return text;
}

/// `before` and the name of each permission that has no known id.
std::string each_unknown(const registration_plan& plan, std::string_view form) {
  std::string text;
  for (const auto& one : plan.permissions)
    if (one.id.empty())
      text += fill(form, {{"<name>", one.name}, {"<resource>", one.resource->app_id}});
  return text;
}

/// The list `requiredResourceAccess`, its first line not indented.
std::string access_list(const registration_plan& plan, const std::string& indent) {
  auto entries = each_known(plan, ",\n", [&](const permission& one) {
    return indent
           + fill(R"(      { "id": "<id>", "type": "<type>" })",
                  {{"<id>", one.id}, {"<type>", one.type}});
  });
  return "[\n" + indent + "  {\n" + indent + "    \"resourceAppId\": \""
         + std::string{resource_of(plan).app_id} + "\",\n" + indent + "    \"resourceAccess\": [\n"
         + entries + "\n" + indent + "    ]\n" + indent + "  }\n" + indent + "]";
}

std::string permission_rows(const registration_plan& plan) {
  std::string rows;
  for (const auto& one : plan.permissions) {
    constexpr std::size_t width = 22;
    auto id = one.id.empty() ? "look its id up in the portal" : one.id;
    rows.append("       ").append(one.name);
    rows.append(width - std::min(width, one.name.size()), ' ').append(id).append(doubt(one.known));
    rows.append("\n         ").append(one.meaning).append("\n");
  }
  return rows;
}

constexpr std::string_view steps_form = R"(At Microsoft: entra.microsoft.com, App registrations
  1. New registration. Name: <name>
  2. Supported account types: "<choice>"<choice doubt>
       <why>
  3. Redirect URI: platform Web (not Single-page application), to the letter:
       <uri>
  4. API permissions > Add a permission > <where>:
<rows>     "Expose an API" is not needed: it is for apps that others call.
  5. <consent>
  6. Certificates & secrets > New client secret: at most 24 months, better under 12.
     Keep its Value (not the Secret ID), which is shown once, in a file, and note its end.
  7. <mailboxes>
)";

constexpr std::string_view admin_step =
    R"(Grant admin consent for the tenant. Since late 2025 people cannot consent to IMAP and
     POP themselves under the default policy. The same by address, for an administrator:
       <url>)";
constexpr std::string_view no_admin_step =
    "No admin consent: each person consents at the first sign-in.";

constexpr std::string_view delegated_mailboxes_step =
    R"(At every mailbox IMAP must be on (admin centre: Mail > Manage email apps; for
     Outlook.com in its settings, where it is off at first). Then each mailbox signs in once.)";
constexpr std::string_view app_mailboxes_step =
    R"(In Exchange Online PowerShell, for the app once and for every mailbox. The object id is
     that of the enterprise application, not of the app registration:
       New-ServicePrincipal -AppId CLIENT_ID -ObjectId ENTERPRISE_APP_OBJECT_ID
       Add-MailboxPermission -Identity MAILBOX -User ENTERPRISE_APP_OBJECT_ID -AccessRights FullAccess
     IMAP must be on at every mailbox (admin centre: Mail > Manage email apps).)";

constexpr std::string_view manifest_form = R"({
  "signInAudience": "<audience>",
  "web": { "redirectUris": ["<uri>"] },
  "requiredResourceAccess": <access>
}
)";

constexpr std::string_view az_form =
    R"(# A shell that is signed in with az login. Not tried against a live tenant.
cat > mailfleet-access.json <<'JSON'
<access>
JSON
<unknown>APP=$(az ad app create --display-name '<name>' --sign-in-audience <audience> \
  --web-redirect-uris '<uri>' \
  --required-resource-accesses @mailfleet-access.json --query appId -o tsv)
az ad sp create --id "$APP"
# --append keeps what is there: without it every secret and certificate of the app goes.
(umask 077 && az ad app credential reset --id "$APP" --append --display-name '<name>-1' \
  --years 1 --query password -o tsv > mailfleet-secret.txt)
<consent>echo "client id: $APP"
)";

constexpr std::string_view az_consent = R"(az ad app permission admin-consent --id "$APP"
)";
constexpr std::string_view az_exchange =
    R"(# For Exchange Online PowerShell: the object id of the enterprise application.
SP=$(az ad sp show --id "$APP" --query id -o tsv)
echo "New-ServicePrincipal -AppId $APP -ObjectId $SP"
echo "Add-MailboxPermission -Identity MAILBOX -User $SP -AccessRights FullAccess"
)";
constexpr std::string_view az_unknown =
    R"(# <name>: its id is not verified, so it is not in the list. To look it up:
#   az ad sp show --id <resource> --query "appRoles[?value=='<name>'].id"
)";

constexpr std::string_view graph_form =
    R"(# With a token that has Application.ReadWrite.All. Not tried against a live tenant.
POST https://graph.microsoft.com/v1.0/applications
Content-Type: application/json

{
  "displayName": "<name>",
  "signInAudience": "<audience>",
  "web": { "redirectUris": ["<uri>"] },
  "requiredResourceAccess": <access>
}

# The answer's appId is CLIENT_ID, its id OBJECT_ID. The enterprise application (this
# request is not verified):
POST https://graph.microsoft.com/v1.0/servicePrincipals
Content-Type: application/json

{ "appId": "CLIENT_ID" }

# A secret beside those that are there; secretText is in this answer alone:
POST https://graph.microsoft.com/v1.0/applications/OBJECT_ID/addPassword
Content-Type: application/json

{ "passwordCredential": { "displayName": "<name>-1", "endDateTime": "<END_DATE>T00:00:00Z" } }

# An app that exists: this REPLACES its whole list of permissions. GET it first, and send
# what is there together with what is new:
PATCH https://graph.microsoft.com/v1.0/applications(appId='CLIENT_ID')
Content-Type: application/json

{ "requiredResourceAccess": <access> }
<consent><exchange>)";

constexpr std::string_view graph_consent = R"(
# Admin consent, in an administrator's browser:
#   <url>
)";
constexpr std::string_view graph_exchange = R"(
# What Graph cannot do, in Exchange Online PowerShell; the object id is the answer's id of
# the second request:
#   New-ServicePrincipal -AppId CLIENT_ID -ObjectId ENTERPRISE_APP_OBJECT_ID
#   Add-MailboxPermission -Identity MAILBOX -User ENTERPRISE_APP_OBJECT_ID -AccessRights FullAccess
)";

constexpr std::string_view powershell_form =
    R"form(# Microsoft Graph PowerShell. Not tried against a live tenant.
Connect-MgGraph -Scopes "Application.ReadWrite.All"
$access = @(
  @{ ResourceAppId = "<resource>"; ResourceAccess = @(
<entries>
  ) }
)
<unknown>$app = New-MgApplication -DisplayName "<name>" -SignInAudience "<audience>" `
  -Web @{ RedirectUris = @("<uri>") } -RequiredResourceAccess $access
$sp = New-MgServicePrincipal -AppId $app.AppId
# Adds a secret; those that are there stay. It is shown once.
$secret = Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential @{
  DisplayName = "<name>-1"; EndDateTime = (Get-Date).AddMonths(11) }
$secret.SecretText | Out-File -Encoding ascii mailfleet-secret.txt
# An app that exists: Update-MgApplication -RequiredResourceAccess REPLACES the whole list.
<exchange>"client id: $($app.AppId), secret until: $($secret.EndDateTime)"
)form";
constexpr std::string_view powershell_consent =
    R"(# Admin consent, in an administrator's browser:
#   <url>
)";
constexpr std::string_view powershell_exchange = R"(# Exchange Online PowerShell, once:
Connect-ExchangeOnline
New-ServicePrincipal -AppId $app.AppId -ObjectId $sp.Id
# and for every mailbox:
Add-MailboxPermission -Identity MAILBOX -User $sp.Id -AccessRights FullAccess
)";
constexpr std::string_view powershell_unknown =
    R"(# <name>: its id is not verified, so it is not in the list; look it up in the portal.
)";

} // namespace

std::string admin_consent_url(const registration_values& values) {
  const auto& plan = values.plan;
  if (!plan.accounts->has_administrator)
    return {};
  // A scope is of the mail server's resource, whatever the portal lists it under.
  std::string scope;
  for (const auto& one : plan.consent_scopes)
    scope.append(scope.empty() ? "" : "%20").append(one);
  bool one_tenant = plan.tenant != "organizations" && plan.tenant != "common";
  return fill("https://login.microsoftonline.com/<tenant>/v2.0/adminconsent?client_id=CLIENT_ID"
              "&redirect_uri=<uri>&state=plan&scope=<scope>",
              {{"<tenant>", one_tenant ? std::string_view{plan.tenant} : "TENANT_ID"},
               {"<uri>", plan.redirect_uri},
               {"<scope>", scope}});
}

std::string microsoft_steps(const registration_values& values) {
  const auto& [wanted, plan] = values;
  auto url = admin_consent_url(values);
  auto consent = url.empty() ? std::string{no_admin_step} : fill(admin_step, {{"<url>", url}});
  auto rows = permission_rows(plan);
  auto where = std::string{wanted.app_only ? "APIs my organization uses > " : ""}
               + std::string{resource_of(plan).name}
               + (wanted.app_only ? " > Application permissions" : " > Delegated permissions");
  return fill(steps_form,
              {{"<name>", wanted.name},
               {"<choice>", plan.accounts->choice},
               {"<choice doubt>", doubt(plan.accounts->known)},
               {"<why>", plan.accounts->why},
               {"<uri>", plan.redirect_uri},
               {"<where>", where},
               {"<rows>", rows},
               {"<consent>", consent},
               {"<mailboxes>", wanted.app_only ? app_mailboxes_step : delegated_mailboxes_step}});
}

std::string microsoft_manifest(const registration_values& values) {
  const auto& plan = values.plan;
  auto access = access_list(plan, "  ");
  return fill(manifest_form, {{"<audience>", plan.accounts->audience},
                              {"<uri>", plan.redirect_uri},
                              {"<access>", access}});
}

std::string microsoft_az(const registration_values& values) {
  const auto& [wanted, plan] = values;
  auto access = access_list(plan, "");
  auto unknown = each_unknown(plan, az_unknown);
  std::string consent{plan.accounts->has_administrator ? az_consent : ""};
  consent += wanted.app_only ? az_exchange : "";
  return fill(az_form, {{"<access>", access},
                        {"<unknown>", unknown},
                        {"<audience>", plan.accounts->audience},
                        {"<uri>", plan.redirect_uri},
                        {"<consent>", consent},
                        {"<name>", wanted.name}});
}

std::string microsoft_graph_requests(const registration_values& values) {
  const auto& [wanted, plan] = values;
  auto access = access_list(plan, "  ");
  auto url = admin_consent_url(values);
  auto consent = url.empty() ? std::string{} : fill(graph_consent, {{"<url>", url}});
  return fill(graph_form, {{"<access>", access},
                           {"<audience>", plan.accounts->audience},
                           {"<uri>", plan.redirect_uri},
                           {"<consent>", consent},
                           {"<exchange>", wanted.app_only ? graph_exchange : ""},
                           {"<name>", wanted.name}});
}

std::string microsoft_powershell(const registration_values& values) {
  const auto& [wanted, plan] = values;
  auto entries = each_known(plan, "\n", [](const permission& one) {
    return fill(R"(    @{ Id = "<id>"; Type = "<type>" }  # <name>)",
                {{"<id>", one.id}, {"<type>", one.type}, {"<name>", one.name}});
  });
  auto unknown = each_unknown(plan, powershell_unknown);
  auto url = admin_consent_url(values);
  auto last = url.empty() ? std::string{} : fill(powershell_consent, {{"<url>", url}});
  last += wanted.app_only ? powershell_exchange : "";
  return fill(powershell_form, {{"<resource>", resource_of(plan).app_id},
                                {"<entries>", entries},
                                {"<unknown>", unknown},
                                {"<audience>", plan.accounts->audience},
                                {"<uri>", plan.redirect_uri},
                                {"<exchange>", last},
                                {"<name>", wanted.name}});
}

} // namespace mailfleet::jobs
