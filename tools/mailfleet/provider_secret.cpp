#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace mailfleet::tools {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string secrets_of(const std::string& provider) {
  return "/providers/" + web::percent_encode(provider) + "/secrets";
}

/// What the directory says besides, and how it was asked last.
void show_expiries(const ordered_json& provider) {
  for (const auto& held : provider.at("secrets"))
    if (held.value("expiries_differ", false))
      fmt::print("secret {}: {} was given, and the directory lists {}; the earlier one counts "
                 "(`mailfleet explain secret.expiry_differs`)\n",
                 text_at(held, "number"), text_at(held, "given_expires_at"),
                 text_at(held, "listed_expires_at"));
  auto look = provider.value("last_expiry_look", ordered_json{});
  if (!look.is_object())
    return;
  const auto& trouble = look.at("trouble");
  if (trouble.is_null())
    fmt::print("the directory told the ends at {}\n", text_at(look, "at"));
  else
    fmt::print("the directory did not tell the ends at {}: {}\n  {}\n", text_at(look, "at"),
               text_at(trouble, "what"), text_at(trouble, "cure"));
}

void show_secrets(const ordered_json& provider) {
  text_table table{{"NUMBER", "STATE", "BEGINS WITH", "UNTIL", "ADDED", "BY"}};
  for (const auto& held : provider.at("secrets"))
    table.add({text_at(held, "number"), secret_state_text(held), text_at(held, "hint"),
               text_at(held, "expires_at"), text_at(held, "added_at"), text_at(held, "added_by")});
  table.print();
  show_expiries(provider);
  for (const auto& line : trouble_lines(provider))
    fmt::print("{}\n", line);
}

struct secret_addition {
  std::string provider;
  client_credential value;
  std::string expires;
  std::string key_id;

  [[nodiscard]] result<json> request() const;
};

result<json> secret_addition::request() const {
  auto read = value.read_or_prompt();
  if (!read)
    return read.error();
  json body{{"value", read->reveal()}};
  if (!expires.empty())
    body["expires_at"] = expires;
  if (!key_id.empty())
    body["key_id"] = key_id;
  return body;
}

void add_add_command(CLI::App& group, session& with) {
  auto given = std::make_shared<secret_addition>();
  auto* add = group.add_subcommand("add", "Give a provider one more client secret or certificate");
  add->add_option("provider", given->provider, "Name or id")->required()->type_name("REF");
  given->value.add(*add);
  add->add_option("--expires", given->expires, "When it expires: 2028-03-01")->type_name("DATE");
  add->add_option("--key-id", given->key_id, "Of a key without certificate: its name there")
      ->type_name("ID");
  add->footer("The newest good secret is used; another one takes over when it expires or is\n"
              "refused. Without --secret-file and --secret-fd it is asked for on the terminal.\n"
              "A certificate's end is read from it.\n\n"
              "Examples:\n"
              "  mailfleet provider secret add office --expires 2028-03-01\n"
              "  mailfleet provider secret add office --secret-file next.txt --expires 2028-03-01\n"
              "  mailfleet provider secret add office --pkcs12 app.p12 --pkcs12-password-file pw");
  add->final_callback([given, &with] {
    with.options = secret_fields();
    auto request = given->request();
    if (!request)
      with.refuse(request.error(), exit_usage);
    else
      with.run("POST", secrets_of(given->provider), request->dump(), show_secrets);
  });
}

void add_list_command(CLI::App& group, session& with) {
  auto which = std::make_shared<std::string>();
  auto* list = group.add_subcommand("list", "The secrets of a provider, without their values");
  list->add_option("provider", *which, "Name or id")->required()->type_name("REF");
  list->footer("Example:\n  mailfleet provider secret list office");
  list->final_callback([which, &with] {
    with.run("GET", "/providers/" + web::percent_encode(*which), "", show_secrets);
  });
}

void add_expiry_command(CLI::App& group, session& with) {
  auto which = std::make_shared<std::string>();
  auto* expiry =
      group.add_subcommand("expiry", "Ask Microsoft's directory when the secrets end, now");
  expiry->add_option("provider", *which, "Name or id")->required()->type_name("REF");
  expiry->footer("The app needs one of the application permissions Application.Read.All and\n"
                 "Application.ReadWrite.OwnedBy of Microsoft Graph, with admin consent. With it\n"
                 "mailfleetd asks by itself, once a day and after `secret add`.\n\n"
                 "Example:\n  mailfleet provider secret expiry office");
  expiry->final_callback([which, &with] {
    with.run("POST", "/providers/" + web::percent_encode(*which) + "/secret-expiry", "",
             show_secrets);
  });
}

void add_retire_command(CLI::App& group, session& with) {
  struct retirement {
    std::string provider;
    std::uint32_t number = 0;
  };
  auto what = std::make_shared<retirement>();
  auto* retire = group.add_subcommand("retire", "Take a secret away for good");
  retire->add_option("provider", what->provider, "Name or id")->required()->type_name("REF");
  retire->add_option("number", what->number, "As `secret list` shows it")->required();
  retire->footer("Retire it here first, then delete it in the portal.\n\n"
                 "Example:\n  mailfleet provider secret retire office 1");
  retire->final_callback([what, &with] {
    with.run("DELETE", secrets_of(what->provider) + '/' + std::to_string(what->number), "",
             show_secrets);
  });
}

} // namespace

void add_secret_commands(CLI::App& provider, session& with) {
  auto* group = provider.add_subcommand("secret", "Client secrets and certificates of a provider");
  group->require_subcommand(1);
  group->footer("Examples:\n"
                "  mailfleet provider secret list office\n"
                "  mailfleet provider secret add office --expires 2028-03-01\n"
                "  mailfleet provider secret expiry office\n"
                "  mailfleet provider secret retire office 1");
  add_add_command(*group, with);
  add_list_command(*group, with);
  add_expiry_command(*group, with);
  add_retire_command(*group, with);
}

void add_consent_command(CLI::App& provider, session& with) {
  auto which = std::make_shared<std::string>();
  auto* command = provider.add_subcommand(
      "consent-link", "Get the address where an administrator consents for the whole tenant");
  command->add_option("provider", *which, "Name or id")->required()->type_name("REF");
  command->footer(
      "Send it to an administrator of the tenant. It works once, for 24 hours and while\n"
      "mailfleetd runs. Mailboxes that wait for the consent go on by themselves.\n\n"
      "Example:\n  mailfleet provider consent-link office");
  command->final_callback([which, &with] {
    with.run("POST", "/providers/" + web::percent_encode(*which) + "/consent-link", "",
             [](const ordered_json& link) {
               fmt::print("to be opened by an administrator of the tenant, until {}:\n\n  {}\n\n",
                          text_at(link, "expires_at"), text_at(link, "url"));
             });
  });
}

} // namespace mailfleet::tools
