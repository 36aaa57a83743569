#pragma once

#include <boost/json/array.hpp>
#include <boost/json/memory_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::oauth2 {

/// A JSON object that was read, or nothing. Its memory, which is its own, is overwritten when it
/// goes: answers hold tokens.
class parsed_object {
public:
  parsed_object() = default;

  explicit operator bool() const noexcept {
    return object_ != nullptr;
  }
  const boost::json::object& operator*() const noexcept {
    return *object_;
  }
  const boost::json::object* operator->() const noexcept {
    return object_;
  }

private:
  friend parsed_object parse_object(std::string_view bytes);

  std::unique_ptr<boost::json::memory_resource> memory_;
  const boost::json::object* object_ = nullptr;
};

/// Parses an object of at most `max_document_bytes`, nested at most
/// `max_json_depth` deep. Nothing for anything else. Of a repeated name the last
/// value counts. Never throws.
[[nodiscard]] parsed_object parse_object(std::string_view bytes);

/// The string member `name` of an object if it is there, is a string, and has at
/// most `limit` bytes; else empty.
[[nodiscard]] std::string text_member(const boost::json::object& object, std::string_view name,
                                      std::size_t limit);

/// The array `name` of an object; null if it is not there or something else.
[[nodiscard]] const boost::json::array* list_member(const boost::json::object& object,
                                                    std::string_view name);

/// A positive number of seconds, given as a number or as a string of digits, cut
/// at `limit`. None for anything else, zero and negative numbers included.
[[nodiscard]] std::optional<std::chrono::seconds> seconds_member(const boost::json::object& object,
                                                                 std::string_view name,
                                                                 std::chrono::seconds limit);

} // namespace mailfleet::oauth2
