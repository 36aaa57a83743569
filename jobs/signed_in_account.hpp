#pragma once

#include "messages/values/records.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Whether the account that signed in may be a mailbox's.
namespace mailfleet::jobs {

/// What an id_token says of the account, and how it is shown.
struct account_claims {
  std::string_view preferred_username;
  std::string_view email;
  /// Microsoft's `tid`; empty: another provider's token.
  std::string_view tenant;
  /// For people.
  std::string_view shown;
};

/// Why the account is not the mailbox's: a sentence with both names. None: it is the
/// mailbox's or its delegate's, or the token names no address and the mail server decides.
/// `only_tenant` is the one tenant that may sign in; empty: several may. An `email` of
/// Microsoft's admits nobody but there: any tenant writes into it what it likes
/// (https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference).
[[nodiscard]] std::optional<std::string> other_account(const account_claims& who,
                                                       const mailbox_record& mailbox,
                                                       std::string_view only_tenant);

} // namespace mailfleet::jobs
