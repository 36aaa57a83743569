#include "net/imap_session_core.hpp"
#include "protocols/imap/commands.hpp"

#include <string>
#include <utility>

namespace mailfleet::net {

namespace limits = imap_limits;
using boost::asio::awaitable;

awaitable<result<void>> imap_session_core::log_in() {
  auto asked = co_await demand("CAPABILITY");
  if (!asked)
    co_return asked;
  auto authenticated = co_await authenticate();
  if (!authenticated)
    co_return authenticated;
  connection_->at = imap::stage::selecting;
  // What a server can do changes with the log-in; Dovecot says it unasked.
  if (connection_->able.empty()) {
    auto again = co_await demand("CAPABILITY");
    if (!again)
      co_return again;
  }
  co_return co_await select_inbox();
}

awaitable<result<void>> imap_session_core::demand(std::string text) {
  auto command = co_await connection_->send(text);
  if (!command)
    co_return command.error();
  imap_connection::event_handler nobody;
  auto answered =
      co_await connection_->finish(*command, text, limits::login_deadline, std::move(nobody));
  if (!answered)
    co_return answered.error();
  if (answered->refused)
    co_return answered->refused->reason;
  co_return result<void>{};
}

awaitable<result<void>> imap_session_core::authenticate() {
  auto mechanism = sasl::choose_mechanism(connection_->able.mechanisms(), settings_.auth);
  if (!mechanism) {
    // Every server has LOGIN that does not say otherwise (RFC 9051 6.2.3).
    if (settings_.auth == mailbox_auth::password && !connection_->able.has("LOGINDISABLED"))
      co_return co_await log_in_plainly();
    co_return mechanism.error();
  }
  sasl::identity who{settings_.user, settings_.credential, settings_.server.host,
                     settings_.server.port};
  auto longest = (who.user.size() + who.host.size() + who.credential.reveal().size()) * 4 / 3;
  sasl::exchange talk{*mechanism, std::move(who)};
  if (auto checked = talk.check(); !checked)
    co_return checked;
  std::optional<secret> initial;
  if (connection_->able.has("SASL-IR") && longest + 256 <= limits::max_authenticate_line)
    initial = talk.initial_response();
  connection_->able = {};
  auto command = co_await connection_->send_authenticate(to_string(*mechanism), std::move(initial));
  if (!command)
    co_return command.error();
  co_return co_await converse_sasl(talk, *command);
}

awaitable<result<void>> imap_session_core::log_in_plainly() {
  auto line = imap::login_command(settings_.user, settings_.credential);
  if (!line)
    co_return line.error();
  connection_->able = {};
  auto command = co_await connection_->send_secret(*line);
  if (!command)
    co_return command.error();
  imap_connection::event_handler nobody;
  auto answered =
      co_await connection_->finish(*command, "LOGIN", limits::login_deadline, std::move(nobody));
  if (!answered)
    co_return answered.error();
  if (answered->refused)
    co_return answered->refused->reason;
  co_return result<void>{};
}

awaitable<result<void>> imap_session_core::converse_sasl(sasl::exchange& talk,
                                                         std::uint32_t command) {
  step_clock step{limits::login_deadline};
  for (;;) {
    auto what = connection_->next();
    if (std::holds_alternative<imap::need_input>(what)) {
      auto read = co_await connection_->fill(step.left());
      if (read ? step.over() : read.error().code == errc::timed_out)
        co_return failure{errc::timed_out, "the server did not finish AUTHENTICATE in time"};
      if (!read)
        co_return read.error();
      continue;
    }
    if (auto fault = connection_->fault_in(what))
      co_return *fault;
    if (const auto* challenge = std::get_if<imap::continuation>(&what)) {
      auto answer = talk.answer(challenge->text);
      if (!answer)
        co_return answer.error();
      auto sent = co_await connection_->send_line(*std::move(answer));
      if (!sent)
        co_return sent;
    }
    const auto* done = std::get_if<imap::command_done>(&what);
    if (done == nullptr || done->command != command)
      continue;
    auto answered = connection_->conclude(*done, "the sign-in");
    if (answered && !answered->refused)
      co_return result<void>{};
    failure reason;
    if (answered)
      reason = answered->refused->reason;
    else
      reason = answered.error();
    if (talk.refusal() && !talk.refusal()->status.empty())
      reason.detail += " (status " + talk.refusal()->status + ")";
    co_return reason;
  }
}

awaitable<result<void>> imap_session_core::select_inbox() {
  auto selected = co_await demand("SELECT INBOX");
  if (!selected)
    co_return selected;
  // Without UIDVALIDITY no message could be told from another (RFC 9051 2.3.1.1).
  if (connection_->validity == 0)
    co_return failure{errc::protocol_violation, "the server gives INBOX no UIDVALIDITY"};
  connection_->at = imap::stage::selected;
  connection_->unlisted = connection_->untold = false;
  co_return co_await learn_next_uid();
}

} // namespace mailfleet::net
