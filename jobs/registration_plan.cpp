#include "jobs/registration_plan.hpp"

#include "jobs/provider_presets.hpp"
#include "jobs/registration_texts.hpp"
#include "jobs/validation.hpp"
#include "messages/values/url.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::jobs {

namespace {

/// Stands where only the person knows the value; in a command it is to be replaced.
constexpr std::string_view unknown_tenant = "TENANT_ID";
constexpr std::string_view unknown_discovery = "DISCOVERY_URL";

// -- checks -----------------------------------------------------------------

/// Scheme, host and port, written as a browser writes them.
result<void> check_public_url(std::string_view text) {
  constexpr std::string_view field = "public_url";
  constexpr auto cure = "give what browsers begin the address with, such as "
                        "https://motion.example.com or https://motion.example.com:9000";
  auto address = parse_url(text);
  if (!address)
    return bad_field(field, text.empty() ? "is empty" : "is no address", cure);
  if (!address->path.empty() || address->query || address->has_fragment || address->has_user_info)
    return bad_field(field, "has more than scheme, host and port", cure);
  if (address->port == (address->scheme == "https" ? 443 : 80))
    return bad_field(field, "names the port that its scheme has anyway",
                     "leave ':" + std::to_string(*address->port)
                         + "' out, as browsers do: the registered URI is compared to the letter");
  return {};
}

/// What Microsoft registers less than others do (loopback by name).
result<void> check_microsoft(const registration_wish& wanted) {
  auto address = parse_url(wanted.public_url);
  if (address && address->host == "::1")
    return bad_field("public_url", "is an address that Microsoft does not register",
                     "give http://localhost with the port");
  if (wanted.app_only && admits_personal_accounts(wanted.tenant))
    return bad_field("tenant_id", "has no administrator to admit an app (AADSTS9001023)",
                     "give the directory (tenant) id, or organizations");
  return {};
}

/// The provider that the plan leads to, as far as it is known.
provider_record provider_of(const registration_wish& wanted, const registration_plan& plan) {
  provider_record record;
  record.name = wanted.name;
  record.service = wanted.service;
  record.type = wanted.type;
  record.tenant_id = wanted.tenant;
  record.client_id = "CLIENT_ID";
  record.auth = client_auth::none;
  record.redirect_uri = plan.redirect_uri;
  record.discovery_url = wanted.discovery_url;
  return record;
}

/// Refuses what the daemon would refuse; what is filled in later is taken as right.
result<void> check_provider(const registration_wish& wanted, const registration_plan& plan,
                            const provider_preset& preset) {
  auto record = provider_of(wanted, plan);
  if (preset.needs_tenant && record.tenant_id.empty())
    record.tenant_id = "00000000-0000-0000-0000-000000000000";
  if (preset.token_endpoint.empty() && record.discovery_url.empty())
    record.discovery_url = "https://id.example/.well-known/openid-configuration";
  if (preset.imap_host.empty())
    record.imap.host = "imap.example";
  // Secrets, whose dates alone need the time, are filled in later.
  return validate(record, wall_time{});
}

// -- words ------------------------------------------------------------------

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text.append(text.empty() ? "" : " ").append(word);
  return text;
}

std::string add_command(const registration_wish& wanted, const registration_plan& plan,
                        const provider_preset& preset) {
  std::string text = "mailfleet provider add " + wanted.name + " --service " + wanted.service;
  if (!preset.type.empty())
    text.append(" --type ").append(preset.type);
  if (!plan.tenant.empty())
    text.append(" --tenant ").append(plan.tenant);
  text += " \\\n    --client-id CLIENT_ID --secret-file mailfleet-secret.txt"
          " --secret-expires END_DATE";
  if (wanted.app_only)
    text += " --app-only";
  if (preset.token_endpoint.empty())
    text.append(" \\\n    --discovery ")
        .append(wanted.discovery_url.empty() ? unknown_discovery : wanted.discovery_url)
        .append(" --imap-host IMAP_HOST");
  return text.append(" \\\n    --redirect-uri ").append(plan.redirect_uri).append("\n");
}

std::string openid_steps(const registration_wish& wanted, const registration_plan& plan) {
  std::string text =
      "At the identity provider, a client of kind web (confidential):\n"
      "  1. Redirect URI, to the letter:\n       "
      + plan.redirect_uri
      + "\n  2. Response type: code. Grant types: authorization_code, refresh_token.\n"
        "     PKCE with S256 is always sent, and a state and a nonce.\n"
        "  3. Scopes: "
      + joined(plan.scopes)
      + "\n     and what the mail server asks for in a token besides (--scope).\n"
        "  4. Client authentication: a secret in the form (--auth post) or in a\n"
        "     header (--auth basic). A client without a secret: --auth none.\n"
        "  5. The id_token must name the account: email or preferred_username.\n"
        "  6. The IMAP server must take these tokens (XOAUTH2 or OAUTHBEARER).\n";
  if (wanted.service == "google")
    text += "  7. Google: the scope is a restricted one, and the app needs Google's review. An\n"
            "     external app that is in testing loses its sign-ins after 7 days.\n";
  return text;
}

