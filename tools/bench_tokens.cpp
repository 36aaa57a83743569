// The whole runtime on a token server that `tools/bench tokens` plays: RocksDB, the
// HTTP client and the actors are those of the daemon, mail sessions are silent.
//
//   bench_tokens wave ORIGIN CA_FILE FOLDER MAILBOXES RATE
//   bench_tokens faults ORIGIN CA_FILE FOLDER MAILBOXES RATE
//
// `wave` waits until every mailbox has a token, and measures until every mailbox has
// the next one. `faults` lets its sessions end every few seconds, so that mailboxes
// want tokens, until its standard input ends; then until all mailboxes watch.
//
// The last line of its output is JSON. FOLDER then holds `tokens.json`: the refresh
// token that each mailbox ended with, as read from the disk.

#include "actors/runtime.hpp"
#include "net/certificate_probe.hpp"
#include "net/http_client.hpp"
#include "net/login_probe.hpp"
#include "storage/open.hpp"
#include "tools/bench_tokens_ports.hpp"
#include "tools/bench_world.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <deque>
#include <exception>
#include <fstream>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace mailfleet::bench {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Mailboxes of one provider where faults are played: an outage stops them all.
constexpr std::size_t mailboxes_a_provider = 10;
constexpr auto session_life = 4s;
/// Requests to add a mailbox that are open at once.
constexpr std::size_t most_adding = 64;
constexpr auto most_granting = 600s;
constexpr auto most_wave = 900s;
/// Longer than what a mailbox waits that asked too often, once and then again.
constexpr auto most_calming = 90s;

struct settings {
  bool faults = false;
  std::string origin;
  std::string ca_file;
  std::filesystem::path folder;
  std::size_t mailboxes = 0;
  std::size_t rate = 0;
};

[[noreturn]] void on_fatal(const failure& what) {
  std::fprintf(stderr, "bench_tokens: %s\n", to_string(what).c_str());
  std::_Exit(1);
}

fleet_settings settings_of(const settings& chosen) {
  fleet_settings fleet;
  fleet.token_rate = chosen.rate;
  return fleet;
}

/// A measured stretch of time.
struct cost {
  double seconds = 0;
  std::chrono::microseconds cpu{0};
  /// Mailboxes that an operator had to wake.
  std::size_t nudged = 0;
};

// -- the fleet ----------------------------------------------------------------

/// In the order of their making, as in the daemon.
class fleet {
public:
  explicit fleet(const settings& chosen)
    : chosen_{chosen}, files_{chosen.folder / "state", chosen.folder / "key"} {
    if (auto made = storage::initialise(files_, *random_); !made)
      fail(made.error());
    open_log();
    world outside{.storage = watched(log_, watch_),
                  .http = watched(net::make_http_client(loop_, {}), watch_),
                  .sessions = server_,
                  .senders = nullptr,
                  .composer = nullptr,
                  .sent_folders = nullptr,
                  .certificates = net::make_certificate_probe(loop_, {}),
                  .probes = net::make_login_probe(loop_, {}),
                  .clock = std::make_shared<system_clock>(),
                  .random = random_,
                  .log = std::make_shared<no_log>()};
    runtime_ = std::make_unique<runtime>(std::move(outside), settings_of(chosen), "bench",
                                         [](failure what) { on_fatal(what); });
  }

  void add_providers() {
    for (std::size_t number = 0; number < providers(); ++number)
      ask(add_provider{a_provider(number)}).get();
  }

  void add_mailboxes() {
    std::deque<std::future<control_answer>> open;
    for (std::size_t number = 0; number < chosen_.mailboxes; ++number) {
      if (open.size() == most_adding) {
        open.front().get();
        open.pop_front();
      }
      open.push_back(ask(a_mailbox(number)));
    }
    for (auto& one : open)
      one.get();
  }

  [[nodiscard]] std::size_t count(mailbox_state state) {
    return std::get<mailbox_list>(ask(list_mailboxes{state}).get()).mailboxes.size();
  }

