#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::sasl {

/// RFC 4648 section 4, padded, on one line.
[[nodiscard]] std::string encode_base64(std::string_view bytes);

/// Reads what `encode_base64` writes; nothing for any other text.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

} // namespace mailfleet::sasl