// -- notes ------------------------------------------------------------------

std::string port_note(const url& address) {
  if (address.host == "localhost")
    return "For localhost Microsoft ignores the port; it is for trying things out.";
  if (is_loopback(address.host))
    return "The portal's field takes localhost only; 127.0.0.1 is registered in the manifest.";
  if (address.port)
    return "The port is part of the URI: right if browsers reach the host on port "
           + std::to_string(*address.port) + ", and wrong behind a proxy on 443.";
  return "No port is in the URI: right behind a proxy on 443. If browsers need a port, the public "
         "URL must hold it.";
}

std::string names_where(std::span<const permission> all, auto which) {
  std::string text;
  for (const auto& one : all)
    if (which(one))
      text.append(text.empty() ? "" : ", ").append(one.name);
  return text;
}

void add_microsoft_notes(const registration_wish& wanted, registration_plan& plan) {
  auto& notes = plan.notes;
  notes.push_back(port_note(parse_url(wanted.public_url).value_or(url{})));
  notes.push_back(
      "Fetching mail does without "
      + names_where(plan.permissions, [](const permission& one) { return one.optional; })
      + "; leave them out where least privilege is the rule.");
  if (auto doubtful = names_where(plan.permissions,
                                  [](const permission& one) { return one.known != proof::listed; });
      !doubtful.empty())
    notes.push_back("Not verified in Microsoft's own list: the ids of " + doubtful
                    + ". Compare them in the portal.");
  if (!admits_personal_accounts(wanted.tenant))
    notes.emplace_back(
        "Optional: with the application permission Application.Read.All of Microsoft Graph "
        "(9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30, not verified: seen in public scripts), or "
        "Application.ReadWrite.OwnedBy where the app is its own owner, and admin consent, "
        "mailfleetd reads by itself when the secrets end. Without it, it warns by "
        "--secret-expires. The first lets the app read every registration of the tenant.");
  if (wanted.app_only) {
    notes.emplace_back("No sign-in limits an app-only registration: Add-MailboxPermission alone "
                       "decides which mailboxes it opens.");
    return;
  }
  if (plan.accounts->has_administrator)
    notes.emplace_back(
        "The portal lists IMAP, POP and SMTP under Microsoft Graph, but tokens are asked for with "
        "https://outlook.office.com/. Whether consent to the former covers the latter is not "
        "verified: the consent address names the latter.");
}

// -- the plan ---------------------------------------------------------------

void complete_microsoft(const registration_wish& wanted, registration_plan& plan) {
  plan.accounts = &account_type_for(wanted.tenant);
  plan.permissions = wanted.app_only ? app_permissions() : delegated_permissions();
  if (wanted.app_only)
    plan.grant_types = {"client_credentials"};
  add_microsoft_notes(wanted, plan);
  registration_values values{wanted, plan};
  plan.steps = microsoft_steps(values);
  plan.manifest = microsoft_manifest(values);
  plan.az = microsoft_az(values);
  plan.graph = microsoft_graph_requests(values);
  plan.powershell = microsoft_powershell(values);
}

} // namespace

result<registration_plan> plan_registration(const registration_wish& wanted) {
  if (auto checked = check_public_url(wanted.public_url); !checked)
    return checked.error();
  const auto* preset = find_preset(wanted.service);
  registration_plan plan;
  plan.redirect_uri = redirect_uri_of(wanted.service, wanted.public_url);
  // By the field that the person gave.
  if (auto checked = check_redirect_uri("public_url", plan.redirect_uri); !checked)
    return checked.error();
  bool microsoft = wanted.service == "microsoft";
  if (auto checked = microsoft ? check_microsoft(wanted) : result<void>{}; !checked)
    return checked.error();
  if (auto checked = check_provider(wanted, plan, preset ? *preset : provider_preset{}); !checked)
    return checked.error();
  // Their portals, permissions and addresses are others, which nobody has compared.
  if (!microsoft && preset->needs_tenant)
    return bad_field("service", "is a national cloud, whose portal this plan does not know",
                     "read the plan for microsoft as a guide, and register in that cloud's portal");
  if (wanted.app_only && !microsoft)
    return bad_field("app_only", "belongs to the service microsoft", "leave it out");
  if (preset->needs_tenant)
    plan.tenant = wanted.tenant.empty() ? std::string{unknown_tenant} : wanted.tenant;
  auto record = provider_of(wanted, plan);
  record.flow = wanted.app_only ? grant_flow::app_only : grant_flow::delegated;
  auto known = resolve(record);
  if (!known)
    return known.error();
  plan.scopes = std::move(known->scopes);
  plan.consent_scopes = std::move(known->consent_scopes);
  plan.grant_types = {"authorization_code", "refresh_token"};
  if (microsoft)
    complete_microsoft(wanted, plan);
  else
    plan.steps = openid_steps(wanted, plan);
  plan.notes.insert(plan.notes.begin(),
                    "mailfleetd needs the same address: callback.public_url = \""
                        + wanted.public_url + "\".");
  plan.add_command = add_command(wanted, plan, *preset);
  return plan;
}

} // namespace mailfleet::jobs
