#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/file_export.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace mailfleet::tools {

namespace {

using nlohmann::ordered_json;

std::string flags_text(const ordered_json& message) {
  std::string text;
  for (const auto& flag : message.at("flags"))
    text.append(text.empty() ? "" : " ").append(printable(flag.get<std::string>()));
  if (message.value("possible_duplicate", false))
    text.append(" (possible duplicate)");
  if (message.value("quarantined", false))
    text.append(" (quarantined)");
  return text;
}

/// The ids of its thread, the eldest first.
std::string thread_text(const ordered_json& message) {
  std::string text;
  for (const auto& id : message.value("thread", ordered_json::array()))
    text.append(text.empty() ? "" : " ").append(printable(id.get<std::string>()));
  return text.empty() ? "-" : text;
}

void show_messages(const ordered_json& answer) {
  text_table table{{"KEY", "SIZE", "RECEIVED", "KIND", "ABOUT", "FLAGS"}};
  for (const auto& message : answer.at("messages"))
    table.add({text_at(message, "key"), size_text(number_at(message, "size")),
               text_at(message, "internal_date"), text_at(message, "kind"),
               text_at(message, "about"), flags_text(message)});
  table.print();
  if (answer.value("more", false) && !answer.at("messages").empty())
    fmt::print("more: --after {}\n", text_at(answer.at("messages").back(), "key"));
}

void show_one_message(const ordered_json& message) {
  print_facts({{"key", text_at(message, "key")},
               {"size", text_at(message, "size") + " bytes"},
               {"sha256", text_at(message, "sha256")},
               {"received", text_at(message, "internal_date")},
               {"fetched", text_at(message, "fetched_at")},
               {"flags", flags_text(message)},
               {"kind", text_at(message, "kind")},
               {"message id", text_at(message, "message_id")},
               {"thread", thread_text(message)},
               {"about", text_at(message, "about")}});
}

void export_message(session& with, const std::string& key, const std::string& output) {
  auto target = "/messages/" + web::percent_encode(key) + "/body";
  auto file = file_export::open(output);
  if (!file)
    return with.refuse(file.error(), exit_usage);
  if (!with.download(target, [&](std::string_view bytes) { return file->write(bytes); }))
    return;
  if (auto kept = file->keep(); !kept)
    with.refuse(kept.error(), exit_refused);
}

void add_list_command(CLI::App& group, session& with) {
  struct list_wish {
    std::string mailbox, after, limit;
  };
  auto wish = std::make_shared<list_wish>();
  auto* list = group.add_subcommand("list", "Messages of a mailbox, oldest first");
  list->add_option("mailbox", wish->mailbox, "Address or id")->required()->type_name("REF");
  list->add_option("--after", wish->after, "Only behind this message")->type_name("KEY");
  list->add_option("--limit", wish->limit, "How many at most (1000; 100 if not given)")
      ->type_name("N");
  list->footer("Example:\n  mailfleet message list ann@example.org --limit 20");
  list->final_callback([wish, &with] {
    auto query = query_text({{"after", wish->after}, {"limit", wish->limit}});
    with.run("GET", "/mailboxes/" + web::percent_encode(wish->mailbox) + "/messages" + query, "",
             show_messages);
  });
}

} // namespace

void add_message_commands(CLI::App& app, session& with) {
  auto* group = app.add_subcommand("message", "Messages that are stored");
  group->require_subcommand(1);
  group->footer("Examples:\n"
                "  mailfleet message list ann@example.org\n"
                "  mailfleet message export 0000000000cd-1-7-42 -o mail.eml");
  add_list_command(*group, with);
  auto key = std::make_shared<std::string>();
  auto* show = group->add_subcommand("show", "What is known of one message");
  show->add_option("key", *key, "As `message list` shows it")->required()->type_name("KEY");
  show->footer("Example:\n  mailfleet message show 0000000000cd-1-7-42");
  show->final_callback([key, &with] {
    with.run("GET", "/messages/" + web::percent_encode(*key), "", show_one_message);
  });
  auto output = std::make_shared<std::string>();
  auto* exported =
      group->add_subcommand("export", "The message byte for byte as the server had it");
  exported->add_option("key", *key, "As `message list` shows it")->required()->type_name("KEY");
  exported->add_option("-o,--output", *output, "Where to; - is standard output")
      ->required()
      ->type_name("FILE");
  exported->footer("A file is there whole or not at all.\n\n"
                   "Examples:\n"
                   "  mailfleet message export 0000000000cd-1-7-42 -o mail.eml\n"
                   "  mailfleet message export 0000000000cd-1-7-42 -o - | less");
  exported->final_callback([key, output, &with] { export_message(with, *key, *output); });
}

} // namespace mailfleet::tools
