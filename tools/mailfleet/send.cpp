#include "tools/mailfleet/commands.hpp"
#include "tools/mailfleet/enclosure.hpp"
#include "tools/mailfleet/options.hpp"
#include "tools/mailfleet/outbox_text.hpp"
#include "tools/mailfleet/send_options.hpp"
#include "tools/mailfleet/submission_note.hpp"
#include "tools/mailfleet/text.hpp"
#include "web/limits.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace mailfleet::tools {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// How long a mail is waited for if no number says so.
constexpr seconds usual_patience{60};

/// The longest wait for an event before the mail is looked at anyway: not each change of its
/// state has one.
constexpr seconds look_wait{5};

struct send_wish {
  std::string mailbox;
  mail_options mail;
  raw_options raw;
  submission_options how;
  bool waits = false;
  std::string patience_text;
  seconds patience = usual_patience;
};

// -- what is sent -----------------------------------------------------------

/// The address of the mailbox; nothing if a refusal was shown.
std::optional<std::string> own_address(session& with, const std::string& mailbox) {
  auto answer = with.ask("GET", "/mailboxes/" + web::percent_encode(mailbox));
  if (!answer)
    return std::nullopt;
  return text_at(ordered_json::parse(*answer, nullptr, false), "address");
}

std::size_t room_beside(const json& request) {
  auto used = request.dump().size();
  return web::max_control_body_bytes - std::min<std::size_t>(used, web::max_control_body_bytes);
}

/// Whether the rest of the request leaves room for what is not written yet.
bool fits(session& with, const json& request, std::size_t reserved) {
  if (room_beside(request) >= reserved)
    return true;
  with.refuse(bad_field("the mail's text", "is larger than one request may be (1 MiB in all)",
                        "attach it (--attach), or send the whole as --eml"),
              exit_usage);
  return false;
}

/// Puts the mail that the options describe into the request; false: a refusal was shown.
bool put_mail(session& with, const send_wish& wish, json& request) {
  auto enclosed = wish.mail.enclosed();
  if (!enclosed) {
    with.refuse(enclosed.error(), exit_usage);
    return false;
  }
  std::vector<part_source> sources;
  for (const auto& file : *enclosed) {
    auto source = part_source::open(file.option, file.path);
    if (!source) {
      with.refuse(source.error(), exit_usage);
      return false;
    }
    sources.push_back(*std::move(source));
  }
  // What the command line says wrong is told before anybody is asked.
  auto mail = wish.mail.request();
  if (!mail) {
    with.refuse(mail.error(), exit_usage);
    return false;
  }
  auto& into = request["mail"] = *std::move(mail);
  if (wish.mail.from.empty()) {
    auto own = own_address(with, wish.mailbox);
    if (!own)
      return false;
    into["from"] = *std::move(own);
  }
  auto reserved = sources.size() * upload_field_bytes;
  if (!fits(with, request, reserved))
    return false;
  enclosure enclosing{with, wish.mailbox, room_beside(request) - reserved};
  for (std::size_t i = 0; i < sources.size(); ++i) {
    auto first = sources[i].next();
    if (!first) {
      with.refuse(first.error(), exit_usage);
      return false;
    }
    auto& file = into["files"][i];
    if (!enclosing.put(file, sources[i], *std::move(first), file["name"].get<std::string>()))
      return false;
  }
  return true;
}

/// Puts the mail that is there as bytes into the request; false: a refusal was shown.
bool put_raw(session& with, const send_wish& wish, json& request) {
  auto source = part_source::open("--eml", wish.raw.file);
  auto first = source ? source->next() : result<std::string>{source.error()};
  auto raw = first ? wish.raw.request(*first, wish.mail.sender) : result<json>{first.error()};
  if (!raw) {
    with.refuse(raw.error(), exit_usage);
    return false;
  }
  if (first->empty()) {
    with.refuse(bad_field("--eml " + wish.raw.file, "is empty", "name a file with a mail in it"),
                exit_usage);
    return false;
  }
  auto& into = request["raw"] = *std::move(raw);
  if (!fits(with, request, upload_field_bytes))
    return false;
  return enclosure{with, wish.mailbox, room_beside(request) - upload_field_bytes}.put(
      into, *source, *std::move(first), std::filesystem::path{wish.raw.file}.filename().string());
}

