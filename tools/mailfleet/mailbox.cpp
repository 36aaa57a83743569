#include "tools/mailfleet/certificate.hpp"
#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/sending.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <memory>

namespace mailfleet::tools {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// -- show -------------------------------------------------------------------

void show_mailboxes(const ordered_json& answer) {
  text_table table{{"ADDRESS", "STATE", "PROVIDER", "THIS RUN", "OWED", "LAST ARRIVAL", "ID"}};
  for (const auto& mailbox : answer.at("mailboxes")) {
    table.add({text_at(mailbox, "address"), text_at(mailbox, "state"),
               text_at(mailbox, "provider_name"), text_at(mailbox, "fetched"),
               text_at(mailbox, "owed"), text_at(mailbox, "last_arrival"), text_at(mailbox, "id")});
    for (auto& line : trouble_lines(mailbox))
      table.add_note(std::move(line));
    for (auto& line : sending_trouble_lines(mailbox))
      table.add_note(std::move(line));
  }
  table.print();
}

void show_one_mailbox(const ordered_json& mailbox) {
  std::vector<std::pair<std::string, std::string>> facts;
  for (const auto* field : {"address", "id", "state", "provider_name", "auth", "user", "delegate",
                            "from", "action", "move_target", "added_at", "validity", "high_water",
                            "owed", "fetched", "last_arrival", "restarts"})
    if (auto text = text_at(mailbox, field); text != "-")
      facts.emplace_back(field, text);
  facts.emplace_back("fetched_bytes", size_text(number_at(mailbox, "fetched_bytes")));
  for (const auto* name : {"imap", "smtp", "pop3"})
    if (auto server = server_text(mailbox, name); !server.empty())
      facts.emplace_back(name, server);
  for (const auto* field : {"ca_file", "pin_sha256"})
    if (auto text = text_at(mailbox.at("imap"), field); text != "-")
      facts.emplace_back(field, text);
  if (mailbox.contains("sending"))
    std::ranges::move(sending_facts(mailbox), std::back_inserter(facts));
  print_facts(facts);
  for (const auto& line : trouble_lines(mailbox))
    fmt::print("{}\n", line);
  for (const auto& line : sending_trouble_lines(mailbox))
    fmt::print("{}\n", line);
}

// -- add --------------------------------------------------------------------

/// `mailbox add`.
struct mailbox_addition {
  std::string address;
  std::string provider;
  std::string user;
  std::string delegate;
  std::string from;
  std::string action;
  secret_source password;
  secret_source refresh_token;
  imap_options imap;
  other_servers others;
  proxy_options proxy;
  bool confirms_certificate = false;

