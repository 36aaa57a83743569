#include "web/json.hpp"
#include "web/json_outbox.hpp"
#include "web/json_values.hpp"
#include "web/json_words.hpp"

namespace mailfleet::web {

namespace {

// Fields stay in the order they are written here, which a person reads.
using json = nlohmann::ordered_json;

using web::to_json;

json to_json(const proxy_settings& proxy) {
  return {{"url", proxy.url}, {"user", proxy.user}, {"no_proxy", proxy.no_proxy}};
}

json to_json(const endpoint& server) {
  return {{"host", server.host},
          {"port", server.port},
          {"tls", word_of(tls_words, server.tls)},
          {"ca_file", server.ca_file},
          {"pin_sha256", server.pin_sha256},
          {"proxy", to_json(server.proxy)}};
}

json to_json(const secret_view& view) {
  return {{"number", view.number},
          {"state", to_string(view.state)},
          {"hint", view.hint},
          {"expires_at", to_json(view.expires_at)},
          {"given_expires_at", to_json(view.given_expires_at)},
          {"listed_expires_at", to_json(view.listed_expires_at)},
          {"expiries_differ", view.expiries_differ},
          {"refused_at", to_json(view.refused_at)},
          {"added_at", to_iso8601(view.added_at)},
          {"added_by", view.added_by}};
}

json to_json(const std::optional<expiry_look>& look) {
  if (!look)
    return nullptr;
  return {{"at", to_iso8601(look->at)}, {"trouble", to_json(look->trouble)}};
}

template <class View>
json list_of(const std::vector<View>& views);

json to_json(const provider_view& view) {
  const auto& record = view.record;
  return {{"id", to_string(record.id)},
          {"name", record.name},
          {"service", record.service},
          {"type", record.type},
          {"tenant_id", record.tenant_id},
          {"client_id", record.client_id},
          {"auth", word_of(client_auth_words, record.auth)},
          {"flow", word_of(grant_flow_words, record.flow)},
          {"secrets", list_of(view.secrets)},
          {"reads_expiry", record.reads_expiry},
          {"last_expiry_look", to_json(view.last_expiry_look)},
          {"redirect_uri", record.redirect_uri},
          {"discovery_url", record.discovery_url},
          {"scopes", record.scopes},
          {"imap", to_json(record.imap)},
          {"smtp", to_json(record.smtp)},
          {"pop3", to_json(record.pop3)},
          {"ca_file", record.ca_file},
          {"proxy", to_json(record.proxy)},
          {"state", to_string(view.state)},
          {"trouble", to_json(view.trouble)},
          {"mailboxes", view.mailboxes},
          {"refreshes", view.refreshes},
          {"restarts", view.restarts}};
}

std::string from_text(const fetch_from& from) {
  switch (from.what) {
  case fetch_from::kind::now: return "now";
  case fetch_from::kind::all: return "all";
  case fetch_from::kind::date: return to_iso8601_date(from.date);
  }
  return "unknown";
}

json to_json(const mailbox_view& view) {
  const auto& record = view.record;
  return {{"id", to_string(record.id)},
          {"address", record.address},
          {"auth", word_of(mailbox_auth_words, record.auth)},
          {"provider", record.provider ? json(to_string(*record.provider)) : json(nullptr)},
          {"provider_name", view.provider_name},
          {"service", view.service},
          {"user", record.user},
          {"delegate", record.delegate},
          {"imap", to_json(record.imap)},
          {"smtp", to_json(record.smtp)},
          {"pop3", to_json(record.pop3)},
          {"from", from_text(record.from)},
          {"action", word_of(server_action_words, record.action)},
          {"move_target", record.move_target},
          {"paused", record.paused},
          {"added_at", to_iso8601(record.added_at)},
          {"state", to_string(view.state)},
          {"trouble", to_json(view.trouble)},
          {"sending_trouble", to_json(view.sending_trouble)},
          {"validity", view.validity},
          {"high_water", view.high_water},
          {"owed", view.owed},
          {"fetched", view.fetched},
          {"fetched_bytes", view.fetched_bytes},
          {"restarts", view.restarts},
          {"last_arrival", to_json(view.last_arrival)},
          {"sending", to_json(record.sending)}};
}

json to_json(const message_view& view) {
  const auto& record = view.record;
  return {{"key", to_string(record.key)},
          {"mailbox", to_string(record.key.mailbox)},
          {"folder", record.key.folder},
          {"validity", record.key.validity},
          {"number", record.key.number},
          {"size", record.size},
          {"chunks", record.chunks},
          {"sha256", to_hex(record.sha256)},
          {"internal_date", to_json(record.internal_date)},
          {"flags", record.flags},
          {"fetched_at", to_iso8601(record.fetched_at)},
          {"possible_duplicate", record.possible_duplicate},
          {"quarantined", record.quarantined},
          {"kind", to_string(record.kind)},
          {"message_id", record.message_id},
          {"thread", record.thread},
          {"about", record.about ? json(to_string(*record.about)) : json(nullptr)}};
}

json to_json(const event_record& record) {
  auto detail = json::parse(record.what.detail, nullptr, false);
  return {{"number", record.number},
          {"about_number", record.about_number},
          {"kind", to_string(record.what.kind)},
          {"about", to_string(record.what.about)},
          {"at", to_iso8601(record.what.at)},
          {"message", record.what.message ? json(to_string(*record.what.message)) : json(nullptr)},
          {"detail", detail.is_object() ? detail : json::object()}};
}

json to_json(const audit_record& record) {
  return {{"number", record.number},   {"at", to_iso8601(record.at)}, {"actor", record.actor},
          {"command", record.command}, {"subject", record.subject},   {"outcome", record.outcome}};
}

template <class View>
json list_of(const std::vector<View>& views) {
  auto list = json::array();
  for (const auto& view : views)
    list.push_back(to_json(view));
  return list;
}

/// One overload an answer.
struct answer_writer {
  json operator()(const done&) const {
    return {{"done", true}};
  }
  json operator()(const provider_view& view) const {
    return to_json(view);
  }
  json operator()(const provider_list& list) const {
    return {{"providers", list_of(list.providers)}};
  }
  json operator()(const mailbox_view& view) const {
    return to_json(view);
  }
  json operator()(const mailbox_list& list) const {
    return {{"mailboxes", list_of(list.mailboxes)}};
  }
  json operator()(const sign_in_started& started) const {
    return {{"start_url", started.start_url}, {"expires_at", to_iso8601(started.expires_at)}};
  }
  json operator()(const sign_in_opened&) const {
    return json::object();
  }
  json operator()(const signed_in& who) const {
    return {
        {"mailbox", to_string(who.mailbox)}, {"address", who.address}, {"account", who.account}};
  }
  json operator()(const device_sign_in_started& started) const {
    return {{"user_code", started.user_code},
            {"verification_uri", started.verification_uri},
            {"verification_uri_complete", started.verification_uri_complete},
            {"expires_at", to_iso8601(started.expires_at)}};
  }
  json operator()(const examination& seen) const {
    auto findings = json::array();
    for (const auto& found : seen.findings)
      findings.push_back({{"check", found.check},
                          {"verdict", to_string(found.how)},
                          {"what", found.what},
                          {"code", found.code},
                          {"cure", found.cure}});
    return {{"subject", seen.subject}, {"findings", findings}};
  }
  json operator()(const consent_link& link) const {
    return {{"url", link.url}, {"expires_at", to_iso8601(link.expires_at)}};
  }
  json operator()(const consent_given& consent) const {
    return {{"provider", to_string(consent.provider)}, {"tenant", consent.tenant}};
  }
  json operator()(const message_list& list) const {
    return {{"messages", list_of(list.messages)}, {"more", list.more}};
  }
  json operator()(const message_view& view) const {
    return to_json(view);
  }
  json operator()(const body_part&) const {
    return json::object();
  }
  json operator()(const event_list& list) const {
    return {{"events", list_of(list.events)}, {"more", list.more}};
  }
  json operator()(const audit_list& list) const {
    return {{"audit", list_of(list.records)}, {"more", list.more}};
  }
  json operator()(const offered_certificate& seen) const {
    return {{"sha256", seen.sha256},           {"subject", seen.subject},
            {"issuer", seen.issuer},           {"not_after", to_iso8601(seen.not_after)},
            {"trusted", seen.trouble.empty()}, {"trouble", seen.trouble}};
  }
  json operator()(const status_report& report) const {
    auto states = json::object();
    for (const auto& [state, count] : report.mailboxes)
      states[std::string{to_string(state)}] = count;
    return {{"version", report.version},
            {"started_at", to_iso8601(report.started_at)},
            {"providers", list_of(report.providers)},
            {"mailboxes", states},
            {"messages_fetched", report.messages_fetched},
            {"bytes_fetched", report.bytes_fetched},
            {"last_event", report.last_event},
            {"commits", report.commits},
            {"synced_batches", report.synced_batches},
            {"budget", {{"used", report.budget_used}, {"limit", report.budget_limit}}},
            {"outbox", to_json(report.outbox)}};
  }
  json operator()(const upload_view& view) const {
    return to_json(view);
  }
  json operator()(const outbox_view& view) const {
    return to_json(view);
  }
  json operator()(const outbox_list& list) const {
    return to_json(list);
  }
};

/// Bytes that are not UTF-8 become U+FFFD: JSON has no other form for them.
std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

std::string write_answer(const control_answer& answer) {
  return text_of(std::visit(answer_writer{}, answer));
}

std::string write_failure(const failure& what) {
  return text_of({{"error", {{"code", to_string(what.code)}, {"detail", what.detail}}}});
}

unsigned http_status(errc code) noexcept {
  switch (code) {
  case errc::invalid_argument: return 400;
  case errc::not_found: return 404;
  case errc::already_exists:
  case errc::in_use:
  case errc::precondition_failed: return 409;
  case errc::overloaded: return 429;
  case errc::shutting_down:
  case errc::unavailable: return 503;
  case errc::timed_out: return 504;
  default: break;
  }
  // Whom mailfleetd asked is at fault: a mail server, a proxy, an identity provider.
  bool elsewhere = code >= errc::dns_failed && code <= errc::provider_misconfigured;
  return elsewhere ? 502 : 500;
}

std::optional<mailbox_state> parse_mailbox_state(std::string_view name) noexcept {
  for (auto state : {mailbox_state::needs_sign_in, mailbox_state::connecting,
                     mailbox_state::syncing, mailbox_state::watching, mailbox_state::backing_off,
                     mailbox_state::paused, mailbox_state::parked})
    if (to_string(state) == name)
      return state;
  return std::nullopt;
}

} // namespace mailfleet::web
