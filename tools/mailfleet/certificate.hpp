#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace mailfleet::tools {

class session;

/// Shows the certificate of the server in `imap` and asks on the terminal whether
/// to trust it. The pin to add; empty if its CA is trusted and no pin is needed.
/// Nothing: it was refused, and that was shown.
[[nodiscard]] std::optional<std::string> confirm_certificate(session& with,
                                                             const nlohmann::json& imap);

} // namespace mailfleet::tools
