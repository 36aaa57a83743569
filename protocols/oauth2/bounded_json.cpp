#include "protocols/oauth2/bounded_json.hpp"

#include "protocols/oauth2/limits.hpp"

#include <boost/json/memory_resource.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <malloc.h>
#include <new>

namespace mailfleet::oauth2 {

namespace {

namespace json = boost::json;

/// Memory that is overwritten before it is given back. Boost.JSON asks for no more than what `new`
/// aligns to; and its `monotonic_resource` (1.81) gives pieces back as smaller than they are, so
/// that their own size counts.
class wiping_resource final : public json::memory_resource {
  void* do_allocate(std::size_t bytes, std::size_t) override {
    return ::operator new(bytes);
  }
  void do_deallocate(void* memory, std::size_t, std::size_t) override {
    ::explicit_bzero(memory, ::malloc_usable_size(memory));
    ::operator delete(memory);
  }
  [[nodiscard]] bool
  do_is_equal(const boost::container::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }
};

json::storage_ptr wiped_memory() {
  static wiping_resource wiping;
  return json::storage_ptr{&wiping};
}

/// What the values of a document take beside its text, mostly: then they are in one piece.
constexpr std::size_t room_for_values = 1'024;

/// Room for a parser to put values together in: a token answer needs no more.
constexpr std::size_t parser_bytes = 2'048;

/// Some files begin with it; RFC 8259 8.1 lets a reader skip it.
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// The value of a number, or of a string of digits; 0 if it is neither.
double as_seconds(const json::value& value) {
  if (value.is_number())
    return value.to_number<double>();
  const auto* text = value.if_string();
  if (text == nullptr || text->empty())
    return 0;
  std::uint64_t number = 0;
  const auto* last = text->data() + text->size();
  auto [end, error] = std::from_chars(text->data(), last, number);
  if (end != last)
    return 0;
  return error == std::errc::result_out_of_range ? HUGE_VAL : static_cast<double>(number);
}

} // namespace

parsed_object parse_object(std::string_view bytes) {
  if (bytes.size() > max_document_bytes)
    return {};
  if (bytes.starts_with(byte_order_mark))
    bytes.remove_prefix(byte_order_mark.size());
  json::parse_options options;
  options.max_depth = max_json_depth;
  // Before the parser, which must not outlive it.
  auto memory =
      std::make_unique<json::monotonic_resource>(bytes.size() + room_for_values, wiped_memory());
  std::array<unsigned char, parser_bytes> room;
  json::parser parser{wiped_memory(), options, room.data(), room.size()};
  parser.reset(json::storage_ptr{memory.get()});
  boost::system::error_code error;
  parser.write(bytes, error);
  parsed_object found;
  if (!error) {
    // Values that own no memory of their own need no end (Boost.JSON, storage_ptr): it goes with
    // the memory.
    auto* place = memory->allocate(sizeof(json::value), alignof(json::value));
    found.object_ = (new (place) json::value(parser.release()))->if_object();
    found.memory_ = std::move(memory);
  }
  ::explicit_bzero(room.data(), room.size());
  return found;
}

std::string text_member(const json::object& object, std::string_view name, std::size_t limit) {
  const auto* member = object.if_contains(name);
  const auto* text = member != nullptr ? member->if_string() : nullptr;
  return text != nullptr && text->size() <= limit ? std::string{*text} : std::string{};
}

const json::array* list_member(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  return member != nullptr ? member->if_array() : nullptr;
}

std::optional<std::chrono::seconds>
seconds_member(const json::object& object, std::string_view name, std::chrono::seconds limit) {
  const auto* member = object.if_contains(name);
  if (member == nullptr)
    return std::nullopt;
  auto seconds = as_seconds(*member);
  if (!(seconds >= 1))
    return std::nullopt;
  if (seconds >= static_cast<double>(limit.count()))
    return limit;
  return std::chrono::seconds{static_cast<std::int64_t>(seconds)};
}

} // namespace mailfleet::oauth2
