#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mailfleet::mime {

/// One leaf of a mail's tree.
struct mail_part {
  /// `message/delivery-status`, in lower case.
  std::string type;
  /// Decoded.
  std::string content;
};

/// Walks the leaves of a mail that reports are made of, `message/...` and `text/rfc822-headers`,
/// in their order, within `max_depth` and `max_parts`; others are neither decoded nor told of. A
/// mail in a mail is a leaf. Written here because GMime's parser calls itself once a level: a
/// mail of one megabyte overflows its stack.
void for_each_report_part(std::string_view mail, const std::function<void(const mail_part&)>& tell);

} // namespace mailfleet::mime
