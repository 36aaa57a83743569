#include "net/curl_session.hpp"

#include "net/curl_pool.hpp"
#include "net/limits.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace mailfleet::net {

namespace {

std::string_view scheme_of(std::optional<mail_protocol> protocol, tls_mode tls) {
  bool implicit = tls == tls_mode::implicit;
  if (!protocol)
    return "https";
  switch (*protocol) {
  case mail_protocol::imap: return implicit ? "imaps" : "imap";
  case mail_protocol::pop3: return implicit ? "pop3s" : "pop3";
  case mail_protocol::smtp: return implicit ? "smtps" : "smtp";
  }
  return {};
}

} // namespace

bool turns_away(mail_protocol protocol, std::string_view line) {
  switch (protocol) {
  case mail_protocol::imap: return line.starts_with("* BYE");
  case mail_protocol::pop3: return line.starts_with("-ERR");
  case mail_protocol::smtp: return line.starts_with("4");
  }
  return false;
}

curl_session::curl_session(std::optional<mail_protocol> protocol,
                           std::unique_ptr<curl_transport> transport)
  : protocol_{protocol}, transport_{std::move(transport)} {}

curl_session::~curl_session() {
  if (multi_)
    multi_->remove(transport_->easy());
}

result<std::unique_ptr<curl_session>> curl_session::prepare(const connector_settings& settings,
                                                            admission_rule rule,
                                                            mail_protocol protocol,
                                                            const endpoint& server) {
  return prepare_any(settings, rule, protocol, server);
}

result<std::unique_ptr<curl_session>>
curl_session::prepare_https(const connector_settings& settings, const endpoint& server) {
  return prepare_any(settings, admission_rule::by_ca, std::nullopt, server);
}

result<std::unique_ptr<curl_session>>
curl_session::prepare_any(const connector_settings& settings, admission_rule rule,
                          std::optional<mail_protocol> protocol, const endpoint& server) {
  auto transport = curl_transport::open({.host = server.host,
                                         .port = server.port,
                                         .ca_file = server.ca_file,
                                         .pin_sha256 = server.pin_sha256,
                                         .rule = rule,
                                         .proxy = effective_proxy(server.proxy, settings.proxy),
                                         .environment_proxy = settings.environment_proxy});
  if (!transport)
    return std::move(transport).error();
  if (server.port == 0)
    return bad_field("port", "is 0", "give the server's port, such as 993");
  std::unique_ptr<curl_session> prepared{new curl_session{protocol, *std::move(transport)}};
  if (auto set = prepared->set_options(server); !set)
    return set.error();
  return prepared;
}

result<void> curl_session::set_options(const endpoint& server) {
  auto scheme = scheme_of(protocol_, server.tls);
  auto url = std::string{scheme} + "://" + transport_->where() + "/";
  option_setter options{transport_->easy()};
  options.set(CURLOPT_URL, url.c_str())
      .set(CURLOPT_PROTOCOLS_STR, std::string{scheme}.c_str())
      .set(CURLOPT_CONNECT_ONLY, 1L)
      .set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL))
      .set(CURLOPT_SSL_ENABLE_ALPN, 0L)
      .set(CURLOPT_HEADERFUNCTION, &curl_session::on_line)
      .set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  return options.outcome();
}

std::size_t curl_session::on_line(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& session = *static_cast<curl_session*>(self);
  auto length = size * count;
  session.line_bytes_ += length;
  if (session.line_bytes_ > max_greeting_bytes)
    return 0;
  try {
    session.last_line_.assign(bytes, std::min(length, max_quoted_words));
    return length;
  } catch (...) {
    return 0;
  }
}

failure curl_session::explain(CURLcode code) const {
  const auto& where = transport_->where();
  if (line_bytes_ > max_greeting_bytes)
    return {errc::too_large, "The greeting and capabilities of " + where + " pass their limit of "
                                 + std::to_string(max_greeting_bytes) + " bytes."};
  auto end = last_line_.find_last_not_of("\r\n");
  std::string_view words{last_line_.data(), end == last_line_.npos ? 0 : end + 1};
  if (code == CURLE_WEIRD_SERVER_REPLY && protocol_ && turns_away(*protocol_, words))
    return {errc::server_busy, where + " turns us away: " + printable(words, max_quoted_words)};
  return transport_->explain(code);
}

boost::asio::awaitable<result<void>> curl_session::connect(std::chrono::milliseconds deadline) {
  auto executor = co_await boost::asio::this_coro::executor;
  auto multi = curl_pool::of(executor).for_session(executor);
  if (!multi)
    co_return std::move(multi).error();
  // The timer is the deadline and, cancelled, the end: both resume us outside
  // of libcurl's calls. If this frame is destroyed, so is the session, whose
  // `remove` keeps `done` from being called.
  boost::asio::steady_timer finished{executor, deadline};
  std::optional<CURLcode> code;
  auto done = [&](CURLcode outcome) {
    code = outcome;
    finished.cancel();
  };
  if (auto added = (*multi)->add(transport_->easy(), done); !added)
    co_return std::move(added).error();
  multi_ = *std::move(multi);
  co_await finished.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  if (!code) {
    auto late = transport_->explain_timeout();
    multi_->remove(transport_->easy());
    co_return late;
  }
  if (*code != CURLE_OK)
    co_return explain(*code);
  co_return result<void>{};
}

result<curl_socket_t> curl_session::socket() const {
  curl_socket_t found = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(transport_->easy(), CURLINFO_ACTIVESOCKET, &found) != CURLE_OK
      || found == CURL_SOCKET_BAD)
    return failure{errc::connection_lost, transport_->where() + " closed the connection at once."};
  return found;
}

} // namespace mailfleet::net
