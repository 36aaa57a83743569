#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <utility>
#include <vector>

namespace mailfleet::tools {

/// How a mailbox sends: what its `sending` says, in words.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
sending_facts(const nlohmann::ordered_json& mailbox);

/// Why a mailbox sends nothing at present, a line each; nothing if it sends.
[[nodiscard]] std::vector<std::string> sending_trouble_lines(const nlohmann::ordered_json& mailbox);

} // namespace mailfleet::tools
