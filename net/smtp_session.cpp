#include "net/smtp_session.hpp"

#include "net/smtp_session_core.hpp"
#include "protocols/sasl/echo.hpp"
#include "protocols/smtp/outcome.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace mailfleet::net {

namespace limits = smtp_limits;
using boost::asio::awaitable;

namespace {

/// What an owner holds: it ends the core and outlives no event.
class smtp_session final : public send_session {
public:
  using core = smtp_session_core;

  explicit smtp_session(std::shared_ptr<core> does) : core_{std::move(does)} {}
  ~smtp_session() override {
    core_->close();
  }
  smtp_session(const smtp_session&) = delete;
  smtp_session& operator=(const smtp_session&) = delete;

  void submit(submission what) override {
    core_->give(core::begin_attempt{std::move(what)});
  }
  void give_content(body_handle piece) override {
    core_->give(core::take_content{std::move(piece)});
  }
  void send_dot() override {
    core_->give(core::let_dot_go{});
  }
  void close() override {
    core_->close();
  }

private:
  std::shared_ptr<core> core_;
};

class smtp_session_factory final : public send_session_factory {
public:
  smtp_session_factory(event_loop& loop, connector& connect, std::string client)
    : loop_{loop}, connector_{connect}, client_{std::move(client)} {}

  std::unique_ptr<send_session> open(send_settings settings,
                                     std::function<void(send_event)> report) override {
    return open_smtp_session(loop_.next(), connector_, client_, std::move(settings),
                             std::move(report));
  }

private:
  event_loop& loop_;
  connector& connector_;
  const std::string client_;
};

} // namespace

std::string host_name() {
  boost::system::error_code error;
  auto name = boost::asio::ip::host_name(error);
  return !error && smtp::engine::begin(name, smtp::engine::first::hello) ? name : "[127.0.0.1]";
}

std::unique_ptr<send_session_factory>
make_smtp_session_factory(event_loop& loop, connector& connect, std::string client) {
  return std::make_unique<smtp_session_factory>(loop, connect, std::move(client));
}

std::unique_ptr<send_session> open_smtp_session(boost::asio::io_context& context,
                                                connector& connect, std::string client,
                                                send_settings settings,
                                                std::function<void(send_event)> report) {
  auto core = std::make_shared<smtp_session_core>(context, connect, std::move(client),
                                                  std::move(settings), std::move(report));
  core->start();
  return std::make_unique<smtp_session>(std::move(core));
}

// -- any thread ---------------------------------------------------------------

smtp_session_core::smtp_session_core(boost::asio::io_context& context, connector& connect,
                                     std::string client, send_settings settings,
                                     std::function<void(send_event)> report)
  : context_{context},
    connector_{connect},
    client_{std::move(client)},
    settings_{std::move(settings)},
    report_{std::move(report)} {}

void smtp_session_core::start() {
  boost::asio::co_spawn(
      context_, [self = shared_from_this()] { return self->run(); },
      [self = shared_from_this()](const std::exception_ptr& fault) {
        // The text of an exception may hold anything: it is not repeated.
        if (fault)
          self->end(failure{errc::internal, "the SMTP session failed for a reason of its own"});
      });
}

void smtp_session_core::give(order what) {
  boost::asio::post(context_, [self = shared_from_this(), what = std::move(what)]() mutable {
    if (self->ended_ || self->closing_)
      return;
    if (self->orders_.size() >= limits::max_waiting_commands)
      self->overrun_ = true;
    else
      self->orders_.push_back(std::move(what));
    if (self->stream_)
      self->stream_->wake();
  });
}

void smtp_session_core::close() {
  {
    std::lock_guard guard{report_mutex_};
    if (std::exchange(closed_, true))
      return;
  }
  boost::asio::post(context_, [self = shared_from_this()] {
    self->closing_ = true;
    if (self->stream_)
      self->stream_->wake();
  });
}

void smtp_session_core::report(send_event what) {
  std::lock_guard guard{report_mutex_};
  if (!closed_)
    report_(std::move(what));
}

// -- the whole life -----------------------------------------------------------

awaitable<void> smtp_session_core::run() {
  auto how = co_await converse();
  if (closing_ && !attempting_ && engine_ && engine_->now() == smtp::engine::phase::ready)
    co_await quit();
  end(how);
}

void smtp_session_core::end(const result<void>& how) {
  if (std::exchange(ended_, true))
    return;
  outcome_.phase = phase();
  // What the server said against the mail outweighs how the session ended.
  if (const auto* why = attempting_ && engine_ && !outcome_.answer ? engine_->refusal() : nullptr) {
    outcome_.answer = smtp::server_words_of(*why);
    outcome_.phase = smtp::send_phase_of(engine_->refused_in());
  }
  if (!outcome_.answer && !how)
    outcome_.trouble = how.error();
  stream_.reset();
  orders_.clear();
  report(send_session_closed{std::exchange(outcome_, {})});
}

awaitable<result<void>> smtp_session_core::converse() {
  auto stream = co_await connector_.connect(mail_protocol::smtp, settings_.server);
  if (!stream)
    co_return stream.error();
  stream_ = *std::move(stream);
  if (closing_)
    stream_->wake();
  auto begun = smtp::engine::begin(client_, smtp::engine::first::hello);
  if (!begun)
    co_return begun.error();
  engine_.emplace(*std::move(begun));
  auto opened = co_await log_in();
  auto credential = std::exchange(settings_.credential, {});
  if (!opened) {
    auto reason = opened.error();
    reason.detail = sasl::unrepeated(std::move(reason.detail), credential);
    co_return reason;
  }
  report(send_session_ready{engine_->server().max_bytes});
  for (;;) {
    auto what = co_await next_order(limits::idle_deadline);
    if (!what)
      co_return what.error();
    auto* begin = std::get_if<begin_attempt>(&*what);
    if (begin == nullptr)
      co_return failure{errc::internal, "the SMTP session was given what it did not ask for"};
    auto done = co_await attempt(std::move(begin->what));
    if (!done)
      co_return done;
    if (engine_->now() == smtp::engine::phase::over)
      co_return failure{errc::server_busy, "the server closed the session"};
  }
}

/// Waits for the owner, and watches the connection meanwhile.
awaitable<result<smtp_session_core::order>> smtp_session_core::next_order(milliseconds patience) {
  step_clock step{patience};
  while (orders_.empty()) {
    auto read = co_await fill(step.left());
    if (!read)
      co_return read.error();
    bool awaited = attempting_;
    for (;;) {
      auto what = engine_->next();
      if (std::holds_alternative<smtp::need_input>(what))
        break;
      if (auto fault = fault_in(what))
        co_return *fault;
      take(what);
    }
    if (awaited && !attempting_)
      co_return failure{errc::server_busy, "the server closed the session"};
  }
  if (overrun_)
    co_return failure{errc::internal, "too many commands wait for the SMTP session"};
  auto what = std::move(orders_.front());
  orders_.pop_front();
  co_return what;
}

} // namespace mailfleet::net