  /// Lets those that still wait to try again do so now, as an operator would. How many.
  std::size_t nudge() {
    auto waiting = std::get<mailbox_list>(ask(list_mailboxes{mailbox_state::backing_off}).get());
    for (const auto& one : waiting.mailboxes)
      ask(fetch_now{{one.record.address}}).get();
    return waiting.mailboxes.size();
  }

  /// Says of each mailbox that does not watch why.
  void complain() {
    auto answer = ask(list_mailboxes{}).get();
    for (const auto& one : std::get<mailbox_list>(answer).mailboxes)
      if (one.state != mailbox_state::watching)
        std::fprintf(stderr, "bench_tokens: %s is %s: %s\n", one.record.address.c_str(),
                     std::string{to_string(one.state)}.c_str(),
                     one.trouble ? one.trouble->code.c_str() : "");
  }

  /// Ends the actors and the store, and reads from the disk what every mailbox kept.
  std::size_t write_tokens() {
    runtime_->stop();
    runtime_.reset();
    log_.reset();
    open_log();
    std::ofstream out{chosen_.folder / "tokens.json"};
    std::size_t written = 0;
    std::optional<record_key> after;
    for (bool more = true; more;) {
      auto page = scan(after);
      more = page.more;
      for (const auto& each : page.records)
        out << (written++ == 0 ? "[\"" : ",\n\"")
            << std::get<grant_record>(each).refresh_token.reveal() << '"';
      if (!page.records.empty())
        after = key_of(page.records.back());
    }
    out << "]\n";
    return written;
  }

  [[nodiscard]] token_watch& watch() {
    return *watch_;
  }
  [[nodiscard]] silent_mail_server& server() {
    return *server_;
  }

private:
  [[nodiscard]] std::size_t providers() const {
    return chosen_.faults ? (chosen_.mailboxes + mailboxes_a_provider - 1) / mailboxes_a_provider
                          : 1;
  }

  [[nodiscard]] provider_record a_provider(std::size_t number) const {
    provider_record who;
    who.name = "bench-" + std::to_string(number);
    who.service = "generic";
    who.client_id = "bench";
    client_secret held;
    held.value = secret{"bench-client-secret"};
    who.secrets = {held};
    who.redirect_uri = "http://localhost:8025/callback";
    who.discovery_url =
        chosen_.origin + "/" + std::to_string(number) + "/.well-known/openid-configuration";
    who.ca_file = chosen_.ca_file;
    who.imap.host = "localhost";
    who.imap.port = 993;
    return who;
  }

  [[nodiscard]] add_mailbox a_mailbox(std::size_t number) const {
    add_mailbox one;
    one.wanted.address = "box" + std::to_string(number) + "@example.com";
    one.wanted.auth = mailbox_auth::oauth2;
    one.provider.text = "bench-" + std::to_string(number % providers());
    one.refresh_token =
        secret{"r-" + std::to_string(number) + "-0-" + std::string(first_padding, 'r')};
    return one;
  }

  std::future<control_answer> ask(control_command command) {
    return bench::ask(*runtime_, std::move(command));
  }

  void open_log() {
    auto opened = storage::open(files_, *random_, [](failure what) { on_fatal(what); });
    if (!opened)
      fail(opened.error());
    log_ = *std::move(opened);
  }

  scan_page scan(const std::optional<record_key>& after) {
    std::promise<result<scan_page>> promise;
    log_->scan({.in = family::grants, .owner = std::nullopt, .after = after},
               [&promise](result<scan_page> page) { promise.set_value(std::move(page)); });
    auto page = promise.get_future().get();
    if (!page)
      fail(page.error());
    return *std::move(page);
  }

  /// As bench_tokens_server.mjs pads its own.
  static constexpr std::size_t first_padding = 1'000;

  const settings& chosen_;
  storage::store_settings files_;
  std::shared_ptr<storage::openssl_random> random_ = std::make_shared<storage::openssl_random>();
  std::shared_ptr<commit_log> log_;
  /// As many network threads as the daemon has unless told otherwise.
  net::event_loop loop_{1};
  std::shared_ptr<token_watch> watch_ = std::make_shared<token_watch>();
  std::shared_ptr<silent_mail_server> server_ = std::make_shared<silent_mail_server>(
      loop_, [watch = watch_](std::string_view token) { watch->on_log_in(token); },
      chosen_.faults ? std::chrono::milliseconds{session_life} : 0ms);
  std::unique_ptr<runtime> runtime_;
};

