#pragma once

#include "messages/values/oauth2.hpp"
#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailfleet::oauth2 {

/// Reads the body of a 200 answer of the token endpoint. Fails with
/// `errc::token_unavailable` if it is no token answer, or a token that no mail
/// server could take (another type than Bearer, control bytes, too long).
/// `expires_in` may be a number or a string; what is not positive counts as not
/// said, what is beyond `max_token_life` is cut.
[[nodiscard]] result<token_answer> parse_token_answer(std::string_view body);

/// Reads the body of a 200 answer of the device endpoint (RFC 8628 3.2; the older
/// name `verification_url` too). Fails with `errc::token_unavailable` if a needed
/// member is not there, a code is none that could be shown or sent, or an address
/// is not https (or http to a loopback address). Times are cut at
/// `max_device_code_life` and `max_device_interval`.
[[nodiscard]] result<device_answer> parse_device_answer(std::string_view body);

/// Reads the body of any other answer. Never fails: HTML, plain text and nothing
/// give an empty `error` and, in `description`, what can be shown of the text.
[[nodiscard]] token_error parse_token_error(std::string_view body);

/// The wait asked for by `Retry-After` (RFC 9110 10.2.3: seconds or an HTTP date),
/// from `now`. Header names are in lower case. None if it is absent, malformed or
/// past; cut at `max_retry_after`.
[[nodiscard]] std::optional<std::chrono::seconds>
retry_after(const std::vector<std::pair<std::string, std::string>>& headers, wall_time now);

/// When the server answered, as it says (`Date`, RFC 9110 6.6.1); none: it does not.
[[nodiscard]] std::optional<wall_time>
answered_at(const std::vector<std::pair<std::string, std::string>>& headers);

/// What the browser brought back (RFC 6749 4.1.2), or Microsoft's answer to an
/// administrator's consent. One of `code`, `error` and `admin_consent`.
struct callback_query {
  secret code;
  /// An administrator consented, for `tenant`.
  bool admin_consent = false;
  /// A GUID; empty: not sent.
  std::string tenant;
  std::string state;
  /// RFC 9207; empty: not sent.
  std::string issuer;
  std::string error;
  /// Printable.
  std::string error_description;
};

/// The error that a callback brought, with the AADSTS code that its words name.
[[nodiscard]] token_error error_of(const callback_query& query);

/// Reads the query string of the callback, without `?`. A repeated name of the
/// protocol, a missing state, and more or less than one of code, error and consent are refused
/// with `errc::invalid_argument`; names that we do not know are skipped.
[[nodiscard]] result<callback_query> parse_callback(std::string_view query);

} // namespace mailfleet::oauth2
