#include "net/imap_login.hpp"

#include "net/imap_limits.hpp"
#include "protocols/imap/commands.hpp"
#include "protocols/sasl/exchange.hpp"

#include <string>
#include <utility>

namespace mailfleet::net {

namespace limits = imap_limits;
using boost::asio::awaitable;

namespace {

awaitable<result<void>> log_in_plainly(imap_connection& connection,
                                       const session_settings& settings) {
  auto line = imap::login_command(settings.user, settings.credential);
  if (!line)
    co_return line.error();
  connection.able = {};
  auto command = co_await connection.send_secret(*line);
  if (!command)
    co_return command.error();
  imap_connection::event_handler nobody;
  auto answered =
      co_await connection.finish(*command, "LOGIN", limits::login_deadline, std::move(nobody));
  if (!answered)
    co_return answered.error();
  if (answered->refused)
    co_return answered->refused->reason;
  co_return result<void>{};
}

awaitable<result<void>> converse_sasl(imap_connection& connection, sasl::exchange& talk,
                                      std::uint32_t command) {
  step_clock step{limits::login_deadline};
  for (;;) {
    auto what = connection.next();
    if (std::holds_alternative<imap::need_input>(what)) {
      auto read = co_await connection.fill(step.left());
      if (read ? step.over() : read.error().code == errc::timed_out)
        co_return failure{errc::timed_out, "the server did not finish AUTHENTICATE in time"};
      if (!read)
        co_return read.error();
      continue;
    }
    if (auto fault = connection.fault_in(what))
      co_return *fault;
    if (const auto* challenge = std::get_if<imap::continuation>(&what)) {
      auto answer = talk.answer(challenge->text);
      if (!answer)
        co_return answer.error();
      auto sent = co_await connection.send_line(*std::move(answer));
      if (!sent)
        co_return sent;
    }
    const auto* done = std::get_if<imap::command_done>(&what);
    if (done == nullptr || done->command != command)
      continue;
    auto answered = connection.conclude(*done, "the sign-in");
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

awaitable<result<void>> authenticate(imap_connection& connection,
                                     const session_settings& settings) {
  auto mechanism = sasl::choose_mechanism(connection.able.mechanisms(), settings.auth);
  if (!mechanism) {
    // Every server has LOGIN that does not say otherwise (RFC 9051 6.2.3).
    if (settings.auth == mailbox_auth::password && !connection.able.has("LOGINDISABLED"))
      co_return co_await log_in_plainly(connection, settings);
    co_return mechanism.error();
  }
  sasl::identity who{settings.user, settings.credential, settings.server.host,
                     settings.server.port};
  auto longest = (who.user.size() + who.host.size() + who.credential.reveal().size()) * 4 / 3;
  sasl::exchange talk{*mechanism, std::move(who)};
  if (auto checked = talk.check(); !checked)
    co_return checked;
  std::optional<secret> initial;
  if (connection.able.has("SASL-IR") && longest + 256 <= limits::max_authenticate_line)
    initial = talk.initial_response();
  connection.able = {};
  auto command = co_await connection.send_authenticate(to_string(*mechanism), std::move(initial));
  if (!command)
    co_return command.error();
  co_return co_await converse_sasl(connection, talk, *command);
}

} // namespace

awaitable<result<void>> imap_demand(imap_connection& connection, std::string text) {
  auto command = co_await connection.send(text);
  if (!command)
    co_return command.error();
  imap_connection::event_handler nobody;
  auto answered =
      co_await connection.finish(*command, text, limits::login_deadline, std::move(nobody));
  if (!answered)
    co_return answered.error();
  if (answered->refused)
    co_return answered->refused->reason;
  co_return result<void>{};
}

awaitable<result<void>> imap_log_in(imap_connection& connection, const session_settings& settings) {
  auto asked = co_await imap_demand(connection, "CAPABILITY");
  if (!asked)
    co_return asked;
  auto authenticated = co_await authenticate(connection, settings);
  if (!authenticated)
    co_return authenticated;
  connection.at = imap::stage::selecting;
  // What a server can do changes with the log-in; Dovecot says it unasked.
  if (connection.able.empty())
    co_return co_await imap_demand(connection, "CAPABILITY");
  co_return result<void>{};
}

} // namespace mailfleet::net
