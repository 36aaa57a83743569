#include "net/imap_session_core.hpp"

#include <utility>

namespace mailfleet::net {

namespace limits = imap_limits;
using boost::asio::awaitable;

awaitable<result<void>> imap_session_core::watch() {
  connection_->buffer_bytes = limits::idle_buffer_bytes;
  watching_ = false;
  connection_->untold = connection_->unlisted;
  while (orders_.empty()) {
    if (connection_->able.has("IDLE") && !idle_refused_) {
      auto idled = co_await idle();
      if (!idled)
        co_return idled;
      continue;
    }
    report_watching();
    auto polled = co_await poll(limits::poll_interval);
    if (!polled)
      co_return polled;
    report_news();
  }
  co_return result<void>{};
}

awaitable<result<void>> imap_session_core::idle() {
  auto command = co_await connection_->send("IDLE");
  if (!command)
    co_return command.error();
  auto begun = co_await begin_idle(*command);
  if (!begun)
    co_return begun.error();
  if (!*begun) {
    idle_refused_ = true;
    co_return result<void>{};
  }
  connection_->idling = true;
  if (orders_.empty())
    report_watching();
  auto held = co_await hold_idle();
  if (!held)
    co_return held;
  auto done = co_await connection_->send_line(secret{"DONE"});
  if (!done)
    co_return done;
  connection_->idling = false;
  imap_connection::event_handler nobody;
  auto ended =
      co_await connection_->finish(*command, "IDLE", limits::command_deadline, std::move(nobody));
  if (!ended)
    co_return ended.error();
  co_return result<void>{};
}

awaitable<result<bool>> imap_session_core::begin_idle(std::uint32_t command) {
  // DONE before the continuation would be a command of its own: a wake must wait.
  step_clock step{limits::command_deadline};
  for (;;) {
    auto what = connection_->next();
    if (std::holds_alternative<imap::need_input>(what)) {
      auto read = co_await connection_->fill(step.left());
      if (!read)
        co_return read.error();
      if (step.over())
        co_return failure{errc::timed_out, "the server did not take IDLE in time"};
      continue;
    }
    if (auto fault = connection_->fault_in(what))
      co_return *fault;
    if (std::holds_alternative<imap::continuation>(what))
      co_return true;
    const auto* done = std::get_if<imap::command_done>(&what);
    if (done == nullptr || done->command != command)
      continue;
    auto answered = connection_->conclude(*done, "IDLE");
    if (!answered)
      co_return answered.error();
    co_return false;
  }
}

awaitable<result<void>> imap_session_core::hold_idle() {
  step_clock step{limits::idle_renewal};
  while (orders_.empty()) {
    auto what = connection_->next();
    if (std::holds_alternative<imap::need_input>(what)) {
      report_news();
      if (step.over())
        break;
      auto read = co_await connection_->fill(step.left());
      if (!read && read.error().code == errc::timed_out)
        break;
      if (!read)
        co_return read.error();
      continue;
    }
    if (auto fault = connection_->fault_in(what))
      co_return *fault;
    // It would be taken for the answer to our DONE.
    if (std::holds_alternative<imap::command_done>(what))
      co_return failure{errc::protocol_violation, "the server ended IDLE by itself"};
  }
  co_return result<void>{};
}

awaitable<result<void>> imap_session_core::poll(std::chrono::milliseconds wait) {
  step_clock step{wait};
  while (orders_.empty()) {
    auto what = connection_->next();
    if (!std::holds_alternative<imap::need_input>(what)) {
      if (auto fault = connection_->fault_in(what))
        co_return *fault;
      continue;
    }
    auto read = co_await connection_->fill(step.left());
    if (!read && read.error().code != errc::timed_out)
      co_return read.error();
    if (read && !step.over())
      continue;
    auto asked = co_await connection_->run("NOOP", "NOOP");
    if (!asked)
      co_return asked.error();
    break;
  }
  co_return result<void>{};
}

void imap_session_core::report_watching() {
  if (std::exchange(watching_, true))
    return;
  report(now_watching{});
}

void imap_session_core::report_news() {
  if (orders_.empty() && std::exchange(connection_->untold, false))
    report(news_arrived{});
}

} // namespace mailfleet::net
