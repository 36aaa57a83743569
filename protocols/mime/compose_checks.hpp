#pragma once

#include "messages/values/outgoing.hpp"
#include "messages/values/result.hpp"

#include <optional>
#include <string>
#include <vector>

/// For protocols/mime/compose.cpp only.
namespace mailfleet::mime {

/// A mail whose every field was found sound, with its addresses as they go over the wire.
struct checked_mail {
  mail_address from;
  std::optional<mail_address> sender;
  std::vector<mail_address> reply_to;
  std::vector<mail_address> to;
  std::vector<mail_address> cc;
  /// To, Cc and Bcc.
  std::vector<std::string> recipients;
  /// With brackets; empty: none.
  std::string message_id;
  std::string in_reply_to;
  std::vector<std::string> references;
};

/// Checks every field of a mail. Fails with `invalid_argument`, and never looks into a file.
[[nodiscard]] result<checked_mail> check_fields(const outgoing_mail& mail);

} // namespace mailfleet::mime
