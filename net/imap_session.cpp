#include "net/imap_session.hpp"

#include "net/imap_login.hpp"
#include "net/imap_session_core.hpp"
#include "protocols/sasl/echo.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace mailfleet::net {

namespace limits = imap_limits;
using boost::asio::awaitable;

namespace {

template <class... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
overloaded(Handlers...) -> overloaded<Handlers...>;

/// What an owner holds: it ends the core and outlives no event.
class imap_session final : public mail_session {
public:
  using core = imap_session_core;

  explicit imap_session(std::shared_ptr<core> does) : core_{std::move(does)} {}
  ~imap_session() override {
    core_->close();
  }
  imap_session(const imap_session&) = delete;
  imap_session& operator=(const imap_session&) = delete;

  void fetch(std::uint32_t after) override {
    core_->give(core::fetch_above{after});
  }
  void fetch_one(std::uint32_t number) override {
    core_->give(core::fetch_single{number});
  }
  void find_since(wall_time day) override {
    core_->give(core::find_day{day});
  }
  void watch() override {
    core_->give(core::begin_watch{});
  }
  void act(std::uint32_t number, server_action action, std::string target) override {
    core_->give(core::carry_out{number, action, std::move(target)});
  }
  void close() override {
    core_->close();
  }

private:
  std::shared_ptr<core> core_;
};

} // namespace

std::unique_ptr<mail_session> open_imap_session(boost::asio::io_context& context,
                                                connector& connect, random_source& random,
                                                session_settings settings,
                                                std::function<void(session_event)> report) {
  auto core = std::make_shared<imap_session_core>(context, connect, random, std::move(settings),
                                                  std::move(report));
  core->start();
  return std::make_unique<imap_session>(std::move(core));
}

// -- any thread ---------------------------------------------------------------

imap_session_core::imap_session_core(boost::asio::io_context& context, connector& connect,
                                     random_source& random, session_settings settings,
                                     std::function<void(session_event)> report)
  : context_{context},
    connector_{connect},
    random_{random},
    settings_{std::move(settings)},
    report_{std::move(report)},
    credit_returned_{context} {}

void imap_session_core::start() {
  boost::asio::co_spawn(
      context_, [self = shared_from_this()] { return self->run(); },
      [self = shared_from_this()](const std::exception_ptr& fault) {
        // The text of an exception may hold anything: it is not repeated.
        if (fault)
          self->end({errc::internal, "the IMAP session failed for a reason of its own"});
      });
}

void imap_session_core::give(order what) {
  boost::asio::post(context_, [self = shared_from_this(), what = std::move(what)]() mutable {
    if (self->ended_ || self->closing_)
      return;
    if (self->orders_.size() >= limits::max_waiting_commands)
      self->overrun_ = true;
    else
      self->orders_.push_back(std::move(what));
    if (self->connection_)
      self->connection_->wake();
  });
}

void imap_session_core::close() {
  {
    std::lock_guard guard{report_mutex_};
    if (std::exchange(closed_, true))
      return;
  }
  boost::asio::post(context_, [self = shared_from_this()] {
    self->closing_ = true;
    self->credit_returned_.cancel();
    if (self->connection_)
      self->connection_->interrupt();
  });
}

void imap_session_core::report(session_event what) {
  std::lock_guard guard{report_mutex_};
  if (!closed_)
    report_(std::move(what));
}

// -- the whole life -----------------------------------------------------------

awaitable<void> imap_session_core::run() {
  auto reason = co_await converse();
  // Mail that is whole is worth reporting, whatever came after it.
  flush();
  if (closing_ && connection_ && reason.code == errc::shutting_down)
    co_await connection_->log_out();
  end(std::move(reason));
}

void imap_session_core::end(failure reason) {
  if (std::exchange(ended_, true))
    return;
  session_closed closed;
  closed.reason = std::move(reason);
  closed.broke_at = broke_at_;
  if (connection_ && connection_->ended_by) {
    closed.token_expired = connection_->ended_by->token_expired;
    closed.retry_after = connection_->ended_by->retry_after;
  }
  connection_.reset();
  collector_ = {};
  report(std::move(closed));
}

awaitable<failure> imap_session_core::converse() {
  auto stream = co_await connector_.connect(mail_protocol::imap, settings_.server);
  if (!stream)
    co_return stream.error();
  connection_ = std::make_unique<imap_connection>(*std::move(stream), random_);
  if (closing_)
    connection_->interrupt();
  auto opened = co_await log_in();
  auto credential = std::exchange(settings_.credential, {});
  if (!opened) {
    auto reason = opened.error();
    if (sasl::repeats(reason.detail, credential))
      reason.detail = "the server refused, with words that hold the credential";
    co_return reason;
  }
  report(folder_opened{inbox_folder, connection_->validity, connection_->next_uid,
                       connection_->exists});
  for (;;) {
    auto what = co_await next_order();
    if (!what)
      co_return what.error();
    auto done = co_await obey(*std::move(what));
    if (!done)
      co_return done.error();
  }
}

awaitable<result<void>> imap_session_core::log_in() {
  auto logged_in = co_await imap_log_in(*connection_, settings_);
  if (!logged_in)
    co_return logged_in;
  co_return co_await select_inbox();
}

awaitable<result<void>> imap_session_core::select_inbox() {
  auto selected = co_await imap_demand(*connection_, "SELECT INBOX");
  if (!selected)
    co_return selected;
  // Without UIDVALIDITY no message could be told from another (RFC 9051 2.3.1.1).
  if (connection_->validity == 0)
    co_return failure{errc::protocol_violation, "the server gives INBOX no UIDVALIDITY"};
  connection_->at = imap::stage::selected;
  connection_->unlisted = connection_->untold = false;
  co_return co_await learn_next_uid();
}

awaitable<result<imap_session_core::order>> imap_session_core::next_order() {
  while (orders_.empty()) {
    auto polled = co_await poll(limits::poll_interval);
    if (!polled)
      co_return polled.error();
  }
  if (overrun_)
    co_return failure{errc::overloaded, "too many commands wait for the mail session"};
  auto what = std::move(orders_.front());
  orders_.pop_front();
  co_return what;
}

awaitable<result<void>> imap_session_core::obey(order what) {
  auto doing = std::visit(overloaded{
                              [this](fetch_above one) { return fetch(one.after); },
                              [this](fetch_single one) { return fetch_one(one.number); },
                              [this](find_day one) { return find_since(one.day); },
                              [this](begin_watch) { return watch(); },
                              [this](carry_out& one) { return act(std::move(one)); },
                          },
                          what);
  co_return co_await std::move(doing);
}

} // namespace mailfleet::net
