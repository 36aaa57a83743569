#include "protocols/smtp/engine.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::smtp {

namespace {

constexpr int closing_code = 421;

bool is_success(int code) {
  return code / 100 == 2;
}

bool is_refusal(int code) {
  return code / 100 == 4 || code / 100 == 5;
}

} // namespace

// -- events -----------------------------------------------------------------

void engine::feed(std::string_view bytes) noexcept {
  input_ = bytes;
}

event engine::next() {
  for (;;)
    if (auto found = step())
      return *found;
}

std::optional<event> engine::step() {
  if (!why_broken_.empty())
    return broken{why_broken_};
  if (std::exchange(has_output_, false))
    return to_send{output_.reveal()};
  output_ = secret{};
  if (std::exchange(none_taken_, false)) {
    note_refusal();
    return refuse_as_noted();
  }
  if (phase_ == phase::over) {
    input_ = {};
    return need_input{};
  }
  auto reply = read_reply();
  if (!reply)
    return fail(reply.error().detail);
  if (!*reply)
    return need_input{};
  reply_ = **std::move(reply);
  return take_reply();
}

result<std::optional<smtp_reply>> engine::read_reply() {
  // Line by line, so that what stands behind a reply is known to be unread.
  while (!input_.empty()) {
    auto line = input_.substr(0, input_.find('\n'));
    line = input_.substr(0, std::min(input_.size(), line.size() + 1));
    input_.remove_prefix(line.size());
    if (line.find('\0') != line.npos)
      return failure{errc::protocol_violation, "a line of the server holds a NUL"};
    reader_.feed(line);
    auto reply = reader_.next();
    amid_reply_ = reply && !*reply;
    if (!amid_reply_)
      return reply;
  }
  return std::optional<smtp_reply>{};
}

std::optional<event> engine::take_reply() {
  if (reply_.code == closing_code)
    return take_closing();
  switch (phase_) {
  case phase::greeting: return take_greeting();
  case phase::hello: return take_hello();
  case phase::log_in: return take_log_in();
  case phase::reset: return take_reset();
  case phase::sender: return refusal_ ? take_recipient() : take_sender();
  case phase::recipients: return take_recipient();
  case phase::data: return take_data();
  case phase::dot: return take_dot();
  case phase::quit: end(); return session_over{};
  case phase::body:
  case phase::before_dot: return fail("the server answers before the final dot");
  case phase::ready:
  case phase::over: break;
  }
  return fail("the server answers what was not asked");
}

std::optional<event> engine::take_closing() {
  auto was = phase_;
  end();
  // It was refused before, and that is why.
  if (const auto* why = refusal()) {
    ended_in_ = refused_in();
    return submission_refused{*why};
  }
  if (exchange_)
    challenge_ = exchange_->refusal();
  switch (was) {
  case phase::log_in: return log_in_refused{reply_, challenge_};
  case phase::reset:
  case phase::sender:
  case phase::recipients:
  case phase::data:
  case phase::body:
  case phase::before_dot:
  case phase::dot: in_doubt_ = false; return submission_refused{reply_};
  default: return server_closes{reply_};
  }
}

std::optional<event> engine::take_greeting() {
  if (is_refusal(reply_.code)) {
    end();
    return server_closes{reply_};
  }
  if (reply_.code != 220)
    return fail("the server does not greet with 220");
  phase_ = phase::hello;
  return send(hello_);
}

std::optional<event> engine::take_hello() {
  if (is_refusal(reply_.code)) {
    end();
    return server_closes{reply_};
  }
  if (reply_.code != 250)
    return fail("the server does not answer EHLO with 250");
  server_ = read_capabilities(reply_);
  phase_ = phase::ready;
  return session_ready{};
}

std::optional<event> engine::take_log_in() {
  if (reply_.code == 334) {
    auto answer = exchange_->answer(reply_.lines.front());
    challenge_ = exchange_->refusal();
    if (!answer)
      return fail("the server's sign-in challenge has no end");
    auto line = auth_answer(*answer);
    return line ? send(*std::move(line)) : fail("the answer to a challenge is no base64");
  }
  if (reply_.code != 235 && !is_refusal(reply_.code))
    return fail("the server answers AUTH with another code than 235 and 334");
  challenge_ = exchange_->refusal();
  exchange_.reset();
  phase_ = phase::ready;
  if (reply_.code == 235)
    return logged_in{reply_};
  ended_in_ = phase::log_in;
  return log_in_refused{reply_, challenge_};
}