  [[nodiscard]] result<json> request() const;
  [[nodiscard]] result<void> put_secrets(json& request) const;
};

result<void> mailbox_addition::put_secrets(json& request) const {
  auto token = refresh_token.read();
  if (!token)
    return token.error();
  if (*token)
    request["refresh_token"] = (*token)->reveal();
  if (!provider.empty() && !password.given())
    return {};
  auto typed = password.read_or_prompt();
  if (!typed)
    return typed.error();
  request["password"] = typed->reveal();
  return {};
}

result<json> mailbox_addition::request() const {
  constexpr std::string_view move = "move:";
  json request{{"address", address}};
  for (const auto& [field, value] : {std::pair{"provider", &provider}, std::pair{"user", &user},
                                     std::pair{"delegate", &delegate}, std::pair{"from", &from}})
    if (!value->empty())
      request[field] = *value;
  if (action.starts_with(move)) {
    request["action"] = "move";
    request["move_target"] = action.substr(move.size());
  } else if (!action.empty()) {
    request["action"] = action;
  }
  auto server = server_request(imap, proxy);
  if (!server)
    return server.error();
  if (!server->is_null())
    request["imap"] = *server;
  if (auto put = others.put(request, ""); !put)
    return put.error();
  if (auto put = put_secrets(request); !put)
    return put.error();
  return request;
}

void add_add_command(CLI::App& group, session& with) {
  auto* add = group.add_subcommand("add", "Add a mailbox");
  auto given = std::make_shared<mailbox_addition>();
  add->add_option("address", given->address, "Its address")->required()->type_name("ADDRESS");
  add->add_option("--provider", given->provider, "Provider that signs it in; none: a password does")
      ->type_name("REF");
  add->add_option("--user", given->user, "Log-in name, if it is not the address")
      ->type_name("NAME");
  add->add_option("--delegate", given->delegate,
                  "Account that signs in for it, as for a shared mailbox")
      ->type_name("ADDRESS");
  add->add_option("--from", given->from, "What to take first: now (default), all, or a date")
      ->type_name("now|YYYY-MM-DD|all");
  add->add_option("--action", given->action,
                  "What is done on the server with mail that is safe here")
      ->type_name("none|seen|move:FOLDER|remove");
  given->password.add(*add, "password", "password of the mailbox");
  given->refresh_token.add(*add, "refresh-token", "refresh token had elsewhere");
  given->imap.add(*add);
  given->others.add(*add);
  add->add_flag("--confirm-certificate", given->confirms_certificate,
                "Show the server's certificate if no CA vouches for it, and ask to pin it")
      ->needs("--imap-host")
      ->excludes("--pin-sha256");
  given->proxy.add(*add);
  add->footer("Without a provider the password is asked for on the terminal, unless a file or\n"
              "descriptor is named.\n\n"
              "Examples:\n"
              "  mailfleet mailbox add ann@example.org --provider office\n"
              "  mailfleet mailbox add ann@example.org --provider office --from 2026-03-01 \\\n"
              "    --action move:Done\n"
              "  mailfleet mailbox add bob@example.net --imap-host imap.example.net \\\n"
              "    --password-file bob.txt --from all\n"
              "  mailfleet mailbox add bob@example.net --imap-host mail.example.net \\\n"
              "    --confirm-certificate");
  add->final_callback([given, &with] {
    with.options = mailbox_fields();
    auto request = given->request();
    if (!request)
      return with.refuse(request.error(), exit_usage);
    if (given->confirms_certificate) {
      auto pin = confirm_certificate(with, request->at("imap"));
      if (!pin)
        return;
      if (!pin->empty())
        (*request)["imap"]["pin_sha256"] = *pin;
    }
    with.run("POST", "/mailboxes", request->dump(), show_one_mailbox);
  });
}

// -- servers ----------------------------------------------------------------

/// `mailbox servers`.
struct server_wish {
  imap_options imap;
  other_servers others;
  proxy_options proxy;

