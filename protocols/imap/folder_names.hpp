#pragma once

#include "messages/values/result.hpp"

#include <string>
#include <string_view>

/// Names of folders. On the wire they are modified UTF-7 (RFC 3501 5.1.3), for everybody
/// else UTF-8.
namespace mailfleet::imap {

/// A mailbox name from UTF-8 to what IMAP4rev1 takes: modified UTF-7, quoted. Fails with
/// `invalid_argument` for a name that is empty, not UTF-8, or holds a control character.
[[nodiscard]] result<std::string> quoted_mailbox(std::string_view name);

/// A name as a server spelled it, in UTF-8. What is no modified UTF-7 is taken for UTF-8,
/// which IMAP4rev2 and careless servers send, and made printable.
[[nodiscard]] std::string folder_name(std::string_view spelled);

/// The same bytes as a quoted string, so that the server finds its own spelling again. Fails
/// with `protocol_violation` for NUL and line ends, which no quoted string holds, and for an
/// empty name.
[[nodiscard]] result<std::string> quoted_spelling(std::string_view spelled);

} // namespace mailfleet::imap
