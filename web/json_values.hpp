#pragma once

#include "messages/values/views.hpp"
#include "web/times.hpp"

#include <nlohmann/json.hpp>

#include <optional>

/// What answers of several subjects have in them; for the sources of web/json.hpp and
/// web/json_outbox.hpp only.
namespace mailfleet::web {

/// Null where there is none.
[[nodiscard]] inline nlohmann::ordered_json to_json(const std::optional<wall_time>& time) {
  return time ? nlohmann::ordered_json(to_iso8601(*time)) : nlohmann::ordered_json(nullptr);
}

[[nodiscard]] inline nlohmann::ordered_json to_json(const std::optional<diagnosis>& trouble) {
  if (!trouble)
    return nullptr;
  return {{"code", trouble->code},
          {"what", trouble->what},
          {"who", trouble->who},
          {"cure", trouble->cure},
          {"evidence", trouble->evidence},
          {"since", to_iso8601(trouble->since)},
          {"retry_at", to_json(trouble->retry_at)}};
}

} // namespace mailfleet::web
