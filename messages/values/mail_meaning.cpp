#include "messages/values/mail_meaning.hpp"

namespace mailfleet {

std::string_view to_string(mail_kind kind) noexcept {
  switch (kind) {
  case mail_kind::ordinary: return "ordinary";
  case mail_kind::delivery_report: return "delivery_report";
  case mail_kind::auto_reply: return "auto_reply";
  case mail_kind::complaint: return "complaint";
  case mail_kind::receipt: return "receipt";
  }
  return "unknown";
}

std::string_view to_string(delivery_action action) noexcept {
  switch (action) {
  case delivery_action::unknown: return "unknown";
  case delivery_action::failed: return "failed";
  case delivery_action::delayed: return "delayed";
  case delivery_action::delivered: return "delivered";
  case delivery_action::relayed: return "relayed";
  case delivery_action::expanded: return "expanded";
  }
  return "unknown";
}

} // namespace mailfleet
