#include "tools/mailfleet/sending.hpp"

#include "jobs/outbox_limits.hpp"
#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>

namespace mailfleet::tools {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// A limit: its option, its field, and what it is called.
struct limit_name {
  const char* option;
  const char* field;
  const char* called;
  const char* help;
  std::uint32_t jobs::sending_limits::*usual;
};

using of = jobs::sending_limits;

constexpr std::array limits{
    limit_name{"--connections", "connections", "connections", "Mails under way at once",
               &of::connections},
    limit_name{"--per-minute", "messages_per_minute", "per minute", "Messages in any minute",
               &of::messages_per_minute},
    limit_name{"--per-day", "messages_per_day", "per day", "Messages in any 24 hours",
               &of::messages_per_day},
    limit_name{"--recipients-per-day", "recipients_per_day", "recipients per day",
               "Recipients in any 24 hours", &of::recipients_per_day},
    limit_name{"--recipients-per-message", "recipients_per_message", "recipients per message",
               "Recipients of one message; a mail to more goes in several",
               &of::recipients_per_message}};

struct sending_wish {
  std::string mailbox;
  std::string in_doubt;
  std::vector<std::string> send_as;
  bool no_send_as = false;
  std::optional<std::string> sent_folder;
  std::array<std::string, limits.size()> numbers;
  bool defaults = false;

  [[nodiscard]] bool changes() const {
    return defaults || no_send_as || sent_folder || !in_doubt.empty() || !send_as.empty()
           || std::ranges::any_of(numbers, [](const auto& given) { return !given.empty(); });
  }

  /// Changes what the options say. Fails with `invalid_argument` that names the option.
  [[nodiscard]] result<void> apply(json& settings) const;
};

result<void> put_number(json& settings, const limit_name& which, const std::string& given) {
  if (given == "default") {
    settings.erase(which.field);
    return {};
  }
  std::uint32_t number = 0;
  auto [end, fault] = std::from_chars(given.data(), given.data() + given.size(), number);
  if (fault != std::errc{} || end != given.data() + given.size())
    return bad_field(which.option, "is no number: " + printable(given),
                     "give a number, 0 for no limit, or default for the service's");
  settings[which.field] = number;
  return {};
}

result<void> sending_wish::apply(json& settings) const {
  if (defaults || !settings.is_object())
    settings = {{"in_doubt", "at_least_once"}, {"send_as", json::array()}, {"sent_folder", ""}};
  if (!in_doubt.empty())
    settings["in_doubt"] = in_doubt == "at-most-once" ? "at_most_once" : "at_least_once";
  if (no_send_as)
    settings["send_as"] = json::array();
  if (!send_as.empty())
    settings["send_as"] = send_as;
  if (sent_folder)
    settings["sent_folder"] = *sent_folder;
  for (std::size_t i = 0; i < limits.size(); ++i)
    if (!numbers[i].empty())
      if (auto put = put_number(settings, limits[i], numbers[i]); !put)
        return put;
  return {};
}

void show_sending(const ordered_json& mailbox) {
  std::vector<std::pair<std::string, std::string>> facts{{"address", text_at(mailbox, "address")}};
  std::ranges::move(sending_facts(mailbox), std::back_inserter(facts));
  print_facts(facts);
}

void change_sending(session& with, const sending_wish& wish) {
  auto target = "/mailboxes/" + web::percent_encode(wish.mailbox);
  if (!wish.changes())
    return with.run("GET", target, "", show_sending);
  // What a command line says wrong is told before anybody is asked.
  auto tried = json::object();
  if (auto sound = wish.apply(tried); !sound)
    return with.refuse(sound.error(), exit_usage);
  // A request replaces all settings.
  auto answer = with.ask("GET", target);
  if (!answer)
    return;
  auto settings = json::parse(*answer, nullptr, false).value("sending", json{});
  if (auto changed = wish.apply(settings); !changed)
    return with.refuse(changed.error(), exit_usage);
  with.run("PUT", target + "/sending", settings.dump(), show_sending);
}

} // namespace

