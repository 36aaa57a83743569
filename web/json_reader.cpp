#include "web/json_reader.hpp"

#include "web/times.hpp"

#include <algorithm>
#include <limits>

namespace mailfleet::web {

namespace {

using nlohmann::json;

/// Watches a parse for depth and for fields given twice.
class parse_guard {
public:
  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    if (fault)
      return false;
    if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start) {
      if (depth >= max_json_depth)
        fault = failure{errc::invalid_argument, "the request nests too deeply; at most "
                                                    + std::to_string(max_json_depth)
                                                    + " levels are read"};
      else if (event == json::parse_event_t::object_start)
        names_.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      names_.pop_back();
    } else if (event == json::parse_event_t::key) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!names_.back().insert(name).second)
        fault = bad_field(printable(name), "is given twice", "give it once");
    }
    return !fault;
  }

  std::optional<failure> fault;

private:
  std::vector<std::set<std::string, std::less<>>> names_;
};

bool holds_control_byte(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

} // namespace

result<json> parse_json_object(std::string_view text) {
  parse_guard guard;
  // By reference: nlohmann-json copies the callback.
  auto parsed = json::parse(
      text,
      [&guard](int depth, json::parse_event_t event, json& value) {
        return guard(depth, event, value);
      },
      false);
  if (guard.fault)
    return *guard.fault;
  if (parsed.is_discarded())
    return failure{errc::invalid_argument,
                   "the request is not JSON; send one JSON object in UTF-8"};
  if (!parsed.is_object())
    return failure{errc::invalid_argument,
                   "the request is JSON but not an object; send {\"field\": ...}"};
  return parsed;
}

json_reader::json_reader(const json& object, std::string path, std::optional<failure>& fault)
  : object_{object}, path_{std::move(path)}, fault_{fault} {}

std::string json_reader::path_of(std::string_view name) const {
  return path_.empty() ? std::string{name} : path_ + '.' + std::string{name};
}

bool json_reader::has(std::string_view name) const {
  return object_.contains(name);
}

void json_reader::refuse(std::string_view name, std::string_view what, std::string_view cure) {
  if (!fault_)
    fault_ = bad_field(printable(path_of(name)), what, cure);
}

const json* json_reader::find(std::string_view name) {
  known_.emplace(name);
  if (fault_)
    return nullptr;
  auto field = object_.find(name);
  return field == object_.end() ? nullptr : &*field;
}

const json* json_reader::find(std::string_view name, json::value_t type,
                              std::string_view type_name) {
  const auto* field = find(name);
  if (field == nullptr || field->type() == type)
    return field;
  refuse(name, std::string{"is of type "}.append(field->type_name()),
         std::string{"give "}.append(type_name));
  return nullptr;
}

const json* json_reader::object(std::string_view name) {
  return find(name, json::value_t::object, "an object");
}

const json* json_reader::array(std::string_view name, std::size_t most) {
  const auto* field = find(name, json::value_t::array, "a list");
  if (field == nullptr || field->size() <= most)
    return field;
  refuse(name, "has too many items", "give at most " + std::to_string(most));
  return nullptr;
}

const std::string* json_reader::text(std::string_view name) {
  const auto* field = find(name, json::value_t::string, "a text");
  return field == nullptr ? nullptr : &field->get_ref<const std::string&>();
}

const json* json_reader::any(std::string_view name) {
  return find(name);
}

const std::string* json_reader::checked_text(std::string_view name, const json& value,
                                             std::size_t limit) {
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > limit)
    refuse(name, "is too long", "give at most " + std::to_string(limit) + " bytes");
  else if (holds_control_byte(text))
    refuse(name, "holds a control character", "remove it, a line end for instance");
  else
    return &text;
  return nullptr;
}

const std::string* json_reader::find_text(std::string_view name, std::size_t limit) {
  const auto* field = find(name, json::value_t::string, "a text");
  return field == nullptr ? nullptr : checked_text(name, *field, limit);
}

void json_reader::read(std::string_view name, std::string& into) {
  if (const auto* text = find_text(name, max_text_bytes))
    into = *text;
}

void json_reader::read(std::string_view name, secret& into) {
  if (const auto* text = find_text(name, max_secret_bytes))
    into = secret{*text};
}

void json_reader::read_with_lines(std::string_view name, secret& into) {
  constexpr std::string_view pem = "-----BEGIN ";
  const auto* field = find(name, json::value_t::string, "a text");
  if (field == nullptr)
    return;
  const auto& text = field->get_ref<const std::string&>();
  if (text.find(pem) == text.npos)
    return read(name, into);
  if (text.size() > max_secret_bytes)
    refuse(name, "is too long", "give at most " + std::to_string(max_secret_bytes) + " bytes");
  else
    into = secret{text};
}

void json_reader::read(std::string_view name, std::uint16_t& port) {
  const auto* field = find(name, json::value_t::number_unsigned, "a number from 1 to 65535");
  if (field == nullptr)
    return;
  auto number = field->get<std::uint64_t>();
  if (number == 0 || number > 65'535)
    refuse(name, "is not a port", "give a number from 1 to 65535");
  else
    port = static_cast<std::uint16_t>(number);
}

void json_reader::read(std::string_view name, bool& into) {
  if (const auto* field = find(name, json::value_t::boolean, "true or false"))
    into = field->get<bool>();
}

void json_reader::read(std::string_view name, std::optional<wall_time>& into) {
  const auto* text = find_text(name, max_text_bytes);
  if (text == nullptr)
    return;
  into = parse_iso8601(*text);
  if (!into)
    refuse(name, "is not a time", "give 2026-03-01 or 2026-03-01T12:00:00Z");
}

void json_reader::read(std::string_view name, std::optional<std::uint32_t>& into) {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  const auto range = "a number from 0 to " + std::to_string(most);
  const auto* field = find(name, json::value_t::number_unsigned, range);
  if (field == nullptr)
    return;
  auto number = field->get<std::uint64_t>();
  if (number > most)
    refuse(name, "is too large", "give " + range);
  else
    into = static_cast<std::uint32_t>(number);
}

void json_reader::read_items(
    std::string_view name, std::size_t most,
    const std::function<void(const json& item, const std::string& path)>& read) {
  const auto* list = array(name, most);
  if (list == nullptr)
    return;
  for (std::size_t index = 0; index < list->size() && !fault_; ++index)
    read((*list)[index], path_of(name) + '[' + std::to_string(index) + ']');
}

void json_reader::read(std::string_view name, std::vector<std::string>& into, std::size_t most) {
  const auto* list = array(name, most);
  if (list == nullptr)
    return;
  into.clear();
  for (const auto& item : *list) {
    if (!item.is_string())
      refuse(name, "holds something that is not a text", "give a list of texts");
    else if (const auto* text = checked_text(name, item, max_text_bytes))
      into.push_back(*text);
  }
}

void json_reader::finish() {
  for (const auto& [name, value] : object_.items())
    if (!known_.contains(name))
      refuse(name, "is not a field of this request",
             "see the interface's description for the fields there are");
}

} // namespace mailfleet::web
