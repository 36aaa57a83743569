#pragma once

#include "tools/mailfleet/session.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Mail on its way out, as it is shown.
namespace mailfleet::tools {

using shown_facts = std::vector<std::pair<std::string, std::string>>;

/// What a wait for this mail ends with; nothing: it goes on.
[[nodiscard]] std::optional<exit_status> end_of_wait(const nlohmann::ordered_json& mail);

/// `550 5.1.1 no such user`: what a server said, under this name; `-`: nothing.
[[nodiscard]] std::string said_text(const nlohmann::ordered_json& object, std::string_view field);

/// State, next try, and why it was not sent at once: what the table of diagnoses says of the
/// reason.
[[nodiscard]] shown_facts state_facts(const nlohmann::ordered_json& mail);

/// Why its mailbox sends nothing at present, if so.
void print_trouble(const nlohmann::ordered_json& mail);

/// The recipients with what the server said of each; `only_refused`: those who did not get it.
void print_recipients(const nlohmann::ordered_json& mail, bool only_refused);

/// `ann@example.org +2` of a list of addresses, or of objects that hold one.
[[nodiscard]] std::string addresses_text(const nlohmann::ordered_json& list);

/// All that is known of one mail.
void show_outgoing(const nlohmann::ordered_json& mail);

} // namespace mailfleet::tools