  [[nodiscard]] result<json> request() const;
};

result<json> server_wish::request() const {
  auto request = json::object();
  auto server = server_request(imap, proxy);
  if (!server)
    return server.error();
  if (!server->is_null() && imap.host.empty())
    return bad_field("--imap-host", "is missing", "give the server that the other options are of");
  if (!server->is_null())
    request["imap"] = *server;
  if (auto put = others.put(request, ""); !put)
    return put.error();
  if (request.empty())
    return bad_field("--smtp", "is missing, and so are --imap-host and --pop3",
                     "say which server is another now");
  return request;
}

// -- commands on one mailbox ------------------------------------------------

struct simple_command {
  const char* name;
  const char* help;
  const char* method;
  /// Behind the mailbox in the address.
  const char* suffix;
  const char* said;
};

void add_simple_command(CLI::App& group, session& with, const simple_command& wanted) {
  auto which = std::make_shared<std::string>();
  auto* command = group.add_subcommand(wanted.name, wanted.help);
  command->add_option("mailbox", *which, "Address or id")->required()->type_name("REF");
  command->footer(fmt::format("Example:\n  mailfleet mailbox {} ann@example.org", wanted.name));
  command->final_callback([which, wanted, &with] {
    with.run(wanted.method, "/mailboxes/" + web::percent_encode(*which) + wanted.suffix, "",
             [&](const ordered_json& answer) {
               if (answer.contains("address"))
                 show_one_mailbox(answer);
               else
                 fmt::print("{} {}\n", wanted.said, printable(*which));
             });
  });
}

void add_remove_command(CLI::App& group, session& with) {
  auto which = std::make_shared<std::string>();
  auto discards = std::make_shared<bool>(false);
  auto* command = group.add_subcommand("remove", "Remove a mailbox and all that is stored of it");
  command->add_option("mailbox", *which, "Address or id")->required()->type_name("REF");
  command->add_flag("--discard-mail", *discards, "Mail that is not sent yet may go with it");
  command->footer("Nothing is changed on its server.\n\n"
                  "Example:\n  mailfleet mailbox remove ann@example.org");
  command->final_callback([which, discards, &with] {
    with.run("DELETE",
             "/mailboxes/" + web::percent_encode(*which)
                 + query_text({{"discard_mail", *discards ? "true" : ""}}),
             "", [&](const ordered_json&) { fmt::print("removed {}\n", printable(*which)); });
  });
}

void add_servers_command(CLI::App& group, session& with) {
  auto which = std::make_shared<std::string>();
  auto given = std::make_shared<server_wish>();
  auto* command =
      group.add_subcommand("servers", "Say where its servers are; it connects anew at once");
  command->add_option("mailbox", *which, "Address or id")->required()->type_name("REF");
  given->imap.add(*command);
  given->others.add(*command);
  given->proxy.add(*command);
  command->footer(
      "A server that is named takes the place of the old one with TLS, CA file and pin; the proxy\n"
      "stays unless --proxy names another (direct: none). Its mail stays, and so must the host of\n"
      "its IMAP server: at another one, add the mailbox anew.\n\n"
      "Examples:\n"
      "  mailfleet mailbox servers bob@example.net --smtp smtp.example.net\n"
      "  mailfleet mailbox servers bob@example.net --imap-host imap.example.net \\\n"
      "    --pin-sha256 HEX");
  command->final_callback([which, given, &with] {
    with.options = mailbox_fields();
    auto request = given->request();
    if (!request)
      return with.refuse(request.error(), exit_usage);
    with.run("PUT", "/mailboxes/" + web::percent_encode(*which) + "/servers", request->dump(),
             show_one_mailbox);
  });
}

void add_password_command(CLI::App& group, session& with) {
  auto which = std::make_shared<std::string>();
  auto password = std::make_shared<secret_source>();
  auto* command = group.add_subcommand("password", "Replace the password of a mailbox");
  command->add_option("mailbox", *which, "Address or id")->required()->type_name("REF");
  password->add(*command, "password", "password of the mailbox");
  command->footer("Its mail stays; it logs in anew at once.\n\n"
                  "Examples:\n"
                  "  mailfleet mailbox password bob@example.net\n"
                  "  mailfleet mailbox password bob@example.net --password-file bob.txt");
  command->final_callback([which, password, &with] {
    with.options = mailbox_fields();
    auto typed = password->read_or_prompt();
    if (!typed)
      return with.refuse(typed.error(), exit_usage);
    with.run("POST", "/mailboxes/" + web::percent_encode(*which) + "/password",
             json{{"password", typed->reveal()}}.dump(), [&](const ordered_json&) {
               fmt::print("replaced the password of {}\n", printable(*which));
             });
  });
}

} // namespace

void add_mailbox_commands(CLI::App& app, session& with) {
  auto* group = app.add_subcommand("mailbox", "Mailboxes");
  group->require_subcommand(1);
  group->footer("Examples:\n"
                "  mailfleet mailbox list --state parked\n"
                "  mailfleet mailbox sign-in ann@example.org --wait\n"
                "  mailfleet mailbox add --help");
  add_add_command(*group, with);
  auto state = std::make_shared<std::string>();
  auto* list = group->add_subcommand("list", "All mailboxes and what troubles them");
  list->add_option("--state", *state, "Only those in this state")->type_name("STATE");
  list->footer(
      "States: needs_sign_in, connecting, syncing, watching, backing_off, paused, parked.\n\n"
      "Examples:\n  mailfleet mailbox list\n  mailfleet mailbox list --state parked");
  list->final_callback([state, &with] {
    with.run("GET", "/mailboxes" + query_text({{"state", *state}}), "", show_mailboxes);
  });
  for (const auto& command :
       {simple_command{"show", "One mailbox", "GET", "", ""},
        simple_command{"pause", "End its session and fetch nothing; what is to be sent goes on",
                       "POST", "/pause", "paused"},
        simple_command{"resume", "Go on after a pause or a repair", "POST", "/resume", "resumed"},
        simple_command{"fetch", "Look for new mail now", "POST", "/fetch", "looking for mail in"}})
    add_simple_command(*group, with, command);
  add_remove_command(*group, with);
  add_servers_command(*group, with);
  add_sign_in_command(*group, with);
  add_password_command(*group, with);
  add_sending_command(*group, with);
  add_mailbox_explain_command(*group, with);
}

} // namespace mailfleet::tools
