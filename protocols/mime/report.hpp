#pragma once

#include "messages/values/mail_meaning.hpp"

#include <string_view>

namespace mailfleet::mime {

/// Reads a mail's meaning from its beginning; what is past `max_report_bytes` is not looked at.
/// Never fails: rubbish is an ordinary mail.
[[nodiscard]] mail_meaning read_meaning(std::string_view mail);

} // namespace mailfleet::mime
