#include "protocols/sasl/error_challenge.hpp"

#include "messages/values/errors.hpp"
#include "protocols/sasl/base64.hpp"
#include "protocols/sasl/limits.hpp"

#include <nlohmann/json.hpp>

namespace mailfleet::sasl {

namespace {

std::string field_of(const nlohmann::json& object, const char* name) {
  auto field = object.find(name);
  if (field == object.end())
    return {};
  if (field->is_string())
    return printable(field->get_ref<const std::string&>(), max_challenge_field_bytes);
  return field->is_number_unsigned() ? std::to_string(field->get<std::uint64_t>()) : std::string{};
}

} // namespace

std::optional<error_challenge> read_error_challenge(std::string_view base64) {
  if (base64.size() > max_challenge_bytes)
    return std::nullopt;
  auto text = decode_base64(base64);
  if (!text)
    return std::nullopt;
  bool too_deep = false;
  auto shallow = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    too_deep = too_deep || depth > max_challenge_depth;
    return !too_deep;
  };
  auto object = nlohmann::json::parse(*text, shallow, false);
  if (too_deep || !object.is_object())
    return std::nullopt;
  return error_challenge{field_of(object, "status"), field_of(object, "scope")};
}

} // namespace mailfleet::sasl