/// The request that hands the mail in, what is too large for it uploaded; nothing if a refusal was
/// shown.
std::optional<json> request_of(session& with, const send_wish& wish) {
  auto request = json::object();
  if (auto put = wish.how.put(request); !put) {
    with.refuse(put.error(), exit_usage);
    return std::nullopt;
  }
  if (!(wish.raw.file.empty() ? put_mail(with, wish, request) : put_raw(with, wish, request)))
    return std::nullopt;
  return request;
}

// -- waiting for it ---------------------------------------------------------

/// Waits until something happened to its mailbox behind event `after`, which moves on, or
/// `longest` is over; false: a refusal was shown.
bool await_event(session& with, const std::string& mailbox, std::uint64_t& after, seconds longest) {
  auto query = query_text({{"after", std::to_string(after)},
                           {"wait_s", std::to_string(longest.count())},
                           {"about", mailbox}});
  auto answer = with.ask("GET", "/events" + query);
  if (!answer)
    return false;
  auto page = ordered_json::parse(*answer, nullptr, false);
  if (page.is_object() && page.contains("events"))
    for (const auto& event : page["events"])
      after = std::max(after, number_at(event, "number"));
  return true;
}

void show_end(session& with, const std::string& answer, const ordered_json& mail) {
  if (with.json) {
    fmt::print("{}\n", answer);
    return;
  }
  print_facts(state_facts(mail));
  print_recipients(mail, true);
}

/// What is told where Ctrl-C ends the waiting.
std::string waiting_note(const std::string& key) {
  return fmt::format("the mail is safe, and mailfleetd goes on with it; how it stands: mailfleet "
                     "outbox show {}",
                     key);
}

/// Waits for the end of a mail that was answered with `answer`, which was shown.
void await_end(session& with, std::string answer, std::uint64_t after, seconds patience) {
  auto until = steady_clock::now() + patience;
  auto begun = steady_clock::now();
  auto mail = ordered_json::parse(answer, nullptr, false);
  auto key = text_at(mail, "key");
  bool looked = false;
  submission_note note{waiting_note(key)};
  progress_line progress{!with.json};
  for (;;) {
    auto end = end_of_wait(mail);
    auto left = std::chrono::ceil<seconds>(until - steady_clock::now());
    if (end || left <= seconds{0}) {
      with.status = end.value_or(exit_waiting);
      if (looked)
        show_end(with, answer, mail);
      return;
    }
    if (!await_event(with, text_at(mail, "mailbox"), after, std::min(left, look_wait)))
      return;
    auto seen = with.ask("GET", "/outbox/" + web::percent_encode(key));
    if (!seen)
      return;
    answer = *std::move(seen);
    mail = ordered_json::parse(answer, nullptr, false);
    looked = true;
    auto waited = std::chrono::floor<seconds>(steady_clock::now() - begun);
    progress.tell(fmt::format("{}, waiting for {} s", text_at(mail, "status"), waited.count()));
  }
}

void show_accepted(session& with, const std::string& answer) {
  auto mail = ordered_json::parse(answer, nullptr, false);
  if (with.json || !mail.is_object()) {
    fmt::print("{}\n", answer);
  } else {
    shown_facts facts{{"key", text_at(mail, "key")}};
    std::ranges::move(state_facts(mail), std::back_inserter(facts));
    print_facts(facts);
    if (mail.value("repeated", false))
      fmt::print("this idempotency key has this mail already: nothing new is sent\n");
    print_trouble(mail);
  }
  // Whoever waits can end it and has the key.
  std::fflush(stdout);
}

