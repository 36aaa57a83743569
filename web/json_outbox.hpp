#pragma once

#include "messages/values/control.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string_view>

/// Sending as JSON, by the rules of web/json.hpp.
namespace mailfleet::web {

// -- requests ---------------------------------------------------------------

/// Reads the body of `POST /mailboxes/REF/outbox`, without the mailbox; fails like
/// `read_add_provider`. What a mail says is not checked here, but its form.
[[nodiscard]] result<submit_mail> read_submit_mail(std::string_view body);

/// Reads the body of `POST /outbox/KEY/resolve`: `{"how": ...}`.
[[nodiscard]] result<doubt_end> read_doubt_end(std::string_view body);

/// Reads the body of `PUT /mailboxes/REF/sending`; what it does not name is as the service has it.
[[nodiscard]] result<sending_settings> read_sending(std::string_view body);

/// The state of that name, as `to_string` wrote it.
[[nodiscard]] std::optional<outbox_status> parse_outbox_status(std::string_view name) noexcept;

// -- answers ----------------------------------------------------------------

[[nodiscard]] nlohmann::ordered_json to_json(const upload_view& view);
[[nodiscard]] nlohmann::ordered_json to_json(const outbox_view& view);
[[nodiscard]] nlohmann::ordered_json to_json(const outbox_list& list);
[[nodiscard]] nlohmann::ordered_json to_json(const outbox_figures& figures);
/// Numbers stand in it where they are not the service's.
[[nodiscard]] nlohmann::ordered_json to_json(const sending_settings& settings);

} // namespace mailfleet::web
