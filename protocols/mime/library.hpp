#pragma once

#include "messages/values/outgoing.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What GMime does for header values; its types stay out of our headers. The library is
/// initialised at its first use; any thread.
namespace mailfleet::mime {

/// Initialises GMime, once.
void ensure_library();

/// An unstructured value with its encoded words read (RFC 2047), printable and cut.
[[nodiscard]] std::string decoded_text(std::string_view value, std::size_t limit);

/// The mailboxes of an address list (RFC 5322 3.4), those of groups among them; names are
/// decoded, addresses are as they were written. Nothing if there is something else in it than
/// addresses.
[[nodiscard]] std::optional<std::vector<mail_address>> read_address_list(std::string_view value);

/// A date-time (RFC 5322 3.3); nothing for rubbish.
[[nodiscard]] std::optional<wall_time> read_date(std::string_view value);

/// `Thu, 26 Nov 2026 02:04:00 +0000`.
[[nodiscard]] std::string write_date(wall_time when);

/// A Content-Type (RFC 2045 5.1).
struct media_type {
  /// `multipart/report`, in lower case; `text/plain` if there is none.
  std::string name;
  /// Empty: it names none.
  std::string boundary;
};

[[nodiscard]] media_type read_media_type(std::string_view value);

/// The content of a part behind a Content-Transfer-Encoding; as it is for one that is unknown.
[[nodiscard]] std::string decoded_content(std::string_view content, std::string_view encoding);

/// Whether all bytes are UTF-8 and none is NUL.
[[nodiscard]] bool is_utf8_text(std::string_view text);

} // namespace mailfleet::mime
