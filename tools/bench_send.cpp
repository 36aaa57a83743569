// The whole runtime on a real submission server, for `tools/bench send`: store, composer,
// SMTP sessions and actors are those of the daemon, sessions that fetch are silent.
//
//   bench_send JOB
//
// JOB is a file of JSON that says what to send (tools/bench_send.py writes it). First the
// mails of the warm-up are sent, then those that are measured: from the first submission
// until the last mail is durable as sent. The last line of the output is JSON.

#include "actors/runtime.hpp"
#include "net/certificate_probe.hpp"
#include "net/connector.hpp"
#include "net/http_client.hpp"
#include "net/login_probe.hpp"
#include "net/sent_search.hpp"
#include "net/smtp_session.hpp"
#include "storage/compose_pool.hpp"
#include "storage/open.hpp"
#include "tools/bench_world.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <filesystem>
#include <fstream>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace mailfleet::bench {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Submissions that are not answered yet: many programs at once.
constexpr std::size_t most_submitting = 64;
constexpr auto most_starting = 60s;
constexpr auto most_sending = 900s;
/// What is still told between the actors when the last mail is durable.
constexpr auto most_settling = 10s;
/// At what nobody tells of.
constexpr auto look_again = 50ms;
constexpr std::size_t events_a_page = 1'000;

struct job {
  std::string host;
  std::uint16_t port = 0;
  std::string ca_file;
  secret password;
  std::filesystem::path folder;
  std::vector<std::string> mailboxes;
  std::string domain;
  std::string text;
  std::size_t messages = 0;
  std::size_t warm_up = 0;
};

job read_job(const char* path) {
  std::ifstream file{path};
  auto told = nlohmann::json::parse(file);
  return {told.at("host"),
          told.at("port"),
          told.at("ca_file"),
          secret{told.at("password").get<std::string>()},
          told.at("folder").get<std::string>(),
          told.at("mailboxes"),
          told.at("domain"),
          told.at("text"),
          told.at("messages"),
          told.at("warm_up")};
}

[[noreturn]] void on_fatal(const failure& what) {
  std::fprintf(stderr, "bench_send: %s\n", to_string(what).c_str());
  std::_Exit(1);
}

// -- the watch ----------------------------------------------------------------

/// Counts mails that are durable as sent. It wakes nobody before all are: that would be
/// work of the bench, and counted as the runtime's.
class sent_watch {
public:
  void on_durable(std::size_t sent) {
    std::lock_guard lock{mutex_};
    sent_ += sent;
    if (sent_ >= wanted_)
      reached_.notify_all();
  }

