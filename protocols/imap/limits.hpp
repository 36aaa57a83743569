#pragma once

#include <cstddef>
#include <cstdint>

/// The limits of the IMAP engine, each with its reason. Past one the server is
/// taken for broken and the connection ends with `protocol_violation`.
namespace mailfleet::imap {

/// One line. RFC 9051 section 4.4 asks servers to keep to 8 KiB; long
/// PERMANENTFLAGS and CAPABILITY lines are some KiB.
inline constexpr std::size_t max_line_bytes = 64 * 1024;

/// A SEARCH line names every message found: 50,000 UIDs of ten digits fit twice.
inline constexpr std::size_t max_search_line_bytes = 1024 * 1024;

/// Numbers that one ESEARCH answer stands for: as many as a SEARCH line can name. A range of
/// a few bytes may stand for four thousand million.
inline constexpr std::size_t max_searched_numbers = 500'000;

/// A body literal. Exchange takes mails of 150 MB; base64 adds a third.
inline constexpr std::uint64_t max_body_bytes = 512ULL * 1024 * 1024;

/// A literal anywhere else: held in memory, and none that we ask for needs one.
inline constexpr std::uint64_t max_value_literal_bytes = 64 * 1024;

/// Nested parentheses in a FETCH response. What we ask for has two levels.
inline constexpr std::size_t max_list_depth = 64;

/// Tokens of one FETCH response, over all its lines.
inline constexpr std::size_t max_fetch_tokens = 100'000;

/// Flags of one message: a stored list, so bounded tighter than tokens.
inline constexpr std::size_t max_flags = 256;

/// Attributes of one folder; RFC 9051 and RFC 6154 know 16.
inline constexpr std::size_t max_folder_attributes = 64;

/// Tokens of one LIST response, over all its lines: extended data may follow the name.
inline constexpr std::size_t max_list_tokens = 1'000;

/// Untagged responses without any completion between: a listing of one window
/// of messages, and every one of them changed at the same time.
inline constexpr std::size_t max_untagged_responses = 2'000'000;

/// Capabilities of a server; the longest lists seen have 60.
inline constexpr std::size_t max_capabilities = 256;

/// A line buffer above this is given back after its line: ten thousand idle
/// sessions must not keep what one long line needed.
inline constexpr std::size_t kept_line_bytes = 1024;

} // namespace mailfleet::imap