std::vector<std::pair<std::string, std::string>> sending_facts(const ordered_json& mailbox) {
  auto sending = mailbox.value("sending", ordered_json::object());
  std::string send_as;
  for (const auto& one : sending.value("send_as", ordered_json::array()))
    send_as.append(send_as.empty() ? "" : " ").append(text_at({{"it", one}}, "it"));
  auto folder = text_at(sending, "sent_folder");
  bool rather_twice = text_at(sending, "in_doubt") != "at_most_once";
  std::vector<std::pair<std::string, std::string>> facts{
      {"in doubt",
       rather_twice ? "at least once: it is sent again" : "at most once: a person is asked"},
      {"send as", send_as.empty() ? "itself" : send_as},
      {"sent folder", folder == "-" ? "found by itself" : folder}};
  auto service = jobs::limits_of_service(text_at(mailbox, "service"));
  // It has a provider that was not read yet.
  bool is_known = text_at(mailbox, "service") != "-" || text_at(mailbox, "provider") == "-";
  auto in_words = [](const std::string& text) { return text == "0" ? "no limit" : text; };
  for (const auto& limit : limits) {
    constexpr auto usual = "as usual for its service";
    auto own = text_at(sending, limit.field);
    facts.emplace_back(
        limit.called,
        own != "-" ? in_words(own)
        : !is_known
            ? usual
            : fmt::format("{} ({})", in_words(std::to_string(service.*limit.usual)), usual));
  }
  return facts;
}

std::vector<std::string> sending_trouble_lines(const ordered_json& mailbox) {
  auto lines = trouble_lines(mailbox, "sending_trouble");
  if (!lines.empty())
    lines.insert(lines.begin(), "  it sends nothing at present");
  return lines;
}

void add_sending_command(CLI::App& mailbox, session& with) {
  auto wish = std::make_shared<sending_wish>();
  auto* command = mailbox.add_subcommand("sending", "Show or change how a mailbox sends");
  command->add_option("mailbox", wish->mailbox, "Address or id")->required()->type_name("REF");
  command
      ->add_option("--in-doubt", wish->in_doubt,
                   "What is done with a mail of which nobody can tell whether it was sent: send it "
                   "again, or ask")
      ->check(CLI::IsMember({"at-least-once", "at-most-once"}));
  auto* send_as = command
                      ->add_option("--send-as", wish->send_as,
                                   "Address, or domain (@example.com), that it may send as beside "
                                   "its own; those that are given replace all before (may repeat)")
                      ->type_name("ADDRESS")
                      ->expected(1)
                      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
                      ->allow_extra_args(false);
  command->add_flag("--no-send-as", wish->no_send_as, "It sends as itself only")->excludes(send_as);
  command
      ->add_option("--sent-folder", wish->sent_folder,
                   "Folder on its server with what was sent; '' to find it by itself")
      ->type_name("NAME");
  for (std::size_t i = 0; i < limits.size(); ++i)
    command->add_option(limits[i].option, wish->numbers[i], limits[i].help)->type_name("N|default");
  command->add_flag("--defaults", wish->defaults,
                    "Forget all settings first; what other options say holds then");
  command->footer("Without options it shows the settings. Of the limits, 0 stands for none, and\n"
                  "default for what the service is known to admit.\n\n"
                  "Examples:\n"
                  "  mailfleet mailbox sending ann@example.org\n"
                  "  mailfleet mailbox sending ann@example.org --in-doubt at-most-once\n"
                  "  mailfleet mailbox sending ann@example.org --send-as sales@example.org \\\n"
                  "    --send-as @example.com --per-minute 20\n"
                  "  mailfleet mailbox sending ann@example.org --defaults");
  command->final_callback([wish, &with] {
    with.options = sending_fields();
    change_sending(with, *wish);
  });
}

} // namespace mailfleet::tools
