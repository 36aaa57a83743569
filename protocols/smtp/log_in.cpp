#include "protocols/smtp/log_in.hpp"

#include "protocols/sasl/echo.hpp"
#include "protocols/sasl/mechanism.hpp"
#include "protocols/smtp/capabilities.hpp"

#include <utility>

namespace mailfleet::smtp {

namespace {

using sasl::log_in_step;

// An address literal needs no name that resolves (RFC 5321 4.1.3).
constexpr std::string_view hello = "EHLO [127.0.0.1]";

sasl::send_line line_of(std::string_view begin, std::string_view rest) {
  std::string line;
  // At once: a string that grows leaves copies of the credential behind.
  line.reserve(begin.size() + rest.size() + 2);
  line.append(begin).append(rest).append("\r\n");
  return {secret{std::move(line)}};
}

} // namespace

std::vector<std::string> auth_mechanisms(const smtp_reply& answer_to_ehlo) {
  std::vector<std::string> names;
  for (const auto& line : answer_to_ehlo.lines)
    add_mechanisms(names, line);
  return names;
}

log_in_engine::log_in_engine(sasl::identity who, mailbox_auth auth)
  : who_{std::move(who)}, auth_{auth} {}

log_in_step log_in_engine::next() {
  if (at_ == stage::silent) {
    at_ = stage::listing;
    return line_of(hello, "");
  }
  auto reply = replies_.next();
  if (!reply)
    return ended(reply.error());
  if (!*reply)
    return sasl::await_reply{};
  keep(**reply);
  return on_reply(**reply);
}

void log_in_engine::keep(const smtp_reply& reply) {
  last_ = to_string(reply, sasl::max_last_reply_bytes);
  for (const auto& line : reply.lines)
    if (sasl::repeats(line, who_.credential))
      last_ = std::to_string(reply.code).append(" ").append(sasl::repeated_words);
}

log_in_step log_in_engine::on_reply(const smtp_reply& reply) {
  // 421 may come at any time: the server closes (RFC 5321 3.8).
  if (reply.code == 421)
    return ended(failure{errc::server_busy, "the server ended the session: " + last_});
  if (at_ == stage::proving)
    return on_auth_reply(reply);
  if (!reply.is_positive())
    return ended(failure{errc::server_refused, "the server refused EHLO: " + last_});
  return begin_auth(reply);
}

log_in_step log_in_engine::begin_auth(const smtp_reply& listed) {
  auto names = auth_mechanisms(listed);
  std::vector<std::string_view> offered(names.begin(), names.end());
  auto mechanism = sasl::choose_mechanism(offered, auth_);
  if (!mechanism)
    return ended(mechanism.error());
  talk_.emplace(*mechanism, who_);
  if (auto checked = talk_->check(); !checked)
    return ended(checked.error());
  at_ = stage::proving;
  auto command = "AUTH " + std::string{sasl::to_string(*mechanism)};
  auto initial = talk_->initial_size();
  if (initial == 0 || command.size() + 1 + initial + 2 > max_command_line_bytes)
    return line_of(command, "");
  return line_of(command + ' ', talk_->initial_response()->reveal());
}

log_in_step log_in_engine::on_auth_reply(const smtp_reply& reply) {
  if (reply.code == 334) {
    auto answer = talk_->answer(reply.lines.back());
    if (!answer)
      return ended(answer.error());
    return line_of("", answer->reveal());
  }
  if (reply.is_positive())
    return ended(std::nullopt);
  auto code = reply.code / 100 == 4 ? errc::server_busy : errc::authentication_failed;
  return ended(failure{code, "the server refused the sign-in: " + last_});
}

sasl::log_in_ended log_in_engine::ended(std::optional<failure> trouble) const {
  return {std::move(trouble), last_, talk_ && talk_->refusal().has_value()};
}

} // namespace mailfleet::smtp