  /// Whether so many were sent by then, all in all.
  bool wait(std::size_t wanted, std::chrono::milliseconds most) {
    std::unique_lock lock{mutex_};
    wanted_ = wanted;
    return reached_.wait_for(lock, most, [this] { return sent_ >= wanted_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable reached_;
  std::size_t sent_ = 0;
  std::size_t wanted_ = 0;
};

class watched_log final : public passing_log {
public:
  watched_log(std::shared_ptr<commit_log> below, std::shared_ptr<sent_watch> watch)
    : passing_log{std::move(below)}, watch_{std::move(watch)} {}

  void commit(commit_request request, std::function<void(result<commit_receipt>)> done) override {
    std::size_t sent = 0;
    for (const auto& event : request.events)
      sent += event.kind == event_kind::mail_sent ? 1 : 0;
    if (sent == 0)
      return below().commit(std::move(request), std::move(done));
    below().commit(std::move(request),
                   [watch = watch_, sent, done = std::move(done)](result<commit_receipt> outcome) {
                     if (outcome)
                       watch->on_durable(sent);
                     done(std::move(outcome));
                   });
  }

private:
  std::shared_ptr<sent_watch> watch_;
};

// -- the fleet ----------------------------------------------------------------

/// What the event log tells of all mails.
struct told_events {
  std::set<message_key> sent;
  std::size_t sent_again = 0;
  std::size_t failed = 0;
  std::size_t in_doubt = 0;
};

/// In the order of their making, as in the daemon.
class fleet {
public:
  explicit fleet(const job& chosen) : job_{chosen} {
    const storage::store_settings files{job_.folder / "state", job_.folder / "key"};
    if (auto made = storage::initialise(files, *random_); !made)
      fail(made.error());
    auto opened = storage::open(files, *random_, [](failure what) { on_fatal(what); });
    if (!opened)
      fail(opened.error());
    log_ = std::make_shared<watched_log>(*std::move(opened), watch_);
    world outside{.storage = log_,
                  .http = net::make_http_client(loop_, {}),
                  .sessions = server_,
                  .senders = net::make_smtp_session_factory(loop_, *connector_, net::host_name()),
                  .composer = storage::make_mail_composer(log_),
                  .sent_folders = net::make_sent_search(loop_, *connector_, *random_),
                  .certificates = net::make_certificate_probe(loop_, {}),
                  .probes = net::make_login_probe(loop_, {}),
                  .clock = std::make_shared<system_clock>(),
                  .random = random_,
                  .log = std::make_shared<no_log>()};
    runtime_ = std::make_unique<runtime>(std::move(outside), fleet_settings{}, "bench",
                                         [](failure what) { on_fatal(what); });
  }

  ~fleet() {
    runtime_->stop();
    // What still runs on the loop uses what goes next.
    loop_.stop();
  }
  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;

  void add_mailboxes() {
    for (const auto& address : job_.mailboxes)
      ask(a_mailbox(address)).get();
    auto end = steady_clock::now() + most_starting;
    while (watching() < job_.mailboxes.size()) {
      if (steady_clock::now() >= end)
        throw std::runtime_error{"not every mailbox came to watch"};
      look_again_later();
    }
  }

  /// Submits so many, each to an address of its own that begins with `mark`, and waits
  /// until all are durable as sent.
  void send(char mark, std::size_t count) {
    std::deque<std::future<control_answer>> open;
    for (std::size_t number = 0; number < count; ++number) {
      if (open.size() == most_submitting) {
        open.front().get();
        open.pop_front();
      }
      open.push_back(ask(a_mail(mark, number)));
    }
    for (auto& one : open)
      one.get();
    submitted_ += count;
    if (!watch_->wait(submitted_, most_sending))
      std::fputs("bench_send: not every mail was sent in time\n", stderr);
  }

  /// How many mails are not finished, when there is nothing more to wait for.
  std::size_t left() {
    auto end = steady_clock::now() + most_settling;
    for (;;) {
      auto seen = std::get<status_report>(ask(report_status{}).get()).outbox;
      for (const auto& [mailbox, trouble] : seen.at_rest)
        std::fprintf(stderr, "bench_send: %s sends nothing: %s %s\n", to_string(mailbox).c_str(),
                     trouble.code.c_str(), trouble.evidence.c_str());
      auto open = seen.waiting + seen.under_way + seen.in_doubt;
      if (open == 0 || steady_clock::now() >= end)
        return open;
      look_again_later();
    }
  }

  told_events events() {
    told_events told;
    std::uint64_t after = 0;
    for (bool more = true; more;) {
      auto answer = ask(list_events{after, events_a_page, 0ms, std::nullopt}).get();
      auto& page = std::get<event_list>(answer);
      for (const auto& event : page.events)
        count(event.what, told);
      more = page.more && !page.events.empty();
      if (more)
        after = page.events.back().number;
    }
    return told;
  }

private:
  static void count(const event_draft& event, told_events& told) {
    if (event.kind == event_kind::mail_sent && !told.sent.insert(event.message.value()).second)
      ++told.sent_again;
    told.failed += event.kind == event_kind::mail_failed ? 1 : 0;
    told.in_doubt += event.kind == event_kind::mail_in_doubt ? 1 : 0;
  }

  void look_again_later() {
    watch_->wait(std::numeric_limits<std::size_t>::max(), look_again);
  }

  std::future<control_answer> ask(control_command command) {
    return bench::ask(*runtime_, std::move(command));
  }

  [[nodiscard]] std::size_t watching() {
    auto answer = ask(list_mailboxes{mailbox_state::watching}).get();
    return std::get<mailbox_list>(answer).mailboxes.size();
  }

  [[nodiscard]] add_mailbox a_mailbox(const std::string& address) const {
    add_mailbox one;
    one.wanted.address = address;
    one.wanted.auth = mailbox_auth::password;
    // Nobody connects there.
    one.wanted.imap.host = job_.host;
    one.wanted.imap.port = 993;
    one.wanted.smtp.host = job_.host;
    one.wanted.smtp.port = job_.port;
    one.wanted.smtp.ca_file = job_.ca_file;
    one.password = job_.password;
    return one;
  }

  [[nodiscard]] submit_mail a_mail(char mark, std::size_t number) const {
    outgoing_mail mail;
    const auto& from = job_.mailboxes[number % job_.mailboxes.size()];
    mail.from.address = from;
    mail.to.push_back({"", mark + std::to_string(number) + "@" + job_.domain});
    mail.subject = "Mail " + std::to_string(number) + " of the bench";
    mail.text = job_.text;
    return {{from}, {}, std::move(mail)};
  }

  const job& job_;
  std::shared_ptr<storage::openssl_random> random_ = std::make_shared<storage::openssl_random>();
  std::shared_ptr<sent_watch> watch_ = std::make_shared<sent_watch>();
  std::shared_ptr<commit_log> log_;
  /// As many network threads as the daemon has unless told otherwise.
  net::event_loop loop_{1};
  std::unique_ptr<net::connector> connector_ = net::make_connector({});
  std::shared_ptr<silent_mail_server> server_ = std::make_shared<silent_mail_server>(
      loop_, [](std::string_view) {}, 0ms);
  std::unique_ptr<runtime> runtime_;
  std::size_t submitted_ = 0;
};

/// The highest resident size so far. Not rusage's, which counts pages from before the exec.
std::size_t peak_kib() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:"))
      return std::stoul(line.substr(line.find_first_of("0123456789")));
  return 0;
}

int run(const job& chosen) {
  fleet whole{chosen};
  whole.add_mailboxes();
  whole.send('w', chosen.warm_up);
  auto began = steady_clock::now();
  auto cpu = cpu_time();
  whole.send('m', chosen.messages);
  auto spent = cpu_time() - cpu;
  std::chrono::duration<double> took = steady_clock::now() - began;
  auto peak = peak_kib();
  auto left = whole.left();
  auto told = whole.events();
  std::printf("{\"cpu_us\": %lld, \"seconds\": %.3f, \"peak_kib\": %zu, \"sent\": %zu, "
              "\"sent_again\": %zu, \"failed\": %zu, \"in_doubt\": %zu, \"left\": %zu}\n",
              static_cast<long long>(spent.count()), took.count(), peak, told.sent.size(),
              told.sent_again, told.failed, told.in_doubt, left);
  return 0;
}

} // namespace

} // namespace mailfleet::bench

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: bench_send JOB\n", stderr);
    return 2;
  }
  try {
    return mailfleet::bench::run(mailfleet::bench::read_job(arguments[1]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_send: %s\n", error.what());
    return 1;
  }
}
