#pragma once

#include "messages/values/control.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mailfleet::jobs {

/// What of an authorize address a prompt changes.
struct authorize_hints {
  /// Empty: none is given.
  std::string login_hint;
  std::vector<std::pair<std::string, std::string>> extra;
  bool operator==(const authorize_hints&) const = default;
};

/// Asks for `prompt` besides what the provider's row asks for: a row's own prompt stays
/// beside it (Google gives a refresh token after `consent` only), but for `none`, which
/// stands alone (OpenID Connect Core 3.1.2.1). With `select_account` no account is named:
/// Microsoft refuses both together
/// (https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc).
[[nodiscard]] authorize_hints with_prompt(authorize_hints hints,
                                          std::optional<sign_in_prompt> prompt);

} // namespace mailfleet::jobs
