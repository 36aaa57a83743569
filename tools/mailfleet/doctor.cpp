#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

namespace mailfleet::tools {

namespace {

using nlohmann::ordered_json;

/// What is looked at.
struct target {
  /// `providers` or `mailboxes`.
  std::string kind;
  std::string name;
};

/// Nothing: it was refused, or is no object.
std::optional<ordered_json> ask_json(session& with, const std::string& where) {
  auto answer = with.ask("GET", where);
  if (!answer)
    return std::nullopt;
  auto parsed = ordered_json::parse(*answer, nullptr, false);
  if (parsed.is_object())
    return parsed;
  with.refuse({errc::protocol_violation, "mailfleetd's answer is no JSON object"}, exit_refused);
  return std::nullopt;
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

/// One run: what was found so far, and the worst that happened.
class rounds {
public:
  explicit rounds(session& with) : with_{with} {}

  void examine(const target& what) {
    auto where = '/' + what.kind + '/' + web::percent_encode(what.name) + "/doctor";
    auto seen = ask_json(with_, where);
    if (!seen || !seen->contains("findings"))
      return fail(what.name);
    if (has_red(*seen))
      worst_ = std::max<int>(worst_, exit_refused);
    if (!with_.json)
      show(*seen);
    all_.push_back(*std::move(seen));
  }

  /// All providers, and the mailboxes that are not well.
  void examine_all() {
    auto providers = listed("providers");
    if (providers.empty() && worst_ == exit_not_reachable)
      return;
    for (const auto& provider : providers)
      examine({"providers", text_at(provider, "name")});
    for (const auto& mailbox : listed("mailboxes")) {
      auto state = text_at(mailbox, "state");
      if (state != "watching" && state != "syncing")
        examine({"mailboxes", text_at(mailbox, "address")});
    }
  }

  void end() {
    if (with_.json)
      fmt::print("{}\n", ordered_json{{"examinations", all_}}.dump());
    else if (all_.empty())
      fmt::print("there is nothing to examine: `mailfleet provider add --help`\n");
    with_.status = worst_;
  }

private:
  /// None if nobody answers, which was noted.
  ordered_json listed(const std::string& kind) {
    auto answer = ask_json(with_, '/' + kind);
    if (answer && answer->contains(kind))
      return answer->at(kind);
    fail(kind);
    return ordered_json::array();
  }

  /// The refusal was shown; the others are examined all the same.
  void fail(const std::string& subject) {
    worst_ = std::max<int>(worst_, std::max<int>(with_.status, exit_refused));
    auto refusal = ordered_json::parse(with_.refusal(), nullptr, false);
    ordered_json why;
    if (refusal.is_object() && refusal.contains("error"))
      why = refusal.at("error");
    if (!with_.json)
      fmt::print("{}\n  red     examination: could not be made: {}: {}\n",
                 printable(subject, max_shown_bytes), text_at(why, "code"), text_at(why, "detail"));
    all_.push_back(
        ordered_json{{"subject", subject}, {"findings", ordered_json::array()}, {"error", why}});
  }

  session& with_;
  ordered_json all_ = ordered_json::array();
  int worst_ = exit_ok;
};

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
      "identity provider for a token that is then thrown away or refused, connects to the mail\n"
      "servers, and logs in to a mailbox's POP3 and SMTP servers. As in any other request, a\n"
      "client secret that is refused is noted, with an event, and a mailbox's token that has\n"
      "ended is refreshed. Exit code 1: something is red, or could not be examined; 3:\n"
      "mailfleetd did not answer.\n\n"
      "Examples:\n"
      "  mailfleet doctor\n"
      "  mailfleet doctor --provider office\n"
      "  mailfleet doctor --mailbox ann@example.org --json");
  doctor->final_callback([given, &with] {
    rounds made{with};
    if (!given->provider.empty())
      made.examine({"providers", given->provider});
    else if (!given->mailbox.empty())
      made.examine({"mailboxes", given->mailbox});
    else
      made.examine_all();
    made.end();
  });
}

} // namespace mailfleet::tools
