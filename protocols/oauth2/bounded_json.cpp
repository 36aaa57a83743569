#include "protocols/oauth2/bounded_json.hpp"

#include "protocols/oauth2/limits.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace mailfleet::oauth2 {

namespace {

using nlohmann::json;

/// Reads without keeping anything, and stops where the document is too deep or
/// broken: only then is it safe to build values from it.
class depth_guard : public json::json_sax_t {
public:
  bool null() override {
    return true;
  }
  bool boolean(bool) override {
    return true;
  }
  bool number_integer(json::number_integer_t) override {
    return true;
  }
  bool number_unsigned(json::number_unsigned_t) override {
    return true;
  }
  bool number_float(json::number_float_t, const json::string_t&) override {
    return true;
  }
  bool string(json::string_t&) override {
    return true;
  }
  bool binary(json::binary_t&) override {
    return true;
  }
  bool start_object(std::size_t) override {
    return ++depth_ <= max_json_depth;
  }
  bool key(json::string_t&) override {
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override {
    return ++depth_ <= max_json_depth;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

private:
  int depth_ = 0;
};

/// Whether the depth must be counted: a document with fewer brackets than that cannot have it, and
/// reading each twice costs.
bool may_be_too_deep(std::string_view bytes) {
  auto opens = [](char byte) { return byte == '{' || byte == '['; };
  return std::ranges::count_if(bytes, opens) > max_json_depth;
}

/// The value of a number, or of a string of digits; 0 if it is neither.
double as_seconds(const json& value) {
  if (value.is_number())
    return value.get<double>();
  if (!value.is_string())
    return 0;
  const auto& text = value.get_ref<const std::string&>();
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty())
    return 0;
  return error == std::errc::result_out_of_range ? HUGE_VAL : static_cast<double>(number);
}

} // namespace

std::optional<json> parse_object(std::string_view bytes) {
  if (bytes.size() > max_document_bytes)
    return std::nullopt;
  if (may_be_too_deep(bytes)) {
    depth_guard guard;
    if (!json::sax_parse(bytes, &guard))
      return std::nullopt;
  }
  auto parsed = json::parse(bytes, nullptr, false);
  if (!parsed.is_object())
    return std::nullopt;
  return parsed;
}

std::string text_member(const json& object, const char* name, std::size_t limit) {
  auto member = object.find(name);
  if (member == object.end() || !member->is_string())
    return {};
  const auto& text = member->get_ref<const std::string&>();
  return text.size() <= limit ? text : std::string{};
}

std::optional<std::chrono::seconds> seconds_member(const json& object, const char* name,
                                                   std::chrono::seconds limit) {
  auto member = object.find(name);
  if (member == object.end())
    return std::nullopt;
  auto seconds = as_seconds(*member);
  if (!(seconds >= 1))
    return std::nullopt;
  if (seconds >= static_cast<double>(limit.count()))
    return limit;
  return std::chrono::seconds{static_cast<std::int64_t>(seconds)};
}

} // namespace mailfleet::oauth2
