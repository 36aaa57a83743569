#include "protocols/pop3/log_in.hpp"

#include "protocols/sasl/echo.hpp"
#include "protocols/sasl/mechanism.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::pop3 {

namespace {

using sasl::log_in_step;

std::string_view take_word(std::string_view& line) {
  auto word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

bool same_word(std::string_view a, std::string_view b) {
  auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  return std::ranges::equal(a, b, {}, upper, upper);
}

} // namespace

log_in_engine::log_in_engine(sasl::identity who, mailbox_auth auth)
  : who_{std::move(who)}, auth_{auth} {}

log_in_step log_in_engine::next() {
  if (at_ == stage::silent)
    return say(stage::asking, "CAPA", "");
  for (;;) {
    auto line = lines_.next();
    if (!line)
      return ended(line.error());
    if (!*line)
      return sasl::await_reply{};
    if (auto step = on_line(**line))
      return *std::move(step);
  }
}

std::optional<log_in_step> log_in_engine::on_line(std::string_view line) {
  if (at_ == stage::listing)
    return on_capability(line);
  auto reply = read_reply(line);
  if (!reply)
    return ended(reply.error());
  keep(line);
  if (at_ == stage::asking && reply->status == reply_status::ok) {
    at_ = stage::listing;
    listed_ = true;
    return std::nullopt;
  }
  return on_reply(*reply);
}

/// `SASL PLAIN XOAUTH2`, `USER` (RFC 2449 6, RFC 5034 3).
std::optional<log_in_step> log_in_engine::on_capability(std::string_view line) {
  if (line == ".")
    return begin_auth();
  if (++capabilities_ > max_capabilities)
    return ended(failure{errc::protocol_violation, "the server's list of capabilities has no end"});
  auto name = take_word(line);
  has_user_ = has_user_ || same_word(name, "USER");
  if (same_word(name, "SASL"))
    while (!line.empty())
      if (auto word = take_word(line); !word.empty())
        mechanisms_.emplace_back(word);
  return std::nullopt;
}

log_in_step log_in_engine::on_reply(const pop3_reply& reply) {
  if (reply.status == reply_status::go_on) {
    if (at_ == stage::proving)
      return on_challenge(reply.text);
    return ended(failure{errc::protocol_violation, "the server sent a challenge unasked"});
  }
  bool is_ok = reply.status == reply_status::ok;
  // An older server has no CAPA, and may yet know what we need.
  if (at_ == stage::asking)
    return begin_auth();
  if (!is_ok)
    return ended(refusal(reply));
  if (at_ == stage::naming)
    return say(stage::telling, "PASS ", who_.credential.reveal());
  if (at_ == stage::opening)
    return ended(std::nullopt);
  return say(stage::opening, "STAT", "");
}

log_in_step log_in_engine::on_challenge(std::string_view text) {
  auto answer = talk_->answer(text);
  if (!answer)
    return ended(answer.error());
  return say(stage::proving, "", answer->reveal());
}

log_in_step log_in_engine::begin_auth() {
  if (!listed_ && auth_ == mailbox_auth::oauth2)
    mechanisms_.emplace_back(sasl::to_string(sasl::mechanism::xoauth2));
  std::vector<std::string_view> offered(mechanisms_.begin(), mechanisms_.end());
  auto mechanism = sasl::choose_mechanism(offered, auth_);
  bool by_user = auth_ == mailbox_auth::password && (has_user_ || !listed_);
  if (!mechanism && !by_user)
    return ended(mechanism.error());
  talk_.emplace(mechanism ? *mechanism : sasl::mechanism::plain, who_);
  if (auto checked = talk_->check(); !checked)
    return ended(checked.error());
  if (!mechanism)
    return say(stage::naming, "USER ", who_.user);
  return say(stage::proving, "AUTH ", sasl::to_string(*mechanism));
}

log_in_step log_in_engine::say(stage next, std::string_view command, std::string_view rest) {
  at_ = next;
  std::string line;
  // At once: a string that grows leaves copies of the credential behind.
  line.reserve(command.size() + rest.size() + 2);
  line.append(command).append(rest).append("\r\n");
  return sasl::send_line{secret{std::move(line)}};
}

/// The line is a reply: its first word is a status and nothing else.
void log_in_engine::keep(std::string_view line) {
  last_ = printable(line, sasl::max_last_reply_bytes);
  if (sasl::repeats(line, who_.credential))
    last_ = std::string{take_word(line)}.append(" ").append(sasl::repeated_words);
}

failure log_in_engine::refusal(const pop3_reply& reply) const {
  bool is_passing =
      reply.code == "SYS/TEMP" || reply.code == "IN-USE" || reply.code == "LOGIN-DELAY";
  if (at_ == stage::opening)
    return {is_passing ? errc::server_busy : errc::server_refused,
            "the server refused STAT: " + last_};
  return {is_passing ? errc::server_busy : errc::authentication_failed,
          "the server refused the sign-in: " + last_};
}

sasl::log_in_ended log_in_engine::ended(std::optional<failure> trouble) const {
  return {std::move(trouble), last_, talk_ && talk_->refusal().has_value()};
}

} // namespace mailfleet::pop3
