#pragma once

#include "messages/values/result.hpp"
#include "messages/values/secret.hpp"
#include "protocols/imap/capabilities.hpp"

#include <cstdint>
#include <span>
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

/// Lists all folders, with their special uses where the server says that it knows these: in
/// the form of RFC 6154, or of XLIST, which Gmail had before it.
[[nodiscard]] std::string folders_command(const capabilities& able);

/// Searches a header field for a text (RFC 9051 6.4.4): servers find it as a part of longer
/// ones, too. Fails with `invalid_argument` for a text that is empty or not printable ASCII.
[[nodiscard]] result<std::string> header_search_command(std::string_view field,
                                                        std::string_view text);

/// Fetches some header fields, named with a space between, of some messages.
[[nodiscard]] std::string fetch_fields_command(std::span<const std::uint32_t> uids,
                                               std::string_view fields);

/// The same of messages by their numbers, the newest of which is `last`.
[[nodiscard]] std::string fetch_last_fields_command(std::uint32_t first, std::uint32_t last,
                                                    std::string_view fields);

} // namespace mailfleet::imap
