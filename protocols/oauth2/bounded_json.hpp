#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::oauth2 {

/// Parses an object of at most `max_document_bytes`, nested at most
/// `max_json_depth` deep. Nothing for anything else. Of a repeated name the last
/// value counts. The memory of what was read is overwritten when it goes: answers
/// hold tokens. Never throws.
[[nodiscard]] std::optional<boost::json::object> parse_object(std::string_view bytes);

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
