#pragma once

#include "messages/values/records.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::imap {

/// Reads a `date-time` (RFC 9051 section 9) without its quotes:
/// `17-Jul-1996 02:44:25 -0700`, the day with a space or zero before it or
/// bare. Nothing for rubbish: the message is worth more than its date.
[[nodiscard]] std::optional<wall_time> read_date_time(std::string_view text);

/// A `date` for SEARCH: `1-Feb-1994`.
[[nodiscard]] std::string write_date(wall_time day);

} // namespace mailfleet::imap
