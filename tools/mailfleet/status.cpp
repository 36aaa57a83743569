#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace mailfleet::tools {

namespace {

using nlohmann::ordered_json;

std::string mailboxes_text(const ordered_json& states) {
  std::string text;
  for (const auto& [state, count] : states.items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count.dump(), printable(state));
  return text.empty() ? "none" : text;
}

void show_status(const ordered_json& status) {
  const auto& budget = status.at("budget");
  print_facts({{"version", text_at(status, "version")},
               {"up since", text_at(status, "started_at")},
               {"mailboxes", mailboxes_text(status.at("mailboxes"))},
               {"fetched", fmt::format("{} messages, {}", text_at(status, "messages_fetched"),
                                       size_text(number_at(status, "bytes_fetched")))},
               {"in flight", fmt::format("{} of {}", size_text(number_at(budget, "used")),
                                         size_text(number_at(budget, "limit")))},
               {"last event", text_at(status, "last_event")},
               {"commits", fmt::format("{} in {} synced batches", text_at(status, "commits"),
                                       text_at(status, "synced_batches"))}});
  const auto& providers = status.at("providers");
  if (providers.empty())
    return;
  fmt::print("\n");
  text_table table{{"PROVIDER", "STATE", "MAILBOXES", "REFRESHES", "RESTARTS"}};
  for (const auto& provider : providers) {
    table.add({text_at(provider, "name"), text_at(provider, "state"),
               text_at(provider, "mailboxes"), text_at(provider, "refreshes"),
               text_at(provider, "restarts")});
    for (auto& line : trouble_lines(provider))
      table.add_note(std::move(line));
  }
  table.print();
}

} // namespace

void add_status_command(CLI::App& app, session& with) {
  auto* status = app.add_subcommand("status", "How the whole is doing");
  status->footer("Examples:\n"
                 "  mailfleet status\n"
                 "  mailfleet status --json | jq .mailboxes");
  status->final_callback([&with] { with.run("GET", "/status", "", show_status); });
}

} // namespace mailfleet::tools
