#pragma once

#include "messages/values/outgoing.hpp"
#include "messages/values/result.hpp"
#include "protocols/mime/limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailfleet::mime {

/// What a raw mail is checked against, and what it is given.
struct raw_options {
  /// Our own id, for X-Mailfleet-Id: visible ASCII.
  std::string mailfleet_id;
  /// Its Date, if it has none.
  wall_time now{};
  /// Whether lines that end with LF alone are given their CR. A CR alone is refused always.
  bool convert_lf = false;
  /// MAIL FROM; empty: the address of Sender, or else of From.
  std::string sender;
  /// RCPT TO; none: the addresses of To, Cc and Bcc.
  std::vector<std::string> recipients;
  std::size_t max_recipients = default_max_recipients;
  std::uint64_t max_bytes = max_mail_bytes;
};

/// A header section as it goes out.
struct checked_headers {
  /// With the empty line behind it.
  std::string text;
  /// Sender, recipients, and whether the headers need SMTPUTF8.
  mail_envelope envelope;
  mail_facts facts;
};

/// Checks a header section (RFC 5322 2.2, 3.6), each line of it with its CRLF, without the empty
/// line: every line is a field or a continuation with text in it, no byte is a control character
/// but tabs, everything is UTF-8 (RFC 6532), a field that may be there once is there once, From
/// is there, addresses are addresses, and Sender is the envelope's or one of From. Bcc, Return-Path
/// and a given X-Mailfleet-Id are taken out; ours is put in; Message-ID and Date are made unless
/// sound ones are there. Fails with `invalid_argument`.
[[nodiscard]] result<checked_headers> check_headers(std::string_view section,
                                                    const raw_options& options);

} // namespace mailfleet::mime
