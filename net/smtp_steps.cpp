#include "messages/values/fail_point.hpp"
#include "net/smtp_session_core.hpp"
#include "protocols/sasl/echo.hpp"
#include "protocols/sasl/mechanism.hpp"
#include "protocols/smtp/outcome.hpp"

#include <utility>

/// The steps of an SMTP session: what is asked, and what its answers mean.
namespace mailfleet::net {

namespace limits = smtp_limits;
using boost::asio::awaitable;

namespace {

/// What a server would tell without being asked is another at each; a report of success nobody
/// reads.
constexpr smtp::notify_when wanted_reports{.success = false, .failed = true, .delayed = true};

} // namespace

send_phase smtp_session_core::phase() const {
  if (!engine_)
    return send_phase::connecting;
  auto at = engine_->now();
  if (at == smtp::engine::phase::ready && !logged_in_)
    return send_phase::log_in;
  return smtp::send_phase_of(at == smtp::engine::phase::over ? engine_->ended_in() : at);
}

awaitable<result<void>> smtp_session_core::log_in() {
  auto greeted = co_await advance(limits::login_deadline, [](const smtp::event& what) {
    return std::holds_alternative<smtp::session_ready>(what);
  });
  if (!greeted)
    co_return greeted;
  auto offered = engine_->server().offered();
  auto mechanism = sasl::choose_mechanism(offered, settings_.auth);
  if (!mechanism)
    co_return mechanism.error();
  auto begun = engine_->log_in(*mechanism, {settings_.user, settings_.credential,
                                            settings_.server.host, settings_.server.port});
  if (!begun)
    co_return begun;
  bool refused = false;
  auto answered = co_await advance(limits::login_deadline, [&](const smtp::event& what) {
    if (const auto* no = std::get_if<smtp::log_in_refused>(&what)) {
      refused = true;
      outcome_.answer = smtp::server_words_of(no->reply);
      for (const auto& line : no->reply.lines)
        if (sasl::repeats(line, settings_.credential))
          outcome_.answer->words = sasl::repeated_words;
      outcome_.challenged = no->challenge.has_value();
    }
    return refused || std::holds_alternative<smtp::logged_in>(what);
  });
  if (answered && refused)
    co_return failure{errc::authentication_failed, "the server refused the sign-in"};
  logged_in_ = static_cast<bool>(answered);
  co_return answered;
}

awaitable<result<void>> smtp_session_core::attempt(submission what) {
  outcome_ = {};
  outcome_.phase = send_phase::sender;
  attempting_ = true;
  recipients_ = what.envelope.recipients;
  smtp::submission_options options;
  options.notify = wanted_reports;
  options.envelope_id = std::move(what.envelope_id);
  if (auto begun = engine_->submit(what.envelope, options); !begun) {
    outcome_.trouble = begun.error();
    finish_attempt();
    co_return result<void>{};
  }
  auto admitted = co_await advance(limits::envelope_deadline,
                                   [this](const smtp::event& said) { return take(said); });
  if (!admitted || !attempting_)
    co_return admitted;
  auto sent = co_await send_content(what);
  if (!sent)
    co_return sent;
  co_return co_await let_go();
}

awaitable<result<body_handle>> smtp_session_core::next_piece(const submission& what,
                                                             std::uint32_t part) {
  if (part < what.content.size())
    co_return what.content[part];
  report(content_wanted{part});
  auto given = co_await next_order(limits::owner_deadline);
  if (!given)
    co_return given.error();
  auto* content = std::get_if<take_content>(&*given);
  if (content == nullptr)
    co_return failure{errc::internal, "the SMTP session was given what it did not ask for"};
  if (!content->piece)
    co_return failure{errc::storage_corrupt, "piece " + std::to_string(part)
                                                 + " of the mail's content is missing, or cannot "
                                                   "be opened"};
  co_return std::move(content->piece);
}

awaitable<result<void>> smtp_session_core::send_content(const submission& what) {
  tail_.clear();
  std::string bytes;
  for (std::uint32_t part = 0; part < what.chunks; ++part) {
    auto piece = co_await next_piece(what, part);
    if (!piece)
      co_return piece.error();
    bytes.clear();
    bytes.reserve((*piece)->bytes.size());
    auto appended = engine_->append((*piece)->bytes, bytes);
    if (!appended)
      co_return appended;
    // What is small goes with its dot, in one packet for one: until then the server has nothing
    // of it.
    if (part + 1 == what.chunks && bytes.size() <= limits::max_tail_bytes) {
      tail_ = std::move(bytes);
      break;
    }
    auto written = co_await stream_->write_all(bytes, limits::piece_deadline);
    if (!written)
      co_return written;
  }
  co_return engine_->end_body();
}

awaitable<result<void>> smtp_session_core::let_go() {
  report(dot_wanted{outcome_.recipients});
  auto given = co_await next_order(limits::owner_deadline);
  if (!given)
    co_return given.error();
  if (!std::holds_alternative<let_dot_go>(*given))
    co_return failure{errc::internal, "the SMTP session was given what it did not ask for"};
  auto let = engine_->send_dot(std::exchange(tail_, {}));
  if (!let)
    co_return let;
  co_return co_await advance(limits::dot_deadline,
                             [this](const smtp::event& said) { return take(said); });
}

awaitable<void> smtp_session_core::quit() {
  closing_ = false;
  if (!engine_->quit())
    co_return;
  [[maybe_unused]] auto said = co_await advance(limits::quit_deadline, [](const smtp::event& what) {
    return std::holds_alternative<smtp::session_over>(what);
  });
}

awaitable<result<void>> smtp_session_core::advance(milliseconds deadline, event_handler handler) {
  step_clock step{deadline};
  for (;;) {
    auto what = engine_->next();
    if (std::holds_alternative<smtp::need_input>(what)) {
      auto read = co_await fill(step.left());
      if (!read)
        co_return read;
      continue;
    }
    if (const auto* output = std::get_if<smtp::to_send>(&what)) {
      auto sent = co_await stream_->write_all(output->bytes, step.left());
      if (!sent)
        co_return sent;
      if (phase() == send_phase::dot)
        MAILFLEET_FAIL_POINT("dot_written");
      continue;
    }
    if (auto fault = fault_in(what))
      co_return *fault;
    if (handler(what))
      co_return result<void>{};
    // Each of a hundred answers may take its time.
    step = step_clock{deadline};
  }
}

awaitable<result<void>> smtp_session_core::fill(milliseconds deadline) {
  if (closing_)
    co_return failure{errc::shutting_down, "the session is being closed"};
  auto read = co_await stream_->read_some(buffer_, deadline);
  if (closing_)
    co_return failure{errc::shutting_down, "the session is being closed"};
  if (!read)
    co_return read.error();
  if (read->woken)
    co_return result<void>{};
  if (read->bytes == 0)
    co_return failure{errc::connection_lost, "the server closed the connection without a word"};
  engine_->feed({buffer_.data(), read->bytes});
  co_return result<void>{};
}

std::optional<failure> smtp_session_core::fault_in(const smtp::event& what) {
  if (const auto* broken = std::get_if<smtp::broken>(&what))
    return failure{errc::protocol_violation, std::string{broken->why}};
  if (const auto* closes = std::get_if<smtp::server_closes>(&what)) {
    outcome_.answer = smtp::server_words_of(closes->reply);
    return failure{errc::server_busy, "the server closes the session"};
  }
  return std::nullopt;
}

/// True: the content is wanted, or the attempt is over.
bool smtp_session_core::take(const smtp::event& what) {
  if (const auto* one = std::get_if<smtp::recipient_answered>(&what)) {
    outcome_.recipients.push_back({recipients_.at(one->index), smtp::server_words_of(one->reply)});
    return false;
  }
  if (const auto* taken = std::get_if<smtp::message_taken>(&what)) {
    outcome_.phase = send_phase::dot;
    outcome_.answer = smtp::server_words_of(taken->reply);
    finish_attempt();
  } else if (const auto* refused = std::get_if<smtp::submission_refused>(&what)) {
    outcome_.phase = smtp::send_phase_of(engine_->ended_in());
    outcome_.answer = smtp::server_words_of(refused->reply);
    finish_attempt();
  }
  return !attempting_ || std::holds_alternative<smtp::ready_for_body>(what);
}

void smtp_session_core::finish_attempt() {
  attempting_ = false;
  report(attempt_ended{std::exchange(outcome_, {})});
}

} // namespace mailfleet::net
