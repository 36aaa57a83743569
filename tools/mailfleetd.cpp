#include "storage/open.hpp"
#include "tools/daemon.hpp"
#include "tools/daemon_config.hpp"
#include "tools/fail_point_kill.hpp"
#include "tools/spdlog_log.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace mailfleet::tools {

namespace {

using std::chrono_literals::operator""s;

/// How long an orderly stop may take; then the process ends all the same, which
/// loses nothing that was acknowledged.
constexpr auto stop_deadline = 10s;

constexpr int exit_ok = 0;
constexpr int exit_refused = 1;
constexpr int exit_usage = 2;
constexpr int exit_fatal = 4;

/// No core dump may hold tokens; every mailbox needs a descriptor or two.
void prepare_process() {
  rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  std::signal(SIGPIPE, SIG_IGN);
  // A file at its size limit is a write that failed, as a full disk is.
  std::signal(SIGXFSZ, SIG_IGN);
}

int complain(const failure& what) {
  fmt::print(stderr, "mailfleetd: {}\n", to_string(what));
  return what.code == errc::invalid_argument ? exit_usage : exit_refused;
}

/// The main thread: waits for signals and fatal faults while the daemon's own
/// threads do the work.
class main_loop {
public:
  explicit main_loop(std::shared_ptr<log_port> log) : log_{std::move(log)} {}

  int run(const daemon_config& config) {
    auto started = daemon::start(config, log_, [this](failure what) { on_fatal(std::move(what)); });
    if (!started)
      return complain(started.error());
    running_ = *std::move(started);
    log_->write(log_level::info, "ready",
                {{"socket", config.socket.string()}, {"pid", std::to_string(::getpid())}});
    await_signal();
    io_.run();
    if (stopper_.joinable())
      stopper_.join();
    return exit_code_;
  }

private:
  void await_signal() {
    signals_.async_wait([this](boost::system::error_code failed, int) {
      if (failed)
        return;
      if (stopping_)
        ::_exit(exit_refused);
      begin_stop();
      await_signal();
    });
  }

  void on_fatal(failure what) {
    boost::asio::post(io_, [this, what = std::move(what)] {
      log_->write(log_level::error, "fatal", {{"what", to_string(what)}});
      exit_code_ = exit_fatal;
      if (!stopping_)
        begin_stop();
    });
  }

  /// The stop runs on a thread of its own, so that a second signal is heard.
  void begin_stop() {
    stopping_ = true;
    log_->write(log_level::info, "stopping", {});
    deadline_.expires_after(stop_deadline);
    deadline_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled)
        return;
      log_->write(log_level::error, "stop took too long", {});
      ::_exit(exit_refused);
    });
    stopper_ = std::thread{[this] {
      running_.reset();
      boost::asio::post(io_, [this] {
        log_->write(log_level::info, "stopped", {});
        deadline_.cancel();
        signals_.cancel();
      });
    }};
  }

  std::shared_ptr<log_port> log_;
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_, SIGTERM, SIGINT};
  boost::asio::steady_timer deadline_{io_};
  std::unique_ptr<daemon> running_;
  std::thread stopper_;
  bool stopping_ = false;
  int exit_code_ = exit_ok;
};

int run(const daemon_flags& flags) {
  auto config = load_daemon_config(flags);
  if (!config)
    return complain(config.error());
  arm_fail_point_from_environment();
  auto log = make_stderr_log(config->log_format, config->log_level);
  return main_loop{std::move(log)}.run(*config);
}

int initialise(const std::string& state, const std::string& key) {
  storage::openssl_random random;
  if (auto made = storage::initialise({state, key}, random); !made)
    return complain(made.error());
  fmt::print("made the state folder {} and the key {}\n"
             "keep a copy of the key elsewhere: without it the state cannot be read\n"
             "next: mailfleetd run --state {} --key-file {}\n",
             state, key, state, key);
  return exit_ok;
}

int rotate_key(const std::string& state, const std::string& key, const std::string& next) {
  storage::openssl_random random;
  if (auto rotated = storage::rotate_key({state, key}, next, random); !rotated)
    return complain(rotated.error());
  fmt::print("the state folder {} is now sealed under {}\n"
             "remove the old key once the daemon runs with the new one\n",
             state, next);
  return exit_ok;
}

int main(int argc, char** argv) {
  prepare_process();
  CLI::App app{"mailfleetd keeps mailboxes signed in and ingests their mail.", "mailfleetd"};
  app.require_subcommand(1);
  app.set_version_flag("--version", MAILFLEET_VERSION);
  app.footer("Examples:\n"
             "  mailfleetd init --state /var/lib/mailfleet --key-file /etc/mailfleet-key\n"
             "  mailfleetd run --state /var/lib/mailfleet --key-file /etc/mailfleet-key\n"
             "  mailfleetd run --config /etc/mailfleet/mailfleetd.toml --log-format json\n"
             "\n"
             "Exit codes: 0 stopped in good order, 1 refused, 2 usage, 4 fatal fault.\n"
             "SIGTERM stops in good order within 10 s; a second one at once. kill -9 loses\n"
             "nothing that was acknowledged.");

  std::string state, key, next_key;
  auto* init = app.add_subcommand("init", "Make a key and an empty state folder.");
  init->add_option("--state", state, "The folder to make")->required();
  init->add_option("--key-file", key, "The key file to make, outside the folder")->required();

  daemon_flags flags;
  auto* run_command = app.add_subcommand("run", "Run in the foreground.");
  add_daemon_flags(*run_command, flags);

  auto* rotate = app.add_subcommand("rotate-key", "Seal the state under a new key.");
  rotate->footer("Example:\n"
                 "  mailfleetd rotate-key --state /var/lib/mailfleet --key-file /etc/mailfleet-key "
                 "\\\n"
                 "      --new-key-file /etc/mailfleet-key-2");
  rotate->add_option("--state", state, "The state folder; no daemon may run on it")->required();
  rotate->add_option("--key-file", key, "The key it is sealed under now")->required();
  rotate->add_option("--new-key-file", next_key, "The key file to make")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& what) {
    return app.exit(what) == 0 ? exit_ok : exit_usage;
  }
  if (*init)
    return initialise(state, key);
  if (*rotate)
    return rotate_key(state, key, next_key);
  return run(flags);
}

} // namespace

} // namespace mailfleet::tools

int main(int argc, char** argv) {
  return mailfleet::tools::main(argc, argv);
}
