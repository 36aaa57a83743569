#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/explain_text.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/sending.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace mailfleet::tools {

namespace {

using nlohmann::ordered_json;

// -- a code -----------------------------------------------------------------

struct explain_wish {
  std::string code;
  bool list = false;
  bool markdown = false;
};

void refuse_code(session& with, const std::string& code) {
  auto detail = fmt::format("there is no diagnosis `{}'; ", printable(code));
  std::string near;
  for (auto other : codes_near(code))
    near += fmt::format("{}{}", near.empty() ? "near it: " : ", ", other);
  with.refuse({errc::not_found,
               detail + (near.empty() ? near : near + "; ") + "all: mailfleet explain --list"},
              exit_refused);
}

void explain_code(session& with, const std::string& code) {
  const auto* row = row_named(code);
  if (!row)
    return refuse_code(with, code);
  if (with.json) {
    fmt::print("{}\n", row_json(*row).dump());
    return;
  }
  std::vector<std::pair<std::string, std::string>> facts{
      {"code", std::string{row->code}},
      {"what", std::string{row->what}},
      {"who", std::string{row->who}},
      {"cure", cure_of(*row)},
      {"meanwhile", std::string{course_words(row->then)}}};
  if (auto codes = aadsts_of(*row); !codes.empty())
    facts.emplace_back("microsoft", codes);
  print_facts(facts);
}

void explain_all(session& with) {
  if (with.json) {
    auto rows = ordered_json::array();
    for (const auto& row : jobs::diagnosis_table())
      rows.push_back(row_json(row));
    fmt::print("{}\n", ordered_json{{"diagnoses", std::move(rows)}}.dump());
    return;
  }
  text_table table{{"CODE", "WHO", "MEANWHILE", "WHAT"}};
  for (const auto& row : jobs::diagnosis_table())
    table.add({std::string{row.code}, std::string{row.who}, std::string{jobs::to_string(row.then)},
               std::string{row.what}});
  table.print();
}

// -- a mailbox --------------------------------------------------------------

/// So many events are history; the rest is `events list`.
constexpr std::size_t max_history = 20;

/// The newest events of the log in which history is looked for: few first, for each is
/// unsealed by the daemon.
constexpr std::array<std::uint64_t, 2> history_windows{10'000, 100'000};

/// The last events about a mailbox behind number `after`, but for arrivals; nothing if a
/// refusal was shown.
std::optional<std::vector<ordered_json>> events_behind(session& with, std::uint64_t after,
                                                       const std::string& about) {
  std::vector<ordered_json> history;
  for (bool more = true; more;) {
    auto answer = with.ask(
        "GET",
        "/events"
            + query_text({{"after", std::to_string(after)}, {"limit", "1000"}, {"about", about}}));
    if (!answer)
      return std::nullopt;
    auto page = ordered_json::parse(*answer, nullptr, false);
    if (!page.is_object() || !page.contains("events"))
      return history;
    for (auto& event : page["events"]) {
      after = std::max(after, number_at(event, "number"));
      if (text_at(event, "kind") != "mail_arrived")
        history.push_back(std::move(event));
    }
    more = page.value("more", false) && !page["events"].empty();
  }
  if (history.size() > max_history)
    history.erase(history.begin(), history.end() - max_history);
  return history;
}

std::optional<std::vector<ordered_json>> history_of(session& with, const std::string& mailbox) {
  auto status = with.ask("GET", "/status");
  if (!status)
    return std::nullopt;
  auto last = number_at(ordered_json::parse(*status, nullptr, false), "last_event");
  std::optional<std::vector<ordered_json>> history;
  for (auto window : history_windows) {
    history = events_behind(with, last - std::min(last, window), mailbox);
    if (!history || !history->empty() || window >= last)
      break;
  }
  return history;
}

std::string history_line(const ordered_json& event) {
  auto kind = text_at(event, "kind");
  std::string told;
  if (auto detail = event.find("detail"); detail != event.end() && detail->is_object()) {
    if (auto state = text_at(*detail, "state"); state != "-")
      told += " " + state;
    if (auto code = text_at(*detail, "code"); code != "-") {
      const auto* row = jobs::find_diagnosis(code);
      told += fmt::format(" {}{}", code, row ? fmt::format(": {}", row->what) : "");
    }
    if (auto evidence = text_at(*detail, "evidence"); evidence != "-")
      told += fmt::format(" ({})", printable(evidence));
  }
  return told.empty() ? fmt::format("  {}  {}", text_at(event, "at"), kind)
                      : fmt::format("  {}  {:<18}{}", text_at(event, "at"), kind, told);
}

void show_explained(const ordered_json& mailbox, const std::vector<ordered_json>& history) {
  print_facts({{"address", text_at(mailbox, "address")},
               {"state", text_at(mailbox, "state")},
               {"provider", text_at(mailbox, "provider_name")},
               {"last arrival", text_at(mailbox, "last_arrival")},
               {"owed", text_at(mailbox, "owed")}});
  auto trouble = trouble_lines(mailbox);
  auto sends_nothing = sending_trouble_lines(mailbox);
  fmt::print("\n{}\n", !trouble.empty()        ? "trouble"
                       : sends_nothing.empty() ? "nothing troubles it"
                                               : "nothing troubles its arrivals");
  for (const auto& line : trouble)
    fmt::print("{}\n", line);
  for (const auto& line : sends_nothing)
    fmt::print("{}\n", line);
  fmt::print("\n{}\n", history.empty() ? "no history" : "history, oldest first");
  for (const auto& event : history)
    fmt::print("{}\n", history_line(event));
}

void explain_mailbox(session& with, const std::string& which) {
  auto answer = with.ask("GET", "/mailboxes/" + web::percent_encode(which));
  if (!answer)
    return;
  auto history = history_of(with, which);
  if (!history)
    return;
  auto mailbox = ordered_json::parse(*answer, nullptr, false);
  if (with.json)
    fmt::print("{}\n", ordered_json{{"mailbox", mailbox}, {"history", *history}}.dump());
  else
    show_explained(mailbox, *history);
}

} // namespace

