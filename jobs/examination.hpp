#pragma once

#include "jobs/client_secrets.hpp"
#include "jobs/oauth_faults.hpp"
#include "jobs/provider_presets.hpp"
#include "messages/values/control.hpp"
#include "messages/values/records.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What `mailfleet doctor` says of what was looked at. Each gives one finding, with the
/// cure where it is not green.
namespace mailfleet::jobs {

/// Whether the provider's addresses are known: none: they are; else why not.
[[nodiscard]] finding examine_discovery(const resolved_provider& where,
                                        const std::optional<failure>& unreached,
                                        std::string_view provider);

/// A token request that asked for nothing ended so; none: with a token.
[[nodiscard]] finding examine_credential(const std::optional<token_fault>& ended,
                                         std::string_view provider);

/// By how much our clock is ahead of the identity provider's; none: it did not say.
[[nodiscard]] finding examine_clock(std::optional<std::chrono::seconds> ahead);

/// Whether browsers come back to us. `public_origin` is empty where nothing listens for them.
[[nodiscard]] finding examine_redirect(const provider_record& provider,
                                       std::string_view public_origin);

/// When the client secrets end, and which were refused when.
[[nodiscard]] finding examine_secrets(const provider_record& provider,
                                      const secret_refusals& refused, wall_time now);

/// A finding for each secret whose given end and listed end differ, whatever else is said of
/// the secrets.
[[nodiscard]] std::vector<finding> examine_expiries(const provider_record& provider);

/// The identity provider left this check without an answer for so long.
[[nodiscard]] finding late_finding(std::string check, std::chrono::milliseconds waited);

/// Of a mailbox: signed in, scopes, and its connection to the server. `grant` is null
/// if there is none.
[[nodiscard]] std::vector<finding> findings_of(const mailbox_view& shown, const grant_record* grant,
                                               const resolved_provider* where);

} // namespace mailfleet::jobs
