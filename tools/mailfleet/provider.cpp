#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace mailfleet::tools {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// -- show -------------------------------------------------------------------

/// The day the next secret expires.
std::string expiry_text(const ordered_json& provider) {
  std::string first = "-";
  for (const auto& held : provider.at("secrets")) {
    auto expires = text_at(held, "expires_at");
    if (expires != "-" && (first == "-" || expires < first))
      first = expires;
  }
  return first.substr(0, first.find('T'));
}

void show_providers(const ordered_json& answer) {
  text_table table{{"NAME", "STATE", "SERVICE", "MAILBOXES", "SECRET UNTIL", "ID"}};
  for (const auto& provider : answer.at("providers")) {
    table.add({text_at(provider, "name"), text_at(provider, "state"), text_at(provider, "service"),
               text_at(provider, "mailboxes"), expiry_text(provider), text_at(provider, "id")});
    for (auto& line : trouble_lines(provider))
      table.add_note(std::move(line));
  }
  table.print();
}

void show_one_provider(const ordered_json& provider) {
  std::vector<std::pair<std::string, std::string>> facts;
  for (const auto* field :
       {"name", "id", "state", "service", "type", "tenant_id", "client_id", "auth", "flow",
        "redirect_uri", "discovery_url", "ca_file", "mailboxes", "refreshes", "restarts"})
    if (auto text = text_at(provider, field); text != "-")
      facts.emplace_back(field, text);
  for (const auto* name : {"imap", "smtp", "pop3"})
    if (auto server = server_text(provider, name); !server.empty())
      facts.emplace_back(name, server);
  std::string scopes;
  for (const auto& scope : provider.value("scopes", ordered_json::array()))
    scopes.append(scopes.empty() ? "" : " ").append(scope.get<std::string>());
  facts.emplace_back("scopes", scopes.empty() ? "those of the service" : scopes);
  for (const auto& held : provider.at("secrets"))
    facts.emplace_back(
        fmt::format("secret {}", text_at(held, "number")),
        fmt::format("until {}, {}", text_at(held, "expires_at"), secret_state_text(held)));
  print_facts(facts);
  for (const auto& line : trouble_lines(provider))
    fmt::print("{}\n", line);
}

// -- add --------------------------------------------------------------------

/// `provider add`.
struct provider_addition {
  /// Texts that go into the request under a field's name.
  struct text_option {
    const char* flag;
    const char* field;
    const char* help;
    std::string value{};
  };

  std::string name;
  std::vector<text_option> texts{
      {"--service", "service",
       "Preset: microsoft, microsoft-gcc-high, microsoft-dod, microsoft-china, google, generic"},
      {"--type", "type", "Kind within the service: Outlook365"},
      {"--tenant", "tenant_id", "Microsoft: tenant id, domain, organizations, common, consumers"},
      {"--client-id", "client_id", "Application (client) id of the registration"},
      {"--redirect-uri", "redirect_uri", "Exactly as registered"},
      {"--discovery", "discovery_url", "OpenID discovery address (generic)"},
      {"--auth", "auth", "At the token endpoint: post, basic, private_key_jwt or none"},
  };
  bool app_only = false;
  bool no_expiry_lookup = false;
  std::string secret_expires;
  std::string key_id;
  std::string ca_file;
  std::vector<std::string> scopes;
  client_credential client_secret;
  imap_options imap;
  other_servers others;
  proxy_options proxy;

  [[nodiscard]] result<json> request() const;
};

result<json> provider_addition::request() const {
  json request{{"name", name}};
  for (const auto& option : texts)
    if (!option.value.empty())
      request[option.field] = option.value;
  if (app_only)
    request["flow"] = "app_only";
  if (no_expiry_lookup)
    request["reads_expiry"] = false;
  if (!scopes.empty())
    request["scopes"] = scopes;
  if (!ca_file.empty())
    request["ca_file"] = absolute_path(ca_file);
  if (auto object = imap.request(ca_file); !object.is_null())
    request["imap"] = object;
  if (auto put = others.put(request, ca_file); !put)
    return put.error();
  auto proxied = proxy.request();
  if (!proxied)
    return proxied.error();
  if (!proxied->is_null())
    request["proxy"] = *proxied;
  if (request.value("auth", "") == "none" && !client_secret.given())
    return request;
  auto value = client_secret.read_or_prompt();
  if (!value)
    return value.error();
  json held{{"value", value->reveal()}};
  if (!secret_expires.empty())
    held["expires_at"] = secret_expires;
  if (!key_id.empty())
    held["key_id"] = key_id;
  request["secrets"] = json::array({held});
  return request;
}

