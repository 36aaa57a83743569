#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::mime {

/// One header field, unfolded (RFC 5322 2.2.3), still encoded.
struct header_field {
  std::string name;
  std::string value;
};

/// Reads the fields of a header section from the front, up to the empty line, and removes
/// both. Made for mail of others: lines may end with LF, what is no field is passed over, and
/// past `max_header_fields` or `max_header_section_bytes` nothing is kept.
[[nodiscard]] std::vector<header_field> take_header_block(std::string_view& text);

/// Keeps only fields with one of these names: mail has dozens that nobody asks for.
[[nodiscard]] std::vector<header_field> take_header_block(std::string_view& text,
                                                          std::span<const std::string_view> names);

/// The value of the first field of that name, in any case; empty if there is none.
[[nodiscard]] std::string_view value_of(const std::vector<header_field>& fields,
                                        std::string_view name);

/// Whether there is a field of that name.
[[nodiscard]] bool has_field(const std::vector<header_field>& fields, std::string_view name);

/// Blanks and tabs at both ends taken off.
[[nodiscard]] std::string_view trimmed(std::string_view text);

} // namespace mailfleet::mime
