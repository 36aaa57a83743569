#pragma once

#include "messages/values/errors.hpp"
#include "protocols/imap/response_text.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mailfleet::imap {

/// Where in the session the server refused.
enum class stage : std::uint8_t { signing_in = 1, selecting = 2, selected = 3 };

/// What a NO, a BAD or a BYE means for us.
struct refusal {
  failure reason;
  /// The token reached its end: come back with a fresh one, nothing is wrong.
  bool token_expired = false;
  /// As far as the server named it; cut at `max_retry_after`.
  std::optional<std::chrono::milliseconds> retry_after;
};

/// No server may keep a mailbox away for longer by one word.
inline constexpr std::chrono::minutes max_retry_after{10};

/// Decides by response code first, then by the words that servers are known to
/// use. `doing` names what was refused, for the detail: `SELECT`.
[[nodiscard]] refusal judge(status answered, const response_text& text, stage at,
                            std::string_view doing);

/// Whether `reason` ends the session, however small the command was: the
/// server is busy, or the log-in is not (or no longer) good.
[[nodiscard]] bool ends_session(const refusal& what) noexcept;

} // namespace mailfleet::imap
