#include "messages/values/records.hpp"

#include <array>

namespace mailfleet {

namespace {

struct keys {
  record_key operator()(const provider_record& x) const {
    return {.in = family::providers, .owner = x.id.value};
  }
  record_key operator()(const mailbox_record& x) const {
    return {.in = family::mailboxes, .owner = x.id.value};
  }
  record_key operator()(const grant_record& x) const {
    return grant_key(x.owner);
  }
  record_key operator()(const cursor_record& x) const {
    return cursor_key(x.mailbox, x.folder);
  }
  record_key operator()(const message_record& x) const {
    return key_in(family::messages, x.key);
  }
  record_key operator()(const body_chunk& x) const {
    return key_in(family::bodies, x.key, x.part);
  }
  record_key operator()(const owed_action_record& x) const {
    return key_in(family::owed_actions, x.key);
  }
  record_key operator()(const event_record& x) const {
    return {.in = family::events, .owner = x.number};
  }
  record_key operator()(const audit_record& x) const {
    return {.in = family::audit, .owner = x.number};
  }
  record_key operator()(const outbox_record& x) const {
    return key_in(family::outbox, x.key);
  }
};

} // namespace

std::string_view to_string(event_kind kind) noexcept {
  switch (kind) {
  case event_kind::provider_added: return "provider_added";
  case event_kind::provider_removed: return "provider_removed";
  case event_kind::provider_state: return "provider_state";
  case event_kind::mailbox_added: return "mailbox_added";
  case event_kind::mailbox_removed: return "mailbox_removed";
  case event_kind::mailbox_state: return "mailbox_state";
  case event_kind::mailbox_signed_in: return "mailbox_signed_in";
  case event_kind::mailbox_reset: return "mailbox_reset";
  case event_kind::mail_arrived: return "mail_arrived";
  case event_kind::action_failed: return "action_failed";
  case event_kind::mail_quarantined: return "mail_quarantined";
  case event_kind::secret_added: return "secret_added";
  case event_kind::secret_retired: return "secret_retired";
  case event_kind::secret_expiring: return "secret_expiring";
  case event_kind::secret_expired: return "secret_expired";
  case event_kind::secret_refused: return "secret_refused";
  case event_kind::sign_in_failed: return "sign_in_failed";
  case event_kind::consent_given: return "consent_given";
  case event_kind::mail_sent: return "mail_sent";
  case event_kind::mail_failed: return "mail_failed";
  case event_kind::mail_in_doubt: return "mail_in_doubt";
  case event_kind::mail_bounced: return "mail_bounced";
  case event_kind::mail_complained: return "mail_complained";
  }
  return "unknown";
}

record_key key_of(const record& of) {
  return std::visit(keys{}, of);
}

provider_record without_secrets(provider_record who) {
  who.secrets.clear();
  for (auto* proxy : {&who.proxy, &who.imap.proxy, &who.smtp.proxy, &who.pop3.proxy})
    proxy->password = {};
  return who;
}

mailbox_record without_secrets(mailbox_record who) {
  for (auto* server : {&who.imap, &who.smtp, &who.pop3})
    server->proxy.password = {};
  return who;
}

event_draft draft_event(event_kind kind, entity_id about, wall_time at) {
  return {.kind = kind, .about = about, .at = at, .message = std::nullopt, .detail = {}};
}

record_key cursor_key(entity_id mailbox, std::uint32_t folder) {
  return {.in = family::cursors, .owner = mailbox.value, .folder = folder};
}

record_key grant_key(entity_id owner) {
  return {.in = family::grants, .owner = owner.value};
}

record_key key_in(family in, const message_key& key, std::uint32_t part) {
  return {in, key.mailbox.value, key.folder, key.validity, key.number, part};
}

const record_header& header_of(const record& of) {
  return std::visit([](const auto& x) -> const record_header& { return x.header; }, of);
}

std::string to_hex(const sha256_digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (auto byte : digest) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 0xf]);
  }
  return text;
}

} // namespace mailfleet
