#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/name_book.hpp"
#include "tools/mailfleet/text.hpp"
#include "web/times.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace mailfleet::tools {

namespace {

using nlohmann::ordered_json;

std::string mailboxes_text(const ordered_json& states) {
  std::string text;
  for (const auto& [state, count] : states.items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count.dump(), printable(state));
  return text.empty() ? "none" : text;
}

/// `12 wait, 1 under way, 0 in doubt; the oldest for 3 h; since the start 40 sent, 1 failed`.
std::string outbox_text(const ordered_json& outbox) {
  auto text = fmt::format("{} wait, {} under way, {} in doubt", number_at(outbox, "waiting"),
                          number_at(outbox, "under_way"), number_at(outbox, "in_doubt"));
  auto ended = fmt::format("; since the start {} sent, {} failed", number_at(outbox, "sent"),
                           number_at(outbox, "failed"));
  auto oldest = web::parse_iso8601(text_at(outbox, "oldest"));
  if (!oldest)
    return text + ended;
  auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return text + "; the oldest for " + age_text(std::max(now - *oldest, std::chrono::seconds{0}))
         + ended;
}

/// Mailboxes that send nothing at present, and why.
void show_at_rest(const ordered_json& outbox, name_book& names) {
  auto at_rest = outbox.find("at_rest");
  if (at_rest == outbox.end() || !at_rest->is_array() || at_rest->empty())
    return;
  fmt::print("\n");
  text_table table{{"SENDS NOTHING"}};
  for (const auto& mailbox : *at_rest) {
    table.add({names.name_of(text_at(mailbox, "mailbox"))});
    for (auto& line : trouble_lines(mailbox))
      table.add_note(std::move(line));
  }
  table.print();
}

void show_providers(const ordered_json& providers) {
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

void show_status(const ordered_json& status, name_book& names) {
  auto outbox = status.value("outbox", ordered_json::object());
  const auto& budget = status.at("budget");
  print_facts({{"version", text_at(status, "version")},
               {"up since", text_at(status, "started_at")},
               {"mailboxes", mailboxes_text(status.at("mailboxes"))},
               {"fetched", fmt::format("{} messages, {}", text_at(status, "messages_fetched"),
                                       size_text(number_at(status, "bytes_fetched")))},
               {"outbox", outbox_text(outbox)},
               {"in flight", fmt::format("{} of {}", size_text(number_at(budget, "used")),
                                         size_text(number_at(budget, "limit")))},
               {"last event", text_at(status, "last_event")},
               {"commits", fmt::format("{} in {} synced batches", text_at(status, "commits"),
                                       text_at(status, "synced_batches"))}});
  show_providers(status.at("providers"));
  show_at_rest(outbox, names);
}

} // namespace

void add_status_command(CLI::App& app, session& with) {
  auto* status = app.add_subcommand("status", "How the whole is doing");
  status->footer("Examples:\n"
                 "  mailfleet status\n"
                 "  mailfleet status --json | jq .mailboxes");
  status->final_callback([&with] {
    with.run("GET", "/status", "", [&with](const ordered_json& answer) {
      name_book names{with};
      show_status(answer, names);
    });
  });
}

} // namespace mailfleet::tools
