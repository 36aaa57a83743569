#pragma once

#include "messages/values/control.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <string_view>

/// What is refused before anything is written. Each failure names the field, its
/// fault and the cure, and never the value of a secret.
namespace mailfleet::jobs {

/// Checks every field of a provider that a person gives.
[[nodiscard]] result<void> validate(const provider_record& wanted);

/// Checks every field of a mailbox that a person gives. `provider` is the one
/// named, null if none was.
[[nodiscard]] result<void> validate(const add_mailbox& wanted, const provider_record* provider,
                                    wall_time now);

/// Letters, digits, `.`, `_` and `-`, beginning with a letter or digit: safe in a
/// command line, a file name and a metric.
[[nodiscard]] result<void> check_name(std::string_view field, std::string_view name);

/// An exact redirect URI as it can be registered (RFC 9700 2.1; Microsoft's rules).
[[nodiscard]] result<void> check_redirect_uri(std::string_view field, std::string_view uri);

/// One mail address: one `@`, no blank or control character, the lengths of RFC
/// 5321 4.5.3.1; UTF-8 is allowed (RFC 6531).
[[nodiscard]] result<void> check_address(std::string_view field, std::string_view address);

/// A proxy's address, user and exceptions. Empty is allowed.
[[nodiscard]] result<void> check_proxy(std::string_view field, const proxy_settings& proxy);

/// Host, port, pin and files of a server. `field` is `imap`.
[[nodiscard]] result<void> check_endpoint(std::string_view field, const endpoint& server);

} // namespace mailfleet::jobs
