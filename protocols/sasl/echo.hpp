#pragma once

#include "messages/values/secret.hpp"

#include <string>
#include <string_view>

namespace mailfleet::sasl {

/// Stands where words of a server's were left out.
inline constexpr std::string_view repeated_words = "(the server repeats what it was sent)";

/// Whether a server's words hold the credential, or the beginning of it that they were cut
/// at: as it is, or somewhere in base64. A server that repeats the line it did not like would
/// put it into our evidence. Ask before the words are made printable and cut.
[[nodiscard]] bool repeats(std::string_view words, const secret& credential);

/// The words, or `repeated_words` if they repeat the credential.
[[nodiscard]] std::string unrepeated(std::string words, const secret& credential);

} // namespace mailfleet::sasl
