#include "tools/mailfleet/enclosure.hpp"

#include "protocols/sasl/base64.hpp"
#include "tools/mailfleet/text.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cstdint>

namespace mailfleet::tools {

using nlohmann::json;
using nlohmann::ordered_json;

bool enclosure::put(json& into, part_source& from, std::string first, const std::string& name) {
  auto encoded_bytes = (first.size() + 2) / 3 * 4 + std::string_view{R"(,"content":"")"}.size();
  if (!from.ended() || encoded_bytes > room_)
    return upload(into, from, std::move(first), name);
  room_ -= encoded_bytes;
  into["content"] = sasl::encode_base64(first);
  return true;
}

bool enclosure::upload(json& into, part_source& from, std::string part, const std::string& name) {
  auto answer = with_.ask("POST", "/mailboxes/" + web::percent_encode(mailbox_) + "/uploads");
  if (!answer)
    return false;
  auto key = text_at(ordered_json::parse(*answer, nullptr, false), "key");
  progress_line progress{!with_.json};
  std::uint64_t done = 0;
  for (std::uint64_t number = 0;; ++number) {
    // Given once more, the last part does no harm.
    if (!with_.ask_twice(
            "PUT", fmt::format("/uploads/{}/parts/{}", web::percent_encode(key), number), part))
      return false;
    done += part.size();
    progress.tell(fmt::format("uploading {}: {}{}", printable(name), size_text(done),
                              from.size() ? " of " + size_text(*from.size()) : ""));
    if (from.ended())
      break;
    auto next = from.next();
    if (!next) {
      with_.refuse(next.error(), exit_usage);
      return false;
    }
    part = *std::move(next);
  }
  into["upload"] = key;
  return true;
}

} // namespace mailfleet::tools
