#pragma once

#include "messages/values/control.hpp"

/// Views as the runtime could give them, with secrets where none may pass.
namespace mailfleet::testing {

/// Must never show up in anything that is written.
inline constexpr std::string_view canary = "CANARY-b7c1";

[[nodiscard]] inline provider_view sample_provider() {
  provider_view view;
  auto& record = view.record;
  record.id = entity_id{0xab};
  record.name = "office";
  record.service = "microsoft";
  record.type = "Outlook365";
  record.tenant_id = "contoso.example";
  record.client_id = "client-1";
  record.secrets.push_back({1, secret{std::string{canary}}, std::nullopt, wall_time{}});
  record.redirect_uri = "https://host.example/api/cloudProviders/oauth2/microsoft/callback";
  record.scopes = {"offline_access"};
  record.proxy.password = secret{std::string{canary}};
  record.imap.host = "imap.example";
  record.imap.port = 993;
  record.imap.proxy.password = secret{std::string{canary}};
  record.smtp.host = "smtp.example";
  record.smtp.proxy.password = secret{std::string{canary}};
  record.pop3.proxy.password = secret{std::string{canary}};
  view.secrets.push_back({1, "abc", wall_time{std::chrono::seconds{1'772'366'400}}, wall_time{},
                          "uid 0", secret_state::in_use});
  view.mailboxes = 2;
  return view;
}

[[nodiscard]] inline diagnosis sample_trouble() {
  return {.code = "token.invalid_grant",
          .what = "the refresh token was refused",
          .who = "mailbox_owner",
          .cure = "mailfleet mailbox sign-in ann@example.org",
          .evidence = "AADSTS70043",
          .since = wall_time{std::chrono::seconds{1'772'366'400}},
          .retry_at = std::nullopt};
}

[[nodiscard]] inline mailbox_view sample_mailbox() {
  mailbox_view view;
  auto& record = view.record;
  record.id = entity_id{0xcd};
  record.address = "ann@example.org";
  record.provider = entity_id{0xab};
  record.imap.proxy.password = secret{std::string{canary}};
  record.smtp.host = "smtp.example";
  record.smtp.proxy.password = secret{std::string{canary}};
  record.pop3.proxy.password = secret{std::string{canary}};
  record.from = {fetch_from::kind::date, wall_time{std::chrono::seconds{1'772'323'200}}};
  record.action = server_action::move;
  record.move_target = "Done";
  view.provider_name = "office";
  view.state = mailbox_state::parked;
  view.trouble = sample_trouble();
  view.fetched = 3;
  return view;
}

[[nodiscard]] inline message_view sample_message() {
  message_view view;
  view.record.key = {entity_id{0xcd}, 1, 7, 42};
  view.record.size = 10;
  view.record.chunks = 2;
  view.record.flags = {"\\Seen"};
  view.record.kind = mail_kind::auto_reply;
  view.record.message_id = "<r@y.test>";
  view.record.thread = {"<a@x.test>", "<m@x.test>"};
  view.record.about = message_key{entity_id{0xcd}, outbox_folder, 0, 3};
  return view;
}

[[nodiscard]] inline outbox_view sample_outgoing() {
  outbox_view view;
  auto& record = view.record;
  record.key = {entity_id{0xcd}, outbox_folder, 0, 42};
  record.mail.envelope.sender = "ann@example.org";
  record.mail.envelope.bytes = 1'234;
  record.mail.facts = {.message_id = "<1@example.org>",
                       .subject = "Hello",
                       .from = {"ann@example.org"},
                       .thread = {"<0@example.net>"}};
  auto& progress = record.progress;
  progress.status = outbox_status::deferred;
  progress.since = progress.due = wall_time{std::chrono::seconds{1'772'366'400}};
  progress.recipients.push_back({"bob@example.net", recipient_status::taken,
                                 server_words{.code = 250, .enhanced = "2.0.0", .words = "ok"}});
  progress.recipients.push_back({"carl@example.net", recipient_status::waiting, std::nullopt});
  progress.attempts = 2;
  progress.reason = "smtp.greylisted";
  record.priority = send_priority::bulk;
  record.accepted_at = wall_time{std::chrono::seconds{1'772'366'400}};
  record.idempotency_key = "order-7";
  return view;
}

[[nodiscard]] inline event_record sample_event(std::uint64_t number) {
  event_record event;
  event.number = number;
  event.about_number = number;
  event.what = {event_kind::mail_arrived, entity_id{0xcd}, wall_time{}, sample_message().record.key,
                R"({"size":10})"};
  return event;
}

} // namespace mailfleet::testing
