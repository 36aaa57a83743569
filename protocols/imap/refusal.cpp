#include "protocols/imap/refusal.hpp"

#include "protocols/imap/tokens.hpp"

#include <algorithm>
#include <array>

namespace mailfleet::imap {

namespace {

bool has(std::string_view text, std::string_view part) {
  auto found = std::search(text.begin(), text.end(), part.begin(), part.end(), [](char a, char b) {
    return same_word({&a, 1}, {&b, 1});
  });
  return found != text.end();
}

/// `Suggested Backoff Time: 92415 milliseconds` (Exchange).
std::optional<std::chrono::milliseconds> named_wait(std::string_view words) {
  constexpr std::string_view mark = "Suggested Backoff Time: ";
  auto at = words.find(mark);
  if (at == words.npos)
    return std::nullopt;
  auto digits = words.substr(at + mark.size());
  digits = digits.substr(0, std::min(digits.find_first_not_of("0123456789"), digits.size()));
  auto count = read_number64(digits);
  if (!count)
    return std::nullopt;
  constexpr auto most = std::chrono::milliseconds{max_retry_after};
  return *count < static_cast<std::uint64_t>(most.count())
             ? std::chrono::milliseconds{static_cast<std::int64_t>(*count)}
             : most;
}

bool is_busy(const response_text& text) {
  switch (text.code) {
  case response_code::unavailable:
  case response_code::in_use:
  case response_code::limit:
  case response_code::throttled:
  case response_code::server_bug: return true;
  default: break;
  }
  constexpr std::array<std::string_view, 6> signs{
      "throttled",        "Suggested Backoff Time", "Too many simultaneous connections",
      "bandwidth limits", "Server Unavailable",     "try again later"};
  return std::any_of(signs.begin(), signs.end(), [&](auto sign) { return has(text.words, sign); });
}

bool is_sign_in(const response_text& text, stage at) {
  switch (text.code) {
  case response_code::authentication_failed:
  case response_code::authorization_failed:
  case response_code::expired:
  case response_code::contact_admin:
  case response_code::privacy_required: return true;
  // Of one message it may be said, too.
  case response_code::no_permission: return at != stage::selected;
  default: break;
  }
  return has(text.words, "authenticated but not connected");
}

errc code_for(status answered, const response_text& text, stage at) {
  if (is_sign_in(text, at))
    return errc::authentication_failed;
  // A server that stumbles over one message will stumble again: the message is at
  // fault, and must not end session after session.
  bool stumbled =
      text.code == response_code::server_bug && answered == status::no && at != stage::signing_in;
  if (is_busy(text) && !stumbled)
    return errc::server_busy;
  if (answered == status::bye)
    return at == stage::signing_in ? errc::server_busy : errc::connection_lost;
  if (at == stage::signing_in && answered == status::no)
    return errc::authentication_failed;
  return errc::server_refused;
}

} // namespace

refusal judge(status answered, const response_text& text, stage at, std::string_view doing) {
  refusal judged;
  judged.token_expired = answered == status::bye && has(text.words, "AccessTokenExpired");
  judged.reason.code =
      judged.token_expired ? errc::authentication_failed : code_for(answered, text, at);
  if (judged.reason.code == errc::server_busy)
    judged.retry_after = named_wait(text.words);
  judged.reason.detail = answered == status::bye
                             ? "the server ended the session: "
                             : "the server refused " + std::string{doing} + ": ";
  if (!text.name.empty())
    judged.reason.detail.append("[").append(printable(text.name)).append("] ");
  judged.reason.detail += text.words.empty() ? "no reason given" : printable(text.words);
  return judged;
}

bool ends_session(const refusal& what) noexcept {
  return what.reason.code != errc::server_refused;
}

} // namespace mailfleet::imap
