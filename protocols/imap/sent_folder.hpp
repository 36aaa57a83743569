#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::imap {

/// A folder as LIST names it.
struct listed_folder {
  /// In UTF-8, with its parents (`folder_name`).
  std::string name;
  /// `\Sent`, `\Noselect`, ... (RFC 9051 7.3.1, RFC 6154).
  std::vector<std::string> attributes;
  /// Parts the levels of the name; none: the server has no levels.
  std::optional<char> delimiter;
  /// As the server spells it, which is what it takes in EXAMINE.
  std::string wire_name;
};

/// The folder where a server keeps what was sent.
struct sent_folder {
  enum class source : std::uint8_t { special_use = 1, configured = 2, known_name = 3 };
  std::string name;
  source by = source::special_use;
  /// As the server spells it; empty: it does not list the configured one.
  std::string wire_name;
};

/// Chooses it: by \Sent (RFC 6154), else the configured one, else by the names that
/// programs and servers give it in many languages, one without parents before others.
/// Nothing if none of these is there. Exchange has no SPECIAL-USE and localised names.
[[nodiscard]] std::optional<sent_folder> choose_sent_folder(std::span<const listed_folder> folders,
                                                            std::string_view configured);

/// The names of the table, in the order of trust.
[[nodiscard]] std::span<const std::string_view> sent_folder_names();

} // namespace mailfleet::imap
