#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/qr_code.hpp"
#include "tools/mailfleet/text.hpp"
#include "web/times.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <unistd.h>

namespace mailfleet::tools {

namespace {

using nlohmann::ordered_json;

/// The longest one look for the event waits: progress is shown as often.
constexpr unsigned look_wait_s = 5;

struct sign_in_wish {
  std::string mailbox;
  bool wait = false;
  /// By a code that is typed in on another device.
  bool device = false;
  /// What the provider is to show; empty: what it does by itself.
  std::string prompt;
};

/// The code, where to type it in, and the same to scan.
void show_code(const ordered_json& started) {
  auto address = text_at(started, "verification_uri");
  fmt::print("on any device, until {}, open\n\n  {}\n\nand type in the code\n\n  {}\n\n",
             text_at(started, "expires_at"), address, text_at(started, "user_code"));
  auto complete = text_at(started, "verification_uri_complete");
  if (::isatty(STDOUT_FILENO) == 1)
    fmt::print("{}\n", qr_code(complete == "-" ? address : complete));
}

void show_start(const session& with, const std::string& answer, const ordered_json& started) {
  if (with.json)
    fmt::print("{}\n", answer);
  else if (started.contains("user_code"))
    show_code(started);
  else
    fmt::print("open in the browser of the mailbox's owner, until {}:\n\n  {}\n\n",
               text_at(started, "expires_at"), text_at(started, "start_url"));
  std::fflush(stdout);
}

/// Looks at the events behind `after` and moves it on; true: signed in.
std::optional<bool> look(session& with, const std::string& mailbox, std::uint64_t& after) {
  auto query = query_text({{"after", std::to_string(after)},
                           {"wait_s", std::to_string(look_wait_s)},
                           {"about", mailbox}});
  auto answer = with.ask("GET", "/events" + query);
  if (!answer)
    return std::nullopt;
  auto page = ordered_json::parse(*answer, nullptr, false);
  if (!page.is_object() || !page.contains("events"))
    return false;
  for (const auto& event : page["events"]) {
    after = std::max(after, number_at(event, "number"));
    auto kind = text_at(event, "kind");
    if (kind == "sign_in_failed") {
      auto evidence = text_at(event.at("detail"), "evidence");
      with.refuse(
          {errc::sign_in_required, "the sign-in failed: " + text_at(event.at("detail"), "code")
                                       + (evidence == "-" ? "" : " (" + printable(evidence) + ")")
                                       + "; `mailfleet explain` says what that means"},
          exit_refused);
      return std::nullopt;
    }
    if (kind != "mailbox_signed_in")
      continue;
    if (with.json)
      fmt::print("{}\n", event.dump());
    else
      fmt::print("signed in: {}\n", printable(mailbox));
    return true;
  }
  return false;
}

void wait_for_sign_in(session& with, const std::string& mailbox, std::uint64_t after,
                      std::optional<wall_time> expires_at) {
  bool shows_progress = !with.json && ::isatty(STDERR_FILENO) == 1;
  auto begun = std::chrono::steady_clock::now();
  while (!expires_at || std::chrono::system_clock::now() < *expires_at) {
    auto found = look(with, mailbox, after);
    if (!found || *found)
      return;
    auto waited = std::chrono::steady_clock::now() - begun;
    if (shows_progress)
      fmt::print(stderr, "\rwaiting, {} s ",
                 std::chrono::floor<std::chrono::seconds>(waited).count());
  }
  with.refuse(
      {errc::timed_out, "nobody signed in before the address expired; run the command again"},
      exit_refused);
}

void sign_in(session& with, const sign_in_wish& wish) {
  // Looked up first, so that a quick sign-in is not missed.
  auto status = with.ask("GET", "/status");
  if (!status)
    return;
  auto body = wish.prompt.empty() ? std::string{} : ordered_json{{"prompt", wish.prompt}}.dump();
  auto answer = with.ask("POST",
                         "/mailboxes/" + web::percent_encode(wish.mailbox)
                             + (wish.device ? "/device-sign-in" : "/sign-in"),
                         body);
  if (!answer)
    return;
  auto started = ordered_json::parse(*answer, nullptr, false);
  show_start(with, *answer, started);
  if (wish.wait)
    wait_for_sign_in(with, wish.mailbox,
                     number_at(ordered_json::parse(*status, nullptr, false), "last_event"),
                     web::parse_iso8601(text_at(started, "expires_at")));
}

} // namespace

void add_sign_in_command(CLI::App& mailbox, session& with) {
  auto wish = std::make_shared<sign_in_wish>();
  auto* command = mailbox.add_subcommand("sign-in", "Get the address where its owner signs in");
  command->add_option("mailbox", wish->mailbox, "Address or id")->required()->type_name("REF");
  command->add_flag("--wait", wish->wait, "Wait until the owner has signed in");
  auto* device = command->add_flag("--device", wish->device,
                                   "Get a code to type in on another device instead");
  command
      ->add_option("--prompt", wish->prompt,
                   "What the provider is to show: none, login, consent, select_account")
      ->check(CLI::IsMember({"none", "login", "consent", "select_account"}))
      ->excludes(device);
  command->footer("The address works once, in one browser. Ctrl-C ends the waiting only: the\n"
                  "address stays good.\n\n"
                  "--prompt select_account after a sign-in with a wrong account; login where the\n"
                  "password must be typed again; consent after permissions were added; none only\n"
                  "to see whether a sign-in needs anybody.\n\n"
                  "Examples:\n"
                  "  mailfleet mailbox sign-in ann@example.org\n"
                  "  mailfleet mailbox sign-in ann@example.org --wait\n"
                  "  mailfleet mailbox sign-in ann@example.org --prompt select_account\n"
                  "  mailfleet mailbox sign-in ann@example.org --device --wait");
  command->final_callback([wish, &with] { sign_in(with, *wish); });
}

} // namespace mailfleet::tools