/// Hands in what stands in `request`; nothing if a refusal was shown.
std::optional<std::string> submit(session& with, const send_wish& wish, const json& request) {
  auto unknown = fmt::format("nobody knows whether the mail was accepted: the same command with "
                             "--idempotency-key {} tells, and sends it once",
                             request["idempotency_key"].get<std::string>());
  submission_note note{unknown};
  return with.ask_twice("POST", "/mailboxes/" + web::percent_encode(wish.mailbox) + "/outbox",
                        request.dump(), unknown);
}

void send(session& with, const send_wish& wish) {
  auto request = request_of(with, wish);
  if (!request)
    return;
  std::uint64_t after = 0;
  if (wish.waits) {
    // Looked up before, so that a quick end is not missed.
    auto status = with.ask("GET", "/status");
    if (!status)
      return;
    after = number_at(ordered_json::parse(*status, nullptr, false), "last_event");
  }
  auto answer = submit(with, wish, *request);
  if (!answer)
    return;
  show_accepted(with, *answer);
  if (wish.waits)
    await_end(with, *std::move(answer), after, wish.patience);
}

/// Reads `--wait [SECONDS]`; false: a refusal was shown.
bool read_patience(session& with, send_wish& wish) {
  const auto& text = wish.patience_text;
  if (text.empty())
    return true;
  unsigned given = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), given);
  if (fault != std::errc{} || end != text.data() + text.size()) {
    with.refuse(bad_field("--wait", "is no number of seconds: " + printable(text),
                          "give --wait 60; what is no number stands before --wait"),
                exit_usage);
    return false;
  }
  wish.patience = seconds{given};
  return true;
}

constexpr auto footer =
    "Text is UTF-8. Small files go with the request, large ones before it in parts; what was not\n"
    "used of them is gone after an hour. A key is printed as soon as the mail is safe: from then "
    "on\n"
    "mailfleetd sends it, and Ctrl-C ends the waiting only.\n\n"
    "Exit codes with --wait: 0 sent, 4 failed, cancelled, or refused for a recipient, 5 in doubt,\n"
    "6 still waiting.\n\n"
    "Examples:\n"
    "  mailfleet send ann@example.org --to bob@example.net --subject Hello --text 'Hello Bob.'\n"
    "  mailfleet send ann@example.org --to 'Bob Beech <bob@example.net>' --subject Report \\\n"
    "    --text-file - --attach report.pdf --wait < letter.txt\n"
    "  mailfleet send ann@example.org --to bob@example.net --html-file news.html \\\n"
    "    --inline logo=logo.png --bulk --at 2026-12-24T08:00:00Z\n"
    "  mailfleet send ann@example.org --eml mail.eml --recipient bob@example.net";

} // namespace

void add_send_command(CLI::App& app, session& with) {
  auto wish = std::make_shared<send_wish>();
  auto* send_mail = app.add_subcommand("send", "Send a mail");
  send_mail->add_option("mailbox", wish->mailbox, "Address or id of the mailbox that sends it")
      ->required()
      ->type_name("REF");
  auto parts = wish->mail.add(*send_mail);
  send_mail
      ->add_option("--sender", wish->mail.sender,
                   "Who sends it, where that is not who wrote it; of an --eml: to whom bounces go")
      ->type_name("ADDRESS");
  auto* eml = wish->raw.add(*send_mail);
  for (auto* part : parts)
    eml->excludes(part);
  wish->how.add(*send_mail);
  auto* wait = send_mail
                   ->add_option("--wait", wish->patience_text,
                                "Wait until it is sent or not, for so long at most (60)")
                   ->type_name("SECONDS")
                   ->expected(0, 1);
  send_mail->footer(footer);
  send_mail->final_callback([wish, wait, &with] {
    with.options = mail_fields();
    wish->waits = wait->count() > 0;
    if (read_patience(with, *wish))
      send(with, *wish);
  });
}

} // namespace mailfleet::tools
