#include "net/login_probe.hpp"

#include "net/ca_store.hpp"
#include "net/curl_session.hpp"
#include "net/curl_stream.hpp"
#include "net/limits.hpp"
#include "net/step_clock.hpp"
#include "protocols/pop3/log_in.hpp"
#include "protocols/sasl/echo.hpp"
#include "protocols/smtp/log_in.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>
#include <variant>

namespace mailfleet::net {

namespace {

using boost::asio::awaitable;

mail_protocol protocol_of(server_kind kind) {
  switch (kind) {
  case server_kind::pop3: return mail_protocol::pop3;
  case server_kind::smtp: return mail_protocol::smtp;
  case server_kind::imap:
  case server_kind::identity: break;
  }
  return mail_protocol::imap;
}

result<std::unique_ptr<curl_session>> prepare(const connector_settings& settings,
                                              const server_probe& what) {
  if (what.kind == server_kind::identity)
    return curl_session::prepare_https(settings, what.server);
  auto rule = what.server.pin_sha256.empty() ? admission_rule::by_ca : admission_rule::by_pin;
  return curl_session::prepare(settings, rule, protocol_of(what.kind), what.server);
}

probe_stage stage_of(curl_transport::progress at) {
  switch (at) {
  case curl_transport::progress::looking_up: return probe_stage::nothing;
  case curl_transport::progress::connecting: return probe_stage::resolved;
  case curl_transport::progress::before_tls:
  case curl_transport::progress::handshake: return probe_stage::connected;
  case curl_transport::progress::behind_tls: break;
  }
  return probe_stage::tls;
}

sasl::log_in_ended broken_off(failure why) {
  sasl::log_in_ended end;
  end.trouble = std::move(why);
  return end;
}

/// Says what the engine tells and feeds it what comes, until the log-in has ended.
template <class Engine>
awaitable<sasl::log_in_ended> carry_out(byte_stream& stream, Engine& engine) {
  std::array<char, 4096> bytes{};
  // One deadline for all: a server that drips does not hold us for ever.
  step_clock clock{login_deadline};
  for (;;) {
    auto step = engine.next();
    if (auto* ended = std::get_if<sasl::log_in_ended>(&step))
      co_return std::move(*ended);
    if (clock.over())
      co_return broken_off({errc::timed_out, "the server did not finish the sign-in in time"});
    if (auto* said = std::get_if<sasl::send_line>(&step)) {
      auto sent = co_await stream.write_all(said->line.reveal(), clock.left());
      if (!sent)
        co_return broken_off(sent.error());
      continue;
    }
    auto read = co_await stream.read_some(bytes, clock.left());
    if (!read)
      co_return broken_off(read.error());
    if (read->bytes == 0)
      co_return broken_off(
          {errc::connection_lost, "the server closed the connection during the sign-in"});
    engine.feed({bytes.data(), read->bytes});
  }
}

/// A courtesy; the answer tells nothing.
awaitable<void> leave(byte_stream& stream) {
  std::array<char, 256> bytes{};
  auto sent = co_await stream.write_all("QUIT\r\n", quit_deadline);
  if (!sent)
    co_return;
  auto answered = co_await stream.read_some(bytes, quit_deadline);
  (void)answered;
}

awaitable<void> log_in(byte_stream& stream, server_probe& what, probe_report& seen) {
  sasl::identity who{what.user, what.credential, what.server.host, what.server.port};
  sasl::log_in_ended end;
  if (what.kind == server_kind::pop3) {
    pop3::log_in_engine engine{std::move(who), what.auth};
    end = co_await carry_out(stream, engine);
  } else {
    smtp::log_in_engine engine{std::move(who), what.auth};
    end = co_await carry_out(stream, engine);
  }
  seen.trouble = std::move(end.trouble);
  if (seen.trouble)
    seen.trouble->detail = sasl::unrepeated(std::move(seen.trouble->detail), what.credential);
  seen.reply = sasl::unrepeated(std::move(end.reply), what.credential);
  what.credential = {};
  seen.challenged = end.challenged;
  if (!seen.trouble)
    seen.reached = probe_stage::authenticated;
  co_await leave(stream);
}

class network_probe final : public login_probe {
public:
  network_probe(event_loop& loop, connector_settings settings)
    : loop_{loop}, settings_{std::move(settings)} {}

  void probe(server_probe what, std::function<void(probe_report)> done) override {
    boost::asio::co_spawn(
        loop_.next(), probe_server(settings_, std::move(what)),
        [done = std::move(done)](const std::exception_ptr& thrown, probe_report seen) {
          if (thrown) {
            seen = {};
            seen.trouble = failure{errc::internal, "the look at the server failed"};
          }
          done(std::move(seen));
        });
  }

private:
  event_loop& loop_;
  const connector_settings settings_;
};

} // namespace

awaitable<probe_report> probe_server(connector_settings settings, server_probe what) {
  probe_report seen;
  if (what.only_ca_file) {
    if (auto store = load_ca_store(what.server.ca_file); !store)
      seen.trouble = store.error();
    co_return seen;
  }
  const auto& proxy = effective_proxy(what.server.proxy, settings.proxy);
  seen.proxy = proxy.url == "direct" ? std::string{} : proxy.url;
  auto session = prepare(settings, what);
  if (!session) {
    seen.trouble = session.error();
    co_return seen;
  }
  auto connected = co_await (*session)->connect(std::min(settings.deadline, look_deadline));
  const auto& transport = (*session)->transport();
  seen.certificate = transport.admission().offered();
  if (!connected) {
    seen.reached = stage_of(transport.reached());
    seen.trouble = connected.error();
    co_return seen;
  }
  bool greets = what.kind != server_kind::identity;
  seen.reached = greets ? probe_stage::greeting : probe_stage::tls;
  bool logs_in = what.kind == server_kind::pop3 || what.kind == server_kind::smtp;
  if (!logs_in || what.credential.empty())
    co_return seen;
  auto stream =
      curl_stream::take_over(*std::move(session), co_await boost::asio::this_coro::executor);
  if (stream)
    co_await log_in(**stream, what, seen);
  else
    seen.trouble = stream.error();
  co_return seen;
}

std::unique_ptr<login_probe> make_login_probe(event_loop& loop, connector_settings settings) {
  return std::make_unique<network_probe>(loop, std::move(settings));
}

} // namespace mailfleet::net
