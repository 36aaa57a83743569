#include "web/json.hpp"
#include "web/json_commands.hpp"
#include "web/times.hpp"

namespace mailfleet::web {

namespace {

using nlohmann::json;

void read_proxy(json_reader& outer, std::string_view name, std::optional<failure>& fault,
                proxy_settings& into) {
  const auto* object = outer.object(name);
  if (object == nullptr)
    return;
  json_reader from{*object, outer.path_of(name), fault};
  from.read("url", into.url);
  from.read("user", into.user);
  from.read("password", into.password);
  from.read("no_proxy", into.no_proxy);
  from.finish();
}

void read_server(json_reader& from, std::optional<failure>& fault, endpoint& into) {
  from.read("host", into.host);
  from.read("port", into.port);
  read_word(from, "tls", tls_words, into.tls);
  from.read("ca_file", into.ca_file);
  from.read("pin_sha256", into.pin_sha256);
  read_proxy(from, "proxy", fault, into.proxy);
  from.finish();
}

void read_endpoint(json_reader& outer, std::string_view name, std::optional<failure>& fault,
                   endpoint& into) {
  const auto* object = outer.object(name);
  if (object == nullptr)
    return;
  json_reader from{*object, outer.path_of(name), fault};
  read_server(from, fault, into);
}

/// The mail servers of a provider or a mailbox.
template <class Record>
void read_servers(json_reader& from, std::optional<failure>& fault, Record& into) {
  read_endpoint(from, "imap", fault, into.imap);
  read_endpoint(from, "smtp", fault, into.smtp);
  read_endpoint(from, "pop3", fault, into.pop3);
}

void read_secret(json_reader& from, client_secret& into) {
  from.read_with_lines("value", into.value);
  from.read("expires_at", into.expires_at);
  from.read("key_id", into.key_id);
  from.finish();
  if (into.value.empty())
    from.refuse("value", "is empty", "give the secret itself");
}

void read_secrets(json_reader& outer, std::optional<failure>& fault,
                  std::vector<client_secret>& into) {
  const auto* list = outer.array("secrets");
  if (list == nullptr)
    return;
  for (const auto& item : *list) {
    auto path = outer.path_of("secrets") + '[' + std::to_string(into.size()) + ']';
    if (!item.is_object()) {
      outer.refuse("secrets", "holds something that is not an object",
                   "give [{\"value\": ..., \"expires_at\": ...}]");
      return;
    }
    json_reader from{item, path, fault};
    auto& added = into.emplace_back();
    read_secret(from, added);
  }
}

void read_provider(json_reader& from, std::optional<failure>& fault, provider_record& into) {
  from.read("name", into.name);
  from.read("service", into.service);
  from.read("type", into.type);
  from.read("tenant_id", into.tenant_id);
  from.read("client_id", into.client_id);
  read_word(from, "auth", client_auth_words, into.auth);
  read_word(from, "flow", grant_flow_words, into.flow);
  read_secrets(from, fault, into.secrets);
  from.read("reads_expiry", into.reads_expiry);
  from.read("redirect_uri", into.redirect_uri);
  from.read("discovery_url", into.discovery_url);
  from.read("scopes", into.scopes);
  read_servers(from, fault, into);
  from.read("ca_file", into.ca_file);
  read_proxy(from, "proxy", fault, into.proxy);
  from.finish();
}

void read_from(json_reader& from, fetch_from& into) {
  std::string text;
  from.read("from", text);
  if (!from.has("from") || text == "now")
    return;
  auto date = parse_iso8601(text);
  if (text == "all")
    into.what = fetch_from::kind::all;
  else if (date && text.size() == to_iso8601_date(*date).size())
    into = {fetch_from::kind::date, *date};
  else
    from.refuse("from", "has an unknown value", "give now, all, or a date such as 2026-03-01");
}

void read_mailbox(json_reader& from, std::optional<failure>& fault, add_mailbox& into) {
  from.read("address", into.wanted.address);
  from.read("provider", into.provider.text);
  from.read("user", into.wanted.user);
  from.read("delegate", into.wanted.delegate);
  from.read("password", into.password);
  from.read("refresh_token", into.refresh_token);
  if (!into.password.empty())
    into.wanted.auth = mailbox_auth::password;
  read_word(from, "auth", mailbox_auth_words, into.wanted.auth);
  read_servers(from, fault, into.wanted);
  read_from(from, into.wanted.from);
  read_word(from, "action", server_action_words, into.wanted.action);
  from.read("move_target", into.wanted.move_target);
  from.finish();
  bool moves = into.wanted.action == server_action::move;
  if (moves && into.wanted.move_target.empty())
    from.refuse("move_target", "is empty", "name the folder that mail is moved to");
  if (!moves && !into.wanted.move_target.empty())
    from.refuse("move_target", "is given, but the action is not move",
                "give \"action\": \"move\", or no target");
}

} // namespace

result<add_provider> read_add_provider(std::string_view body) {
  return read_command<add_provider>(body, [](json_reader& from, auto& fault, auto& command) {
    read_provider(from, fault, command.wanted);
  });
}

result<add_mailbox> read_add_mailbox(std::string_view body) {
  return read_command<add_mailbox>(body, read_mailbox);
}

result<server_change> read_server_change(std::string_view body) {
  return read_command<server_change>(body, [](json_reader& from, auto& fault, auto& wanted) {
    for (auto [name, into] : {std::pair{"imap", &wanted.imap}, std::pair{"smtp", &wanted.smtp},
                              std::pair{"pop3", &wanted.pop3}})
      if (from.has(name))
        read_endpoint(from, name, fault, into->emplace());
    from.finish();
    if (!wanted.imap && !wanted.smtp && !wanted.pop3)
      from.refuse("imap", "is not given, nor is smtp or pop3", "give the server that changes");
  });
}

result<show_certificate> read_show_certificate(std::string_view body) {
  return read_command<show_certificate>(body, [](json_reader& from, auto& fault, auto& command) {
    read_server(from, fault, command.server);
  });
}

result<client_secret> read_client_secret(std::string_view body) {
  return read_command<client_secret>(
      body, [](json_reader& from, auto&, auto& added) { read_secret(from, added); });
}

result<std::optional<sign_in_prompt>> read_prompt(std::string_view body) {
  using wish = std::optional<sign_in_prompt>;
  if (body.empty())
    return wish{};
  return read_command<wish>(body, [](json_reader& from, auto&, auto& prompt) {
    if (auto read = sign_in_prompt::none; from.has("prompt")) {
      read_word(from, "prompt", sign_in_prompt_words, read);
      prompt = read;
    }
    from.finish();
  });
}

result<secret> read_password(std::string_view body) {
  return read_command<secret>(body, [](json_reader& from, auto&, auto& password) {
    from.read("password", password);
    from.finish();
  });
}

result<void> read_nothing(std::string_view body) {
  if (body.empty())
    return {};
  auto object = parse_json_object(body);
  if (!object)
    return object.error();
  std::optional<failure> fault;
  json_reader{*object, "", fault}.finish();
  if (fault)
    return *fault;
  return {};
}

} // namespace mailfleet::web