void add_explain_command(CLI::App& app, session& with) {
  auto wish = std::make_shared<explain_wish>();
  auto* explain = app.add_subcommand("explain", "What a diagnosis means, and what to do");
  auto* code =
      explain->add_option("code", wish->code, "Its code, or one of Microsoft's")->type_name("CODE");
  auto* list = explain->add_flag("--list", wish->list, "All diagnoses")->excludes(code);
  explain->add_flag("--markdown", wish->markdown, "The list as docs/diagnosis.md")->needs(list);
  explain->footer("Needs no mailfleetd.\n\n"
                  "Examples:\n"
                  "  mailfleet explain imap.not_connected\n"
                  "  mailfleet explain AADSTS50076\n"
                  "  mailfleet explain --list --json | jq -r '.diagnoses[].code'");
  explain->final_callback([wish, &with] {
    if (wish->markdown)
      fmt::print("{}", diagnosis_document());
    else if (wish->list)
      explain_all(with);
    else if (!wish->code.empty())
      explain_code(with, wish->code);
    else
      with.refuse({errc::invalid_argument, "give a code, or --list"}, exit_usage);
  });
}

void add_mailbox_explain_command(CLI::App& mailbox, session& with) {
  auto which = std::make_shared<std::string>();
  auto* explain = mailbox.add_subcommand("explain", "What troubles a mailbox, and its history");
  explain->add_option("mailbox", *which, "Address or id")->required()->type_name("REF");
  explain->footer("History is what the newest events of the log tell of it, without arrivals.\n\n"
                  "Examples:\n"
                  "  mailfleet mailbox explain ann@example.org\n"
                  "  mailfleet mailbox explain ann@example.org --json | jq .mailbox.trouble");
  explain->final_callback([which, &with] { explain_mailbox(with, *which); });
}

} // namespace mailfleet::tools
