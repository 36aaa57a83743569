#include "jobs/registration_facts.hpp"

#include <array>

namespace mailfleet::jobs {

namespace {

constexpr std::array delegated{
    permission{"offline_access", "7427e0e9-2fba-42fe-b0c0-848c9e6a8182", &microsoft_graph, "Scope",
               proof::listed, false, "a refresh token, so that nobody signs in every hour"},
    permission{"openid", "37f7f235-527c-4136-accd-4a02d197296e", &microsoft_graph, "Scope",
               proof::listed, false, "who signed in"},
    permission{"email", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", &microsoft_graph, "Scope",
               proof::listed, false, "the address of who signed in"},
    permission{"profile", "14dad69e-099b-42c9-810b-d002981feec1", &microsoft_graph, "Scope",
               proof::listed, false, "the name of who signed in"},
    permission{"IMAP.AccessAsUser.All", "652390e4-393a-48de-9484-05f9b1212954", &microsoft_graph,
               "Scope", proof::listed, false, "fetching mail"},
    permission{"POP.AccessAsUser.All", "d7b7f2d9-0f45-4ea1-9d42-e50810c06991", &microsoft_graph,
               "Scope", proof::listed, true, "fetching mail over POP3, which is not used today"},
    permission{"SMTP.Send", "258f6531-6087-4cc4-bb90-092c5fb3ed3f", &microsoft_graph, "Scope",
               proof::listed, true, "sending mail, which is not used today"},
};

constexpr std::array app_only{
    permission{"IMAP.AccessAsApp", "5e5addcd-3e8d-4e90-baf5-964efab2b20a", &exchange_online, "Role",
               proof::observed, false, "fetching mail"},
    permission{"POP.AccessAsApp", "cb842b43-da6e-4506-86fe-bb12199c656d", &exchange_online, "Role",
               proof::observed, true, "fetching mail over POP3, which is not used today"},
    permission{"SMTP.SendAsApp", "", &exchange_online, "Role", proof::none, true,
               "sending mail, which is not used today"},
};

constexpr account_type one_tenant{
    "Accounts in this organizational directory only", "AzureADMyOrg",
    "All mailboxes live in one tenant; Microsoft recommends it for most apps. The tenant is then "
    "named by its directory (tenant) id: organizations or common would be refused (AADSTS50194).",
    proof::listed, true};
constexpr account_type any_tenant{
    "Accounts in any organizational directory", "AzureADMultipleOrgs",
    "One registration serves the mailboxes of several tenants. An administrator of each of them "
    "consents.",
    proof::listed, true};
constexpr account_type any_account{
    "Accounts in any organizational directory and personal Microsoft accounts",
    "AzureADandPersonalMicrosoftAccount",
    "Mailboxes of several tenants, and Outlook.com. An administrator of each tenant consents; a "
    "personal account consents for itself.",
    proof::listed, true};
constexpr account_type personal_account{
    "Personal Microsoft accounts only", "PersonalMicrosoftAccount",
    "Outlook.com mailboxes alone. There is no administrator: every person consents.", proof::none,
    false};

} // namespace

std::span<const permission> delegated_permissions() {
  return delegated;
}

std::span<const permission> app_permissions() {
  return app_only;
}

const account_type& account_type_for(std::string_view tenant) {
  if (tenant == "organizations")
    return any_tenant;
  if (tenant == "common")
    return any_account;
  return tenant == "consumers" ? personal_account : one_tenant;
}

std::string_view doubt(proof known) {
  switch (known) {
  case proof::listed: return {};
  case proof::observed: return " (not verified: seen in public scripts)";
  case proof::none: break;
  }
  return " (not verified)";
}

} // namespace mailfleet::jobs
