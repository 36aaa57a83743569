#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/outbox_text.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace mailfleet::tools {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr auto statuses =
    "accepted, sending, dot_sent, sent, deferred, failed, in_doubt, cancelled";

/// The most that one request asks for, and what a list shows if no number is given.
constexpr std::size_t page_rows = 1'000;
constexpr std::size_t usual_rows = 100;

/// A list longer than that is a matter for --json and --after.
constexpr std::size_t max_rows = 1'000'000;

// -- list -------------------------------------------------------------------

struct list_wish {
  std::string mailbox, status, after;
  std::size_t limit = usual_rows;
};

/// Mails page by page, until there are as many as are wanted, or no more; with the key behind
/// which there are more. Nothing if a refusal was shown.
std::optional<ordered_json> mails_of(session& with, const list_wish& wish) {
  auto found = ordered_json::array();
  ordered_json next = wish.after.empty() ? ordered_json{} : ordered_json(wish.after);
  do {
    auto after = next.is_string() ? next.get<std::string>() : "";
    auto answer =
        with.ask("GET", "/outbox"
                            + query_text({{"mailbox", wish.mailbox},
                                          {"status", wish.status},
                                          {"after", after},
                                          {"limit", std::to_string(std::min(
                                                        wish.limit - found.size(), page_rows))}}));
    if (!answer)
      return std::nullopt;
    auto page = ordered_json::parse(*answer, nullptr, false);
    if (!page.is_object() || !page.contains("mails") || !page["mails"].is_array()) {
      with.refuse({errc::protocol_violation, "the answer holds no mails"}, exit_refused);
      return std::nullopt;
    }
    std::ranges::move(page["mails"], std::back_inserter(found));
    next = page.value("next", ordered_json{});
    // Else it would go on for ever.
    if (next.is_string() && next == after) {
      with.refuse({errc::protocol_violation, "the answer names itself as the next"}, exit_refused);
      return std::nullopt;
    }
  } while (next.is_string() && found.size() < wish.limit);
  return ordered_json{{"mails", std::move(found)}, {"next", std::move(next)}};
}

std::string recipients_text(const ordered_json& mail) {
  return addresses_text(mail.value("recipients", ordered_json::array()));
}

void list_mails(session& with, const list_wish& wish) {
  auto mails = mails_of(with, wish);
  if (!mails)
    return;
  if (with.json) {
    fmt::print("{}\n", mails->dump());
    return;
  }
  text_table table{{"KEY", "STATE", "SINCE", "SENDER", "RECIPIENTS", "REASON", "SUBJECT"}};
  for (const auto& mail : mails->at("mails"))
    table.add({text_at(mail, "key"), text_at(mail, "status"), text_at(mail, "since"),
               text_at(mail, "sender"), recipients_text(mail), text_at(mail, "reason"),
               text_at(mail, "subject")});
  table.print();
  if (auto next = text_at(*mails, "next"); next != "-")
    fmt::print("more: --after {}\n", next);
}

