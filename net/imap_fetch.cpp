#include "net/imap_session_core.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace mailfleet::net {

namespace limits = imap_limits;
using boost::asio::awaitable;

// -- the commands -------------------------------------------------------------

awaitable<result<void>> imap_session_core::fetch(std::uint32_t after) {
  bool goes_on = std::exchange(stopped_early_, false) && after == covered_;
  // Mail that was announced and is gone again leaves nothing to list.
  if (connection_->exists == 0)
    connection_->unlisted = connection_->untold = false;
  if (!goes_on) {
    plan_ = {};
    covered_ = after;
    last_window_ = after == std::numeric_limits<std::uint32_t>::max() || connection_->exists == 0
                   || (connection_->next_uid != 0 && after + 1 >= connection_->next_uid
                       && !connection_->unlisted);
    next_window_ = after + 1;
    window_width_ = limits::listed_uids;
  }
  connection_->buffer_bytes = limits::fetch_buffer_bytes;
  for (;;) {
    auto refused = co_await fetch_planned(plan_);
    if (!refused) {
      broke_at_ = plan_.next_uid();
      co_return refused.error();
    }
    if (*refused) {
      covered_ = **refused;
      stopped_early_ = !plan_.finished() || !last_window_;
      flush();
      report(fetch_finished{covered_, {covered_}});
      co_return result<void>{};
    }
    covered_ = std::max(covered_, plan_.last_uid());
    if (last_window_)
      break;
    auto listed = co_await list_window();
    if (!listed)
      co_return listed;
  }
  // No message below UIDNEXT can still come (RFC 9051 2.3.1.1).
  covered_ = std::max(covered_, std::max(connection_->next_uid, 1u) - 1);
  plan_ = {};
  flush();
  report(fetch_finished{covered_, {}});
  co_return result<void>{};
}

awaitable<result<void>> imap_session_core::fetch_one(std::uint32_t number) {
  connection_->buffer_bytes = limits::fetch_buffer_bytes;
  auto plan = fetch_plan::of_one(number);
  auto refused = co_await fetch_planned(plan);
  if (!refused) {
    broke_at_ = plan.next_uid();
    co_return refused.error();
  }
  flush();
  fetch_finished finished;
  finished.through = number;
  if (*refused)
    finished.refused.push_back(number);
  report(std::move(finished));
  co_return result<void>{};
}

// -- the pipeline -------------------------------------------------------------

awaitable<result<imap_session_core::refused_uid>>
imap_session_core::fetch_planned(fetch_plan& plan) {
  step_clock span{limits::data_deadline};
  auto span_began = connection_->bytes_read;
  asked_.clear();
  while (!plan.finished() || !plan.idle()) {
    auto sent = co_await send_asks(plan);
    if (!sent)
      co_return sent.error();
    auto what = connection_->next();
    result<void> went;
    if (std::holds_alternative<imap::need_input>(what))
      went = co_await read_mail(span, span_began);
    else if (auto fault = connection_->fault_in(what))
      went = *fault;
    else if (const auto* piece = std::get_if<imap::body_piece>(&what); piece && keeping_)
      went = co_await take_bytes(piece->bytes);
    else if (const auto* begun = std::get_if<imap::body_begin>(&what))
      begin_body(plan, *begun);
    else if (const auto* fetched = std::get_if<imap::message_fetched>(&what))
      went = end_message(plan, fetched->message);
    else if (const auto* done = std::get_if<imap::command_done>(&what))
      went = end_command(plan, *done);
    else if (std::holds_alternative<imap::continuation>(what))
      went = failure{errc::protocol_violation, "the server waits for more of FETCH"};
    if (!went)
      co_return went.error();
    if (auto doubted = plan.take_doubted()) {
      auto there = co_await still_there(*doubted);
      if (!there)
        co_return there.error();
      sizes_vary_ = sizes_vary_ || *there;
      plan.settle_doubt(*there);
    }
    if (auto number = plan.take_refused())
      co_return number;
  }
  co_return std::nullopt;
}

