#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::oauth2 {

/// Base64 with the URL alphabet and no padding (RFC 4648 5).
[[nodiscard]] std::string base64url(std::string_view bytes);

/// Reads base64url without padding; nothing for any other text.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

/// Appends `text` with every byte but RFC 3986's unreserved ones percent-encoded:
/// right in a query, in a form body and in the two parts of HTTP Basic (RFC 6749
/// 2.3.1, appendix B). Appends in place, so that no copy of a secret is left over.
void append_encoded(std::string& to, std::string_view text);

/// Reads one name or value of a form or query: `+` is a blank. Nothing for a
/// broken escape.
[[nodiscard]] std::optional<std::string> decode_form(std::string_view text);

/// Whether two texts are equal but for the case of ASCII letters.
[[nodiscard]] bool equal_without_case(std::string_view a, std::string_view b);

} // namespace mailfleet::oauth2