std::optional<event> engine::take_reset() {
  if (is_refusal(reply_.code))
    return refuse();
  if (!is_success(reply_.code))
    return fail("the server does not answer RSET with 250");
  return send_sender();
}

std::optional<event> engine::take_sender() {
  if (is_success(reply_.code)) {
    phase_ = phase::recipients;
    return recipients_sent_ > 0 ? std::nullopt : send(next_recipients());
  }
  if (!is_refusal(reply_.code))
    return fail("the server answers MAIL with another code than 250");
  if (recipients_sent_ == 0)
    return refuse();
  note_refusal();
  return std::nullopt;
}

std::optional<event> engine::take_recipient() {
  auto index = recipients_answered_++;
  bool group_done = recipients_answered_ == recipients_sent_;
  if (refusal_) {
    recipients_taken_ += is_success(reply_.code) ? 1U : 0U;
    return group_done ? refuse_as_noted() : std::nullopt;
  }
  bool taken = is_success(reply_.code);
  if (!taken && !is_refusal(reply_.code))
    return fail("the server answers RCPT with another code than 250");
  recipients_taken_ += taken ? 1 : 0;
  if (group_done && recipients_sent_ < recipient_lines_.size()) {
    if (send(next_recipients()))
      return broken{why_broken_};
  } else if (group_done && recipients_taken_ == 0) {
    none_taken_ = true;
  } else if (group_done) {
    phase_ = phase::data;
    if (!data_sent_ && send(std::string{data_command}))
      return broken{why_broken_};
  }
  return recipient_answered{index, taken, reply_};
}

std::optional<event> engine::take_data() {
  if (refusal_)
    return take_data_for_nobody();
  if (is_refusal(reply_.code))
    return refuse();
  if (reply_.code != 354)
    return fail("the server answers DATA with another code than 354");
  phase_ = phase::body;
  return ready_for_body{recipients_taken_};
}

/// A server that waits for content all the same is given none: it refuses the lone dot
/// (RFC 2920 3.1).
std::optional<event> engine::take_data_for_nobody() {
  // One that took the recipient, though not the sender, might send nothing to somebody.
  if (reply_.code == 354)
    return recipients_taken_ > 0 ? fail("the server wants the content of what it refused")
                                 : send(std::string{dot_stuffer::final_dot});
  if (!is_success(reply_.code) && !is_refusal(reply_.code))
    return fail("the server answers DATA with another code than 354");
  return refuse_as_noted();
}

std::optional<event> engine::take_dot() {
  if (is_refusal(reply_.code)) {
    in_doubt_ = false;
    return refuse();
  }
  if (!is_success(reply_.code))
    return fail("the server answers the final dot with another code than 250");
  in_doubt_ = false;
  phase_ = phase::ready;
  return message_taken{reply_};
}

// -- parts ------------------------------------------------------------------

std::optional<event> engine::send(std::string bytes) {
  return send(secret{std::move(bytes)});
}

std::optional<event> engine::send(secret bytes) {
  // What was said before a command cannot be its answer.
  if (!input_.empty() || amid_reply_)
    return fail("the server answers what was not asked");
  output_ = std::move(bytes);
  has_output_ = true;
  return std::nullopt;
}

event engine::refuse() {
  ended_in_ = phase_;
  phase_ = phase::ready;
  needs_reset_ = true;
  return submission_refused{reply_};
}

void engine::note_refusal() {
  refusal_ = std::move(reply_);
  refused_in_ = phase_;
}

std::optional<event> engine::refuse_as_noted() {
  if (std::exchange(data_sent_, false)) {
    phase_ = phase::data;
    return std::nullopt;
  }
  reply_ = *std::exchange(refusal_, std::nullopt);
  phase_ = refused_in_;
  return refuse();
}

event engine::fail(std::string_view why) {
  end();
  why_broken_ = why;
  return broken{why_broken_};
}

void engine::end() {
  if (phase_ != phase::over)
    ended_in_ = phase_;
  phase_ = phase::over;
}

} // namespace mailfleet::smtp
