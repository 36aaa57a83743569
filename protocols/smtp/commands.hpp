#pragma once

#include "messages/values/result.hpp"
#include "messages/values/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The commands of a client (RFC 5321 4.1), each with its CRLF. What would end a line or
/// path early is refused with `invalid_argument`: CR, LF and NUL everywhere, other control
/// bytes, blanks and angle brackets in addresses.
namespace mailfleet::smtp {

/// EHLO. `client` is a host name or an address literal (`[192.0.2.1]`, `[IPv6:2001:db8::1]`).
[[nodiscard]] result<std::string> ehlo_command(std::string_view client);

/// What of a message comes back with its report (RFC 3461 4.3).
enum class returned_part : std::uint8_t { full = 1, headers = 2 };

/// Behind MAIL FROM; name only what the server offers.
struct mail_options {
  /// SIZE=n (RFC 1870 5).
  std::optional<std::uint64_t> bytes;
  /// BODY=8BITMIME (RFC 6152).
  bool eight_bit = false;
  /// SMTPUTF8 (RFC 6531 3.4).
  bool smtputf8 = false;
  /// RET= (RFC 3461 4.3).
  std::optional<returned_part> returned;
  /// ENVID= (RFC 3461 4.4), not encoded yet: visible ASCII, at most 100 characters encoded.
  std::string envelope_id;
};

/// MAIL FROM. An empty sender is the null path `<>`, as reports have.
[[nodiscard]] result<std::string> mail_command(std::string_view sender,
                                               const mail_options& options);

/// When a recipient's server is to report (RFC 3461 4.1). None of them: never.
struct notify_when {
  bool success = false;
  bool failed = false;
  bool delayed = false;
};

/// Behind RCPT TO; name only what the server offers.
struct recipient_options {
  std::optional<notify_when> notify;
  /// Whether to say ORCPT=, so that a report names the address as it was given (RFC 3461 4.2;
  /// `utf-8` addresses by RFC 6533 3).
  bool original_recipient = false;
};

/// RCPT TO.
[[nodiscard]] result<std::string> recipient_command(std::string_view recipient,
                                                    const recipient_options& options);

/// An AUTH line (RFC 4954 4), and whether the initial response is in it: not if the line
/// would pass 512 octets, which servers answer with an error. Then the response answers the
/// server's empty challenge.
struct auth_line {
  secret bytes;
  bool has_response = false;
};

/// `initial_response` is base64; an empty one is written as `=`.
[[nodiscard]] result<auth_line> auth_command(std::string_view mechanism,
                                             const std::optional<secret>& initial_response);

/// A line of an AUTH exchange, with its CRLF.
[[nodiscard]] result<secret> auth_answer(const secret& base64);

/// An address as an ORCPT value, xtext-encoded: `rfc822;ann@example.com`.
[[nodiscard]] std::string original_recipient(std::string_view address);

/// xtext (RFC 3461 4): `+` and `=` and what is not visible ASCII as `+XX`.
[[nodiscard]] std::string xtext(std::string_view text);

inline constexpr std::string_view data_command = "DATA\r\n";
inline constexpr std::string_view reset_command = "RSET\r\n";
inline constexpr std::string_view quit_command = "QUIT\r\n";

} // namespace mailfleet::smtp
