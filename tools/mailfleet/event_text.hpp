#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

/// How events look to a person.
namespace mailfleet::tools {

/// What an event's `detail` says, in words: `parked, token.invalid_grant: The refresh ...`,
/// `secret 1, days 30`. Empty: nothing. What `message show` and `--json` tell besides is left out.
[[nodiscard]] std::string detail_text(const nlohmann::ordered_json& event);

} // namespace mailfleet::tools