awaitable<result<void>> imap_session_core::send_asks(fetch_plan& plan) {
  while (auto ask = plan.next_ask()) {
    auto text = imap::fetch_command(ask->messages);
    auto command = co_await connection_->send(text);
    if (!command)
      co_return command.error();
    asked_.emplace_back(*command, ask->number);
  }
  co_return result<void>{};
}

awaitable<result<void>> imap_session_core::read_mail(step_clock& span, std::uint64_t& span_began) {
  if (collector_.batch_full())
    flush();
  auto deadline = collector_.batch_empty() ? span.left() : limits::batch_linger;
  auto read = co_await connection_->fill(deadline);
  if (!read && read.error().code == errc::timed_out && !collector_.batch_empty()) {
    // The pipe runs dry: what there is must not wait for more.
    flush();
    co_return result<void>{};
  }
  if (!read && read.error().code != errc::timed_out)
    co_return read.error();
  if (read && !span.over())
    co_return result<void>{};
  if (!read || connection_->bytes_read - span_began < limits::least_bytes_per_span)
    co_return failure{errc::timed_out, "the server sent no mail, or too little, in time"};
  span = step_clock{limits::data_deadline};
  span_began = connection_->bytes_read;
  co_return result<void>{};
}

void imap_session_core::begin_body(fetch_plan& plan, const imap::body_begin& begun) {
  auto verdict = plan.body_begins(begun.uid, begun.bytes);
  keeping_ = verdict != fetch_plan::verdict::drop;
  if (!keeping_)
    return;
  keeping_uid_ = verdict == fetch_plan::verdict::take ? plan.settle(begun.uid).value_or(0) : 0;
  collector_.begin(keeping_uid_, begun.bytes);
}

awaitable<result<void>> imap_session_core::take_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    if (auto wanted = collector_.wanted(); wanted > 0) {
      auto held = co_await take_credit(wanted);
      if (!held)
        co_return held.error();
      collector_.open_piece(*std::move(held));
    }
    collector_.add(bytes);
  }
  if (collector_.batch_full())
    flush();
  co_return result<void>{};
}

result<void> imap_session_core::end_message(fetch_plan& plan, const imap::fetched& message) {
  if (!message.has_body)
    plan.answered_without_body(message.uid);
  if (!std::exchange(keeping_, false))
    return {};
  auto uid = plan.settle(message.uid);
  if (uid && !sizes_vary_ && plan.is_another(message.size)) {
    collector_.drop();
    plan.another_came();
    return {};
  }
  if (uid) {
    collector_.finish(*uid, message);
    plan.message_taken();
    return {};
  }
  collector_.drop();
  if (keeping_uid_ != 0)
    return failure{errc::protocol_violation, "the server sent one message under two UIDs"};
  return {};
}

result<void> imap_session_core::end_command(fetch_plan& plan, const imap::command_done& done) {
  auto asked = std::find_if(asked_.begin(), asked_.end(),
                            [&](const auto& one) { return one.first == done.command; });
  if (asked == asked_.end())
    return {};
  auto answered = connection_->conclude(done, "FETCH");
  if (!answered)
    return answered.error();
  plan.command_finished(asked->second, !answered->refused);
  asked_.erase(asked);
  return {};
}

// -- back-pressure ------------------------------------------------------------

awaitable<result<credit>> imap_session_core::take_credit(std::size_t bytes) {
  auto& budget = settings_.budget;
  if (!budget)
    co_return credit{};
  for (;;) {
    if (auto taken = budget->try_take(bytes))
      co_return *std::move(taken);
    // What was gathered must be able to come back, or nobody would wait for it.
    flush();
    budget->when_returned([weak = weak_from_this()] {
      if (auto self = weak.lock())
        boost::asio::post(self->context_, [self] { self->credit_returned_.cancel(); });
    });
    if (auto taken = budget->try_take(bytes))
      co_return *std::move(taken);
    if (closing_)
      co_return failure{errc::shutting_down, "the session is being closed"};
    credit_returned_.expires_at(std::chrono::steady_clock::time_point::max());
    boost::system::error_code cancelled;
    co_await credit_returned_.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    if (closing_)
      co_return failure{errc::shutting_down, "the session is being closed"};
  }
}

void imap_session_core::flush() {
  if (!collector_.batch_empty())
    report(collector_.take_batch());
}

} // namespace mailfleet::net