void add_list_command(CLI::App& group, session& with) {
  auto wish = std::make_shared<list_wish>();
  auto* list = group.add_subcommand(
      "list", "Mails, mailbox by mailbox, each mailbox's in the order of their acceptance");
  list->add_option("--mailbox", wish->mailbox, "Only of this mailbox")->type_name("REF");
  list->add_option("--status", wish->status, "Only those in this state")->type_name("STATE");
  list->add_option("--after", wish->after, "Only behind this mail")->type_name("KEY");
  list->add_option("--limit", wish->limit, "How many at most (100 if not given)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, max_rows));
  list->footer(fmt::format("States: {}.\n\n"
                           "Examples:\n"
                           "  mailfleet outbox list --status in_doubt\n"
                           "  mailfleet outbox list --mailbox ann@example.org --limit 20",
                           statuses));
  list->final_callback([wish, &with] { list_mails(with, *wish); });
}

// -- decisions --------------------------------------------------------------

void show_decided(const ordered_json& mail) {
  shown_facts facts{{"key", text_at(mail, "key")}};
  std::ranges::move(state_facts(mail), std::back_inserter(facts));
  print_facts(facts);
}

CLI::App* add_key_command(CLI::App& group, const char* name, const char* help,
                          const std::shared_ptr<std::string>& key) {
  auto* command = group.add_subcommand(name, help);
  command->add_option("key", *key, "As `outbox list` shows it")->required()->type_name("KEY");
  return command;
}

std::string target_of(const std::string& key, const char* suffix = "") {
  return "/outbox/" + web::percent_encode(key) + suffix;
}

void add_resolve_command(CLI::App& group, session& with) {
  auto key = std::make_shared<std::string>();
  auto how = std::make_shared<std::string>();
  auto* resolve = add_key_command(group, "resolve", "Say what became of a mail in doubt", key);
  std::vector<CLI::Option*> ways;
  for (const auto& [flag, word, help] :
       {std::tuple{"--sent", "sent", "It was sent: its recipients have it"},
        std::tuple{"--send-again", "send-again", "It was not, or twice does no harm: send it"},
        std::tuple{"--give-up", "give-up", "Do not send it, whether it was or not"}}) {
    ways.push_back(resolve->add_flag_callback(
        flag, [how, word = word] { *how = word; }, help));
    for (auto* other : ways)
      if (other != ways.back())
        ways.back()->excludes(other);
  }
  resolve->footer(
      "A mail is in doubt if its last byte went out and no answer came. Mailfleet looks "
      "into\nthe Sent folder by itself; where that tells nothing, look for the mail's "
      "Message-ID\n(`outbox show`) at the server or with the recipient.\n\n"
      "Examples:\n"
      "  mailfleet outbox resolve 0000000000cd-4294967295-0-7 --sent\n"
      "  mailfleet outbox resolve 0000000000cd-4294967295-0-7 --send-again");
  resolve->final_callback([key, how, &with] {
    if (how->empty())
      return with.refuse({errc::invalid_argument,
                          "what became of it is missing; give --sent, --send-again or --give-up"},
                         exit_usage);
    with.run("POST", target_of(*key, "/resolve"), json{{"how", *how}}.dump(), show_decided);
  });
}

} // namespace

void add_outbox_commands(CLI::App& app, session& with) {
  auto* group = app.add_subcommand("outbox", "Mail on its way out");
  group->require_subcommand(1);
  group->footer("Examples:\n"
                "  mailfleet outbox list --status deferred\n"
                "  mailfleet outbox show 0000000000cd-4294967295-0-7\n"
                "  mailfleet outbox retry 0000000000cd-4294967295-0-7");
  add_list_command(*group, with);
  auto key = std::make_shared<std::string>();
  auto* show =
      add_key_command(*group, "show", "One mail, its recipients and what troubles it", key);
  show->footer("Example:\n  mailfleet outbox show 0000000000cd-4294967295-0-7");
  show->final_callback([key, &with] { with.run("GET", target_of(*key), "", show_outgoing); });
  auto* retry = add_key_command(*group, "retry", "Try a mail that waits now", key);
  retry->footer("One that is to go later (--at) goes now, too.\n\nExample:\n  mailfleet outbox "
                "retry 0000000000cd-4294967295-0-7");
  retry->final_callback(
      [key, &with] { with.run("POST", target_of(*key, "/retry"), "", show_decided); });
  auto* cancel = add_key_command(*group, "cancel", "Take a mail back that is not under way", key);
  cancel->footer("One that is in doubt may have gone: see `mailfleet outbox resolve --help`.\n\n"
                 "Example:\n  mailfleet outbox cancel 0000000000cd-4294967295-0-7");
  cancel->final_callback(
      [key, &with] { with.run("POST", target_of(*key, "/cancel"), "", show_decided); });
  add_resolve_command(*group, with);
}

} // namespace mailfleet::tools
