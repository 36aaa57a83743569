#pragma once

#include <string_view>

namespace mailfleet::jobs {

/// Whether two addresses or parts of addresses are the same, without the case of ASCII letters:
/// a local part may mind it (RFC 5321 2.4), but no server that people use does.
[[nodiscard]] bool same_address(std::string_view a, std::string_view b);

/// Whether `a` stands before `b` in a list of addresses or names: by their bytes, without the
/// case of ASCII letters; of two that differ in case alone, by their bytes.
[[nodiscard]] bool stands_before(std::string_view a, std::string_view b);

} // namespace mailfleet::jobs
