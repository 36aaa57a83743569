#include "protocols/sasl/error_challenge.hpp"

#include "messages/values/errors.hpp"
#include "protocols/sasl/base64.hpp"
#include "protocols/sasl/limits.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace mailfleet::sasl {

namespace {

std::string field_of(const boost::json::object& object, std::string_view name) {
  const auto* field = object.if_contains(name);
  if (field == nullptr)
    return {};
  if (const auto* text = field->if_string())
    return printable(*text, max_challenge_field_bytes);
  boost::system::error_code unfit;
  auto number = field->to_number<std::uint64_t>(unfit);
  return unfit ? std::string{} : std::to_string(number);
}

} // namespace

std::optional<error_challenge> read_error_challenge(std::string_view base64) {
  if (base64.size() > max_challenge_bytes)
    return std::nullopt;
  auto text = decode_base64(base64);
  if (!text)
    return std::nullopt;
  boost::json::parse_options options;
  options.max_depth = max_challenge_depth;
  boost::system::error_code error;
  auto parsed = boost::json::parse(*text, error, {}, options);
  const auto* object = error ? nullptr : parsed.if_object();
  if (object == nullptr)
    return std::nullopt;
  return error_challenge{field_of(*object, "status"), field_of(*object, "scope")};
}

} // namespace mailfleet::sasl
