#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// What Microsoft's portal calls things, in one table. Numbers and names here are
/// facts of another company: each says how well it is known.
namespace mailfleet::jobs {

/// An API that permissions belong to.
struct api_resource {
  std::string_view name;
  /// `resourceAppId` in a manifest.
  std::string_view app_id;
};

inline constexpr api_resource microsoft_graph{"Microsoft Graph",
                                              "00000003-0000-0000-c000-000000000000"};
inline constexpr api_resource exchange_online{"Office 365 Exchange Online",
                                              "00000002-0000-0ff1-ce00-000000000000"};

/// How an id was learnt.
enum class proof : std::uint8_t {
  listed = 1,   ///< In a published copy of Microsoft's own list.
  observed = 2, ///< In public scripts; not found in Microsoft's documents.
  none = 3,     ///< Not verified: the id is empty.
};

/// One permission of an app registration.
struct permission {
  std::string_view name;
  std::string_view id;
  const api_resource* resource;
  /// In a manifest: `Scope` is delegated, `Role` is the app's own.
  std::string_view type;
  proof known;
  /// Whether mailboxes of this program work without it today.
  bool optional;
  std::string_view meaning;
};

/// The permissions of a registration whose mailboxes sign in one by one.
[[nodiscard]] std::span<const permission> delegated_permissions();

/// The permissions of a registration that acts for itself, without sign-ins.
[[nodiscard]] std::span<const permission> app_permissions();

/// Who may sign in: one of the portal's *supported account types*.
struct account_type {
  /// As the portal names it.
  std::string_view choice;
  /// `signInAudience` in a manifest.
  std::string_view audience;
  std::string_view why;
  proof known;
  /// Whether there is an administrator who can consent for all.
  bool has_administrator;
};

/// The account type that belongs to a tenant, as `check_tenant` takes it. Empty
/// is a tenant whose id is not known yet.
[[nodiscard]] const account_type& account_type_for(std::string_view tenant);

/// ` (not verified: ...)`, or nothing for what is listed.
[[nodiscard]] std::string_view doubt(proof known);

} // namespace mailfleet::jobs
