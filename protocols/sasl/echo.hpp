#pragma once

#include "messages/values/secret.hpp"

#include <string_view>

namespace mailfleet::sasl {

/// Whether a server's words hold the credential: as it is, or somewhere in base64.
/// A server that repeats the line it did not like would put it into our evidence.
[[nodiscard]] bool repeats(std::string_view words, const secret& credential);

} // namespace mailfleet::sasl
