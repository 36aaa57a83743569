#pragma once

#include "messages/values/result.hpp"
#include "messages/values/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// The text of the commands that need more than a word (RFC 9051 section 6),
/// without tag and line end.
namespace mailfleet::imap {

/// A range of UIDs, both ends inside; `last` 0 stands for `*`.
struct uid_range {
  std::uint32_t first = 1;
  std::uint32_t last = 0;
  bool operator==(const uid_range&) const = default;
};

/// Lists UIDs and sizes.
[[nodiscard]] std::string list_command(uid_range messages);

/// Fetches all we keep of a message, without setting \Seen.
[[nodiscard]] std::string fetch_command(uid_range messages);

/// LOGIN (RFC 9051 6.2.3), for servers without SASL. Fails with `invalid_argument`
/// for what no quoted string holds: bytes that are not ASCII, line ends, NUL.
[[nodiscard]] result<secret> login_command(std::string_view user, const secret& password);

/// A mailbox name from UTF-8 to what IMAP4rev1 takes: modified UTF-7 (RFC 3501
/// 5.1.3), quoted. Fails with `invalid_argument` for a name that is empty, not
/// UTF-8, or holds a control character.
[[nodiscard]] result<std::string> quoted_mailbox(std::string_view name);

} // namespace mailfleet::imap
