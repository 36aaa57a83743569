#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mailfleet::tools {

namespace {

using nlohmann::ordered_json;

/// What is looked at: `/providers/office/doctor`, ...
std::string target_of(const std::string& kind, const std::string& name) {
  return '/' + kind + '/' + web::percent_encode(name) + "/doctor";
}

std::optional<ordered_json> ask_json(session& with, const std::string& target) {
  auto answer = with.ask("GET", target);
  if (!answer)
    return std::nullopt;
  return ordered_json::parse(*answer, nullptr, false);
}

/// All providers, and the mailboxes that are not well.
std::optional<std::vector<std::string>> all_targets(session& with) {
  auto providers = ask_json(with, "/providers");
  auto mailboxes = providers ? ask_json(with, "/mailboxes") : std::nullopt;
  if (!mailboxes)
    return std::nullopt;
  std::vector<std::string> targets;
  for (const auto& provider : providers->at("providers"))
    targets.push_back(target_of("providers", text_at(provider, "name")));
  for (const auto& mailbox : mailboxes->at("mailboxes")) {
    auto state = text_at(mailbox, "state");
    if (state != "watching" && state != "syncing")
      targets.push_back(target_of("mailboxes", text_at(mailbox, "address")));
  }
  return targets;
}

void show(const ordered_json& seen) {
  fmt::print("{}\n", text_at(seen, "subject"));
  for (const auto& finding : seen.at("findings")) {
    fmt::print("  {:6}  {}: {}\n", text_at(finding, "verdict"), text_at(finding, "check"),
               text_at(finding, "what"));
    if (auto cure = text_at(finding, "cure"); cure != "-")
      fmt::print("          cure: {}\n", cure);
  }
}

bool has_red(const ordered_json& seen) {
  for (const auto& finding : seen.at("findings"))
    if (text_at(finding, "verdict") == "red")
      return true;
  return false;
}

void examine(session& with, const std::vector<std::string>& targets) {
  auto all = ordered_json::array();
  bool red = false;
  for (const auto& target : targets) {
    auto seen = ask_json(with, target);
    if (!seen || !seen->is_object())
      return;
    red = red || has_red(*seen);
    if (!with.json)
      show(*seen);
    all.push_back(*std::move(seen));
  }
  if (with.json)
    fmt::print("{}\n", ordered_json{{"examinations", all}}.dump());
  else if (all.empty())
    fmt::print("there is nothing to examine: `mailfleet provider add --help`\n");
  if (red)
    with.status = exit_refused;
}

} // namespace

void add_doctor_command(CLI::App& app, session& with) {
  struct wish {
    std::string provider;
    std::string mailbox;
  };
  auto given = std::make_shared<wish>();
  auto* doctor = app.add_subcommand("doctor", "Check what can be checked, and say what to do");
  auto* provider = doctor->add_option("--provider", given->provider, "Only this one");
  doctor->add_option("--mailbox", given->mailbox, "Only this one")->excludes(provider);
  doctor->footer(
      "Without an option: all providers, and the mailboxes that are not well. Asks the\n"
      "identity provider with a token request that changes nothing, connects to the mail\n"
      "servers, and logs in to a mailbox's POP3 and SMTP servers. Exit code 1: something is\n"
      "red.\n\n"
      "Examples:\n"
      "  mailfleet doctor\n"
      "  mailfleet doctor --provider office\n"
      "  mailfleet doctor --mailbox ann@example.org --json");
  doctor->final_callback([given, &with] {
    if (!given->provider.empty())
      return examine(with, {target_of("providers", given->provider)});
    if (!given->mailbox.empty())
      return examine(with, {target_of("mailboxes", given->mailbox)});
    if (auto targets = all_targets(with))
      examine(with, *targets);
  });
}

} // namespace mailfleet::tools
