#pragma once

#include "jobs/registration_facts.hpp"
#include "messages/values/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Everything that must be entered at an identity provider so that this very
/// installation can sign mailboxes in. Text only: nothing is contacted or changed.
namespace mailfleet::jobs {

/// What the plan is for.
struct registration_wish {
  /// Of the registration and of the provider here.
  std::string name = "mailfleet";
  std::string service;
  /// Empty: the service's own.
  std::string type;
  /// Scheme, host and port as browsers see them: `callback.public_url`.
  std::string public_url;
  /// Empty: one tenant whose id is filled in later.
  std::string tenant;
  /// The app acts for itself, nobody signs in (Microsoft).
  bool app_only = false;
  /// For a service that is found by discovery; empty: filled in later.
  std::string discovery_url;
};

/// The plan, in every form there is for the service. No form holds a command that
/// takes away a secret or certificate that an app has.
struct registration_plan {
  std::string redirect_uri;
  /// The tenant, or the word to be replaced by it; empty for a service without.
  std::string tenant;
  std::vector<std::string> scopes;
  /// What an administrator is asked to consent to.
  std::vector<std::string> consent_scopes;
  std::vector<std::string> grant_types;
  /// Of Microsoft; null and empty for others.
  const account_type* accounts = nullptr;
  std::span<const permission> permissions;
  /// What to know besides, a sentence or two each.
  std::vector<std::string> notes;

  // -- the forms ----------------------------------------------------------------

  /// For a person: what to enter where.
  std::string steps;
  /// JSON; empty for others than Microsoft, as are the three below.
  std::string manifest;
  /// Commands for a shell.
  std::string az;
  /// HTTP requests.
  std::string graph;
  /// Commands for PowerShell.
  std::string powershell;

  /// The command that tells this program of the registration.
  std::string add_command;
};

/// Makes the plan. Refuses what `validate` would refuse of the provider later, and
/// a public URL that browsers would write otherwise, naming field and cure.
[[nodiscard]] result<registration_plan> plan_registration(const registration_wish& wanted);

} // namespace mailfleet::jobs
