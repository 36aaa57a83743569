#include "tools/bench_world.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <utility>

namespace mailfleet::bench {

wall_time system_clock::now() const {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void fail(const failure& what) {
  throw std::runtime_error{to_string(what)};
}

std::chrono::microseconds cpu_time() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

void passing_log::read(record_key key, std::function<void(result<std::optional<record>>)> done) {
  below_->read(key, std::move(done));
}

void passing_log::scan(scan_request request, std::function<void(result<scan_page>)> done) {
  below_->scan(std::move(request), std::move(done));
}

commit_log_statistics passing_log::statistics() const {
  return below_->statistics();
}

std::future<control_answer> ask(control_door& door, control_command command) {
  auto promise = std::make_shared<std::promise<control_answer>>();
  door.ask("bench", std::move(command), [promise](result<control_answer> answer) {
    if (answer)
      promise->set_value(*std::move(answer));
    else
      promise->set_exception(
          std::make_exception_ptr(std::runtime_error{to_string(answer.error())}));
  });
  return promise->get_future();
}

// -- the mail server ----------------------------------------------------------

struct silent_mail_server::parts {
  parts(net::event_loop& of, std::function<void(std::string_view)> to,
        std::chrono::milliseconds each)
    : loop{of}, on_log_in{std::move(to)}, life{each} {}

  net::event_loop& loop;
  std::function<void(std::string_view)> on_log_in;
  std::chrono::milliseconds life;
  std::atomic<bool> calm = false;
};

namespace {

/// What outlives a session: its events may still be on their way.
struct session_core {
  session_core(boost::asio::io_context& where, std::function<void(session_event)> to)
    : context{where}, report{std::move(to)}, timer{where} {}

  boost::asio::io_context& context;
  std::function<void(session_event)> report;
  boost::asio::steady_timer timer;
  std::atomic<bool> closed = false;
};

class silent_session final : public mail_session {
public:
  explicit silent_session(std::shared_ptr<session_core> core) : core_{std::move(core)} {
    folder_opened empty;
    empty.validity = 1;
    empty.next_number = 1;
    say(empty);
  }

  ~silent_session() override {
    core_->closed = true;
  }

  silent_session(const silent_session&) = delete;
  silent_session& operator=(const silent_session&) = delete;

  void fetch(std::uint32_t after) override {
    say(fetch_finished{after, {}});
  }
  void fetch_one(std::uint32_t number) override {
    say(fetch_finished{number, {}});
  }
  void find_since(wall_time) override {
    say(start_found{1});
  }
  void watch() override {
    say(now_watching{});
  }
  void act(std::uint32_t number, server_action, std::string) override {
    say(action_finished{number, std::nullopt});
  }
  void close() override {
    core_->closed = true;
  }

private:
  void say(session_event event) {
    boost::asio::post(core_->context, [core = core_, event = std::move(event)] {
      if (!core->closed)
        core->report(event);
    });
  }

  std::shared_ptr<session_core> core_;
};

} // namespace

silent_mail_server::silent_mail_server(net::event_loop& loop,
                                       std::function<void(std::string_view)> on_log_in,
                                       std::chrono::milliseconds life)
  : parts_{std::make_shared<parts>(loop, std::move(on_log_in), life)} {}

silent_mail_server::~silent_mail_server() = default;

void silent_mail_server::calm() {
  parts_->calm = true;
}

std::unique_ptr<mail_session> silent_mail_server::open(session_settings settings,
                                                       std::function<void(session_event)> report) {
  auto token = settings.credential.reveal();
  parts_->on_log_in(token);
  auto core = std::make_shared<session_core>(parts_->loop.next(), std::move(report));
  auto session = std::make_unique<silent_session>(core);
  if (parts_->life.count() > 0) {
    // Not all at once: half as long to one and a half times.
    auto part = static_cast<double>(std::hash<std::string_view>{}(token) % 1024) / 1024;
    core->timer.expires_after(
        parts_->life / 2
        + std::chrono::duration_cast<std::chrono::milliseconds>(parts_->life * part));
    core->timer.async_wait([core, parts = parts_](boost::system::error_code error) {
      if (!error && !core->closed && !parts->calm)
        core->report(session_closed{{errc::connection_lost, "the token has ended"}, true, {}});
    });
  }
  return session;
}

} // namespace mailfleet::bench