void add_add_command(CLI::App& group, session& with) {
  auto* add = group.add_subcommand("add", "Add an app registration at a cloud provider");
  auto given = std::make_shared<provider_addition>();
  add->add_option("name", given->name, "A name you choose")->required()->type_name("NAME");
  for (auto& option : given->texts) {
    auto* added = add->add_option(option.flag, option.value, option.help);
    added->required(std::string_view{option.field} == "service"
                    || std::string_view{option.field} == "client_id");
  }
  add->add_flag("--app-only", given->app_only,
                "One token of the app for all its mailboxes; nobody signs in");
  given->client_secret.add(*add);
  add->add_option("--key-id", given->key_id, "Of a key without certificate: its name there")
      ->type_name("ID");
  add->add_option("--secret-expires", given->secret_expires, "When the secret expires: 2027-03-01")
      ->type_name("DATE");
  add->add_flag("--no-expiry-lookup", given->no_expiry_lookup,
                "Do not ask Microsoft's directory daily when the secrets end");
  add->add_option("--scope", given->scopes, "A scope to ask for (may repeat)")->type_name("SCOPE");
  add->add_option("--ca-file", given->ca_file, "PEM bundle for identity provider and mail servers")
      ->type_name("FILE");
  given->imap.add(*add);
  given->others.add(*add);
  given->proxy.add(*add);
  add->footer("Without --secret-file and --secret-fd the secret is asked for on the terminal.\n\n"
              "Examples:\n"
              "  mailfleet provider add office --service microsoft --type Outlook365 \\\n"
              "    --tenant contoso.example --client-id 1b2c... --secret-file secret.txt \\\n"
              "    --secret-expires 2027-03-01 \\\n"
              "    --redirect-uri https://HOST/api/cloudProviders/oauth2/Outlook365/callback\n"
              "  mailfleet provider add own --service generic --auth basic --client-id mf \\\n"
              "    --discovery https://id.example/.well-known/openid-configuration \\\n"
              "    --imap-host imap.example --imap-tls starttls --secret-file s --scope openid \\\n"
              "    --redirect-uri https://HOST/api/cloudProviders/oauth2/generic/callback");
  add->final_callback([given, &with] {
    with.options = provider_fields();
    auto request = given->request();
    if (!request)
      with.refuse(request.error(), exit_usage);
    else
      with.run("POST", "/providers", request->dump(), show_one_provider);
  });
}

} // namespace

void add_provider_commands(CLI::App& app, session& with) {
  auto* group = app.add_subcommand("provider", "App registrations at cloud providers");
  group->require_subcommand(1);
  group->footer("Examples:\n"
                "  mailfleet provider list\n"
                "  mailfleet provider show office\n"
                "  mailfleet provider plan --help\n"
                "  mailfleet provider add --help");
  add_plan_command(*group, with);
  add_add_command(*group, with);
  auto* list = group->add_subcommand("list", "All providers and what troubles them");
  list->footer("Example:\n  mailfleet provider list --json | jq '.providers[].name'");
  list->final_callback([&with] { with.run("GET", "/providers", "", show_providers); });
  add_secret_commands(*group, with);
  add_consent_command(*group, with);
  auto which = std::make_shared<std::string>();
  auto* show = group->add_subcommand("show", "One provider");
  show->add_option("provider", *which, "Name or id")->required()->type_name("REF");
  show->footer("Example:\n  mailfleet provider show office");
  show->final_callback([which, &with] {
    with.run("GET", "/providers/" + web::percent_encode(*which), "", show_one_provider);
  });
  auto* remove = group->add_subcommand("remove", "Remove a provider that has no mailboxes");
  remove->add_option("provider", *which, "Name or id")->required()->type_name("REF");
  remove->footer("Example:\n  mailfleet provider remove office");
  remove->final_callback([which, &with] {
    with.run("DELETE", "/providers/" + web::percent_encode(*which), "",
             [which](const ordered_json&) { fmt::print("removed {}\n", printable(*which)); });
  });
}

} // namespace mailfleet::tools
