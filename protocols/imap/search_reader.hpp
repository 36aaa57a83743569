#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

/// The answers to SEARCH (RFC 9051 7.3.4, RFC 3501 7.2.5), behind their names.
namespace mailfleet::imap {

/// Reads the numbers of a SEARCH response; false if one is none.
[[nodiscard]] bool read_search_numbers(std::string_view rest, std::vector<std::uint32_t>& into);

enum class extended_search : std::uint8_t {
  read = 1,
  other = 2, ///< It answers none of our commands, or not by naming messages by UID.
  broken = 3,
};

/// Reads an ESEARCH response to a UID SEARCH; `tag` gets the command that it names, if it
/// names one. Without ALL nothing was found: a server leaves it out then. More numbers than
/// `max_searched_numbers` break it.
[[nodiscard]] extended_search read_extended_search(std::string_view rest, std::string_view& tag,
                                                   std::vector<std::uint32_t>& into);

} // namespace mailfleet::imap