// -- the two ways -------------------------------------------------------------

/// Waits until all mailboxes watch, looking once a second.
bool wait_for_rest(fleet& whole, std::size_t mailboxes, std::chrono::seconds most) {
  auto end = steady_clock::now() + most;
  while (whole.count(mailbox_state::watching) < mailboxes) {
    if (steady_clock::now() >= end)
      return false;
    whole.watch().wait(1s, [](const auto&) { return false; });
  }
  return true;
}

cost run_wave(fleet& whole, std::size_t mailboxes) {
  whole.add_mailboxes();
  bool granted = whole.watch().wait(most_granting,
                                    [&](const auto& seen) { return seen.granted == mailboxes; });
  // The work of the log-ins is no part of the wave.
  bool ready = granted && wait_for_rest(whole, mailboxes, most_granting);
  auto began = steady_clock::now();
  auto cpu = cpu_time();
  if (!ready || whole.watch().seen().refreshed > 0)
    throw std::runtime_error{"the wave began before all had a token: give a longer --life"};
  // Those that are missing at the end are the server's to count.
  whole.watch().wait(most_wave, [&](const auto& seen) { return seen.refreshed == mailboxes; });
  std::chrono::duration<double> took = steady_clock::now() - began;
  return {took.count(), cpu_time() - cpu, 0};
}

cost run_faults(fleet& whole, std::size_t mailboxes) {
  auto began = steady_clock::now();
  auto cpu = cpu_time();
  whole.add_mailboxes();
  for (std::string line; std::getline(std::cin, line);)
    ;
  whole.server().calm();
  std::size_t nudged = 0;
  // Those that do not come to rest even so are counted in the report.
  if (!wait_for_rest(whole, mailboxes, most_calming)) {
    nudged = whole.nudge();
    wait_for_rest(whole, mailboxes, most_calming);
  }
  std::chrono::duration<double> took = steady_clock::now() - began;
  return {took.count(), cpu_time() - cpu, nudged};
}

void report(const settings& chosen, fleet& whole, const cost& spent) {
  auto seen = whole.watch().seen();
  auto watching = whole.count(mailbox_state::watching);
  auto signed_out = whole.count(mailbox_state::needs_sign_in) + whole.count(mailbox_state::parked);
  whole.complain();
  auto kept = whole.write_tokens();
  std::printf("{\"refreshes\": %zu, \"cpu_us\": %lld, \"seconds\": %.3f, \"mailboxes\": %zu, "
              "\"watching\": %zu, \"signed_out\": %zu, \"kept\": %zu, \"log_ins\": %zu, "
              "\"requests\": %zu, \"undurable\": %zu, \"most_sent\": %zu, \"nudged\": %zu}\n",
              seen.refreshed, static_cast<long long>(spent.cpu.count()), spent.seconds,
              chosen.mailboxes, watching, signed_out, kept, seen.log_ins, seen.requests,
              seen.undurable, seen.most_sent, spent.nudged);
}

std::size_t number_of(std::string_view text) {
  std::size_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0)
    throw std::runtime_error{"not a number: " + std::string{text}};
  return number;
}

int run(const settings& chosen) {
  fleet whole{chosen};
  whole.add_providers();
  auto spent =
      chosen.faults ? run_faults(whole, chosen.mailboxes) : run_wave(whole, chosen.mailboxes);
  report(chosen, whole, spent);
  return 0;
}

} // namespace

} // namespace mailfleet::bench

int main(int count, char** arguments) {
  std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.size() != 6 || (words[0] != "wave" && words[0] != "faults")) {
    std::fputs("usage: bench_tokens wave|faults ORIGIN CA_FILE FOLDER MAILBOXES RATE\n", stderr);
    return 2;
  }
  try {
    using namespace mailfleet::bench;
    return run({words[0] == "faults", words[1], words[2] == "-" ? "" : words[2], words[3],
                number_of(words[4]), number_of(words[5])});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_tokens: %s\n", error.what());
    return 1;
  }
}
