#include "messages/values/outgoing.hpp"

namespace mailfleet {

std::string_view to_string(outbox_status status) noexcept {
  switch (status) {
  case outbox_status::accepted: return "accepted";
  case outbox_status::sending: return "sending";
  case outbox_status::dot_sent: return "dot_sent";
  case outbox_status::sent: return "sent";
  case outbox_status::deferred: return "deferred";
  case outbox_status::failed: return "failed";
  case outbox_status::in_doubt: return "in_doubt";
  case outbox_status::cancelled: return "cancelled";
  }
  return "unknown";
}

std::string_view to_string(recipient_status status) noexcept {
  switch (status) {
  case recipient_status::waiting: return "waiting";
  case recipient_status::taken: return "taken";
  case recipient_status::refused: return "refused";
  case recipient_status::admitted: return "admitted";
  case recipient_status::bounced: return "bounced";
  }
  return "unknown";
}

std::string_view to_string(send_phase phase) noexcept {
  switch (phase) {
  case send_phase::connecting: return "connecting";
  case send_phase::greeting: return "greeting";
  case send_phase::log_in: return "log_in";
  case send_phase::sender: return "sender";
  case send_phase::recipients: return "recipients";
  case send_phase::data: return "data";
  case send_phase::body: return "body";
  case send_phase::dot: return "dot";
  }
  return "unknown";
}

std::string to_string(const server_words& said) {
  auto text = std::to_string(said.code);
  if (!said.enhanced.empty())
    text += " " + said.enhanced;
  return said.words.empty() ? text : text + " " + said.words;
}

} // namespace mailfleet
