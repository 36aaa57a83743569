#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/event_text.hpp"
#include "tools/mailfleet/name_book.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace mailfleet::tools {

namespace {

using nlohmann::ordered_json;

/// How long the server may hold a request open while nothing happens.
constexpr unsigned follow_wait_s = 30;

struct events_wish {
  std::string after;
  std::string limit;
  std::string about;
};

std::vector<std::string> event_cells(const ordered_json& event, name_book& names) {
  auto what = detail_text(event);
  return {text_at(event, "number"),  text_at(event, "at"),
          text_at(event, "kind"),    names.name_of(text_at(event, "about")),
          text_at(event, "message"), what.empty() ? "-" : what};
}

/// One of those that come later, whose widths nobody knows: columns that fit most.
std::string event_line(const ordered_json& event, name_book& names) {
  auto cells = event_cells(event, names);
  return fmt::format("{:>8}  {}  {:<17}  {:<28}  {:<29}  {}", cells[0], cells[1], cells[2],
                     cells[3], cells[4], cells[5]);
}

void show_events(const ordered_json& answer, name_book& names) {
  text_table table{{"NUMBER", "AT", "KIND", "ABOUT", "MESSAGE", "WHAT"}};
  for (const auto& event : answer.at("events"))
    table.add(event_cells(event, names));
  table.print();
  if (answer.value("more", false) && !answer.at("events").empty())
    fmt::print("more: --after {}\n", text_at(answer.at("events").back(), "number"));
}

/// The number of the newest event; nothing if a refusal was shown.
std::optional<std::string> newest_event(session& with) {
  auto status = with.ask("GET", "/status");
  if (!status)
    return std::nullopt;
  return std::to_string(number_at(ordered_json::parse(*status, nullptr, false), "last_event"));
}

/// Nothing may happen for hours, and only a write would tell.
bool reader_is_gone() {
  pollfd out{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return ::poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

void follow(session& with, events_wish wish) {
  auto after = wish.after.empty() ? newest_event(with) : std::optional{wish.after};
  name_book names{with};
  while (after && !reader_is_gone()) {
    auto query = query_text({{"after", *after},
                             {"limit", wish.limit},
                             {"wait_s", std::to_string(follow_wait_s)},
                             {"about", wish.about}});
    auto answer = with.ask("GET", "/events" + query);
    if (!answer)
      return;
    auto page = ordered_json::parse(*answer, nullptr, false);
    if (!page.is_object() || !page.contains("events"))
      return with.refuse({errc::protocol_violation, "the answer holds no events"}, exit_refused);
    for (const auto& event : page["events"]) {
      after = std::to_string(number_at(event, "number"));
      fmt::print("{}\n", with.json ? event.dump() : event_line(event, names));
    }
    // A reader that went away, `| head` for instance, is an orderly end.
    if (std::fflush(stdout) != 0)
      return;
  }
}

void add_common(CLI::App& command, events_wish& wish) {
  command.add_option("--about", wish.about, "Only about this mailbox or provider")
      ->type_name("REF");
  command.add_option("--limit", wish.limit, "How many at most in one answer (1000)")
      ->type_name("N");
}

} // namespace

void add_events_commands(CLI::App& app, session& with) {
  auto* group = app.add_subcommand("events", "What has happened");
  group->require_subcommand(1);
  group->footer("Examples:\n"
                "  mailfleet events list --after 0 --limit 20\n"
                "  mailfleet events follow --about ann@example.org");
  auto wish = std::make_shared<events_wish>();
  auto* list = group->add_subcommand("list", "Events from the log, oldest first");
  list->add_option("--after", wish->after, "Only behind this number")->type_name("N");
  add_common(*list, *wish);
  list->footer("Names stand for the ids of mailboxes and providers that are there; --json has the\n"
               "ids.\n\n"
               "Example:\n  mailfleet events list --after 1000 --json");
  list->final_callback([wish, &with] {
    auto query =
        query_text({{"after", wish->after}, {"limit", wish->limit}, {"about", wish->about}});
    name_book names{with};
    with.run("GET", "/events" + query, "",
             [&names](const ordered_json& answer) { show_events(answer, names); });
  });
  auto* stream = group->add_subcommand("follow", "Events as they happen, one a line");
  stream->add_option("--after", wish->after, "Begin behind this number instead of now")
      ->type_name("N");
  add_common(*stream, *wish);
  stream->footer("Ends with Ctrl-C (a shell shows 130), with 0 when its reader goes away, with 3\n"
                 "when mailfleetd does. --json prints one event a line.\n\n"
                 "Examples:\n"
                 "  mailfleet events follow\n"
                 "  mailfleet events follow --json --after 0 | jq -c .kind");
  stream->final_callback([wish, &with] { follow(with, *wish); });
}

} // namespace mailfleet::tools
