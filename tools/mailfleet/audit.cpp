#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/name_book.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <memory>
#include <optional>

namespace mailfleet::tools {

namespace {

using nlohmann::ordered_json;

struct audit_wish {
  std::size_t last = 50;
  std::string after;
};

void show_records(session& with, const std::deque<ordered_json>& records) {
  name_book names{with};
  text_table table{{"NUMBER", "AT", "WHO", "COMMAND", "SUBJECT", "OUTCOME"}};
  for (const auto& record : records)
    table.add({text_at(record, "number"), text_at(record, "at"), text_at(record, "actor"),
               text_at(record, "command"), names.subject(text_at(record, "subject")),
               text_at(record, "outcome")});
  table.print();
}

/// Reads to the end of the log and keeps the last records; nothing if a refusal was shown.
std::optional<std::deque<ordered_json>> read_last(session& with, const audit_wish& wish) {
  std::deque<ordered_json> kept;
  auto after = wish.after;
  for (bool more = true; more;) {
    auto answer = with.ask("GET", "/audit" + query_text({{"after", after}, {"limit", "1000"}}));
    if (!answer)
      return std::nullopt;
    auto page = ordered_json::parse(*answer, nullptr, false);
    if (!page.is_object() || !page.contains("audit")) {
      with.refuse({errc::protocol_violation, "the answer holds no audit records"}, exit_refused);
      return std::nullopt;
    }
    more = page.value("more", false) && !page["audit"].empty();
    for (auto& record : page["audit"]) {
      after = text_at(record, "number");
      kept.push_back(std::move(record));
      if (kept.size() > wish.last)
        kept.pop_front();
    }
  }
  return kept;
}

} // namespace

void add_audit_command(CLI::App& app, session& with) {
  auto wish = std::make_shared<audit_wish>();
  auto* audit = app.add_subcommand("audit", "Who asked for what, and what became of it");
  audit->add_option("--last", wish->last, "How many of the newest (50)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
  audit->add_option("--after", wish->after, "Only behind this number")->type_name("N");
  audit->footer("Every control message that changes something is noted with its outcome, and\n"
                "so is what browsers bring back from a sign-in or a consent. Names stand for the\n"
                "ids of mailboxes and providers that are there. --json prints one record a line,\n"
                "with what was typed.\n\n"
                "Examples:\n"
                "  mailfleet audit\n"
                "  mailfleet audit --last 1000 --json | jq -c 'select(.outcome != \"ok\")'");
  audit->final_callback([wish, &with] {
    auto records = read_last(with, *wish);
    if (!records)
      return;
    if (!with.json)
      return show_records(with, *records);
    for (const auto& record : *records)
      fmt::print("{}\n", record.dump());
  });
}

} // namespace mailfleet::tools
