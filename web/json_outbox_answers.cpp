#include "web/json_outbox.hpp"
#include "web/json_values.hpp"
#include "web/json_words.hpp"

namespace mailfleet::web {

namespace {

using json = nlohmann::ordered_json;

json text_or_null(const std::optional<server_words>& said) {
  return said ? json(to_string(*said)) : json(nullptr);
}

json recipients_of(const outbox_progress& progress) {
  auto list = json::array();
  for (const auto& one : progress.recipients)
    list.push_back({{"address", one.address},
                    {"status", to_string(one.status)},
                    {"said", text_or_null(one.said)}});
  return list;
}

json outlook_of(const std::optional<doubt_outlook>& doubt) {
  if (!doubt)
    return nullptr;
  return {{"policy", word_of(doubt_policy_words, doubt->policy)},
          {"next_look", to_json(doubt->next_look)},
          {"trouble", doubt->trouble.empty() ? json{} : json(doubt->trouble)}};
}

} // namespace

json to_json(const upload_view& view) {
  return {{"key", to_string(view.key)},
          {"parts", view.parts},
          {"bytes", view.bytes},
          {"expires_at", to_iso8601(view.expires_at)}};
}

json to_json(const outbox_view& view) {
  const auto& record = view.record;
  const auto& [envelope, facts] = record.mail;
  const auto& progress = record.progress;
  return {{"key", to_string(record.key)},
          {"mailbox", to_string(record.key.mailbox)},
          {"status", to_string(progress.status)},
          {"since", to_iso8601(progress.since)},
          {"due", to_iso8601(progress.due)},
          {"accepted_at", to_iso8601(record.accepted_at)},
          {"attempts", progress.attempts},
          {"priority", word_of(send_priority_words, record.priority)},
          {"idempotency_key", record.idempotency_key},
          {"message_id", facts.message_id},
          {"subject", facts.subject},
          {"from", facts.from},
          {"thread", facts.thread},
          {"sender", envelope.sender},
          {"recipients", recipients_of(progress)},
          {"bytes", envelope.bytes},
          {"said", text_or_null(progress.said)},
          {"reason", progress.reason},
          {"detail", progress.detail},
          {"dot_sent_at", to_json(progress.dot_sent_at)},
          {"trouble", to_json(view.trouble)},
          {"repeated", view.is_repeated},
          {"doubt", outlook_of(view.doubt)}};
}

json to_json(const outbox_list& list) {
  auto mails = json::array();
  for (const auto& view : list.mails)
    mails.push_back(to_json(view));
  return {{"mails", mails}, {"next", list.next ? json(to_string(*list.next)) : json(nullptr)}};
}

json to_json(const outbox_figures& figures) {
  auto at_rest = json::array();
  for (const auto& [mailbox, trouble] : figures.at_rest)
    at_rest.push_back(
        {{"mailbox", to_string(mailbox)}, {"trouble", to_json(std::optional{trouble})}});
  return {{"waiting", figures.waiting},
          {"under_way", figures.under_way},
          {"in_doubt", figures.in_doubt},
          {"sent", figures.sent},
          {"failed", figures.failed},
          {"oldest", to_json(figures.oldest)},
          {"at_rest", at_rest}};
}

json to_json(const sending_settings& settings) {
  json written = {{"in_doubt", word_of(doubt_policy_words, settings.in_doubt)},
                  {"send_as", settings.send_as},
                  {"sent_folder", settings.sent_folder}};
  for (const auto& [name, number] : sending_numbers)
    if (const auto& set = settings.*number)
      written[std::string{name}] = *set;
  return written;
}

} // namespace mailfleet::web
