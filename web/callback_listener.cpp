#include "web/callback_listener.hpp"

#include "web/callback_routes.hpp"
#include "web/connection_registry.hpp"
#include "web/door_bridge.hpp"
#include "web/linger.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <sys/resource.h>

namespace mailfleet::web {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using tcp_stream = beast::basic_stream<tcp, asio::any_io_executor>;
using tls_stream = asio::ssl::stream<tcp_stream>;

/// The TCP stream below, which has the deadlines.
tcp_stream& lowest(tcp_stream& stream) {
  return stream;
}
tcp_stream& lowest(tls_stream& stream) {
  return stream.next_layer();
}

using request = http::request<http::empty_body>;
using response = http::response<http::string_body>;

response make_page(unsigned status, std::string_view page) {
  response answer{static_cast<http::status>(status), 11};
  answer.set(http::field::content_type, "text/html; charset=utf-8");
  answer.set(http::field::cache_control, "no-store");
  answer.set("Referrer-Policy", "no-referrer");
  answer.set("X-Content-Type-Options", "nosniff");
  answer.set("Content-Security-Policy",
             "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
  answer.keep_alive(false);
  answer.body() = page;
  answer.prepare_payload();
  return answer;
}

response make_redirect(unsigned status, std::string_view location) {
  auto answer = make_page(status, "");
  answer.set(http::field::location, {location.data(), location.size()});
  return answer;
}

/// The limit, or a quarter of the descriptors this process may open.
std::size_t within_descriptors(std::size_t wanted) {
  struct ::rlimit most {};
  if (::getrlimit(RLIMIT_NOFILE, &most) != 0)
    return wanted;
  return std::clamp<std::size_t>(most.rlim_cur / 4, 1, wanted);
}

result<tcp::acceptor> listen_at(asio::io_context& io, const callback_listener_settings& settings) {
  error_code error;
  auto address = asio::ip::make_address(settings.address, error);
  bool may_be_seen = !settings.certificate_file.empty();
  if (error || (!address.is_loopback() && !may_be_seen))
    return bad_field("callback address", printable(settings.address) + " is not a loopback address",
                     "give 127.0.0.1 or ::1 and let a proxy with TLS forward to it, or give a "
                     "certificate and key");
  tcp::acceptor acceptor{io};
  auto server = tcp::endpoint{address, settings.port};
  acceptor.open(server.protocol(), error);
  if (!error)
    acceptor.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error)
    acceptor.bind(server, error);
  if (!error)
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error)
    return acceptor;
  auto code = error == asio::error::address_in_use ? errc::in_use : errc::invalid_argument;
  return failure{code, "cannot listen on " + settings.address + " port "
                           + std::to_string(settings.port) + ": " + error.message()
                           + "; free it, or name another one"};
}

using tls_context = std::shared_ptr<asio::ssl::context>;

/// The certificate's context; null if there is none.
result<tls_context> make_tls(const callback_listener_settings& settings) {
  if (settings.certificate_file.empty() && settings.key_file.empty())
    return tls_context{};
  auto made = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  ::SSL_CTX_set_min_proto_version(made->native_handle(), TLS1_2_VERSION);
  error_code error;
  made->use_certificate_chain_file(settings.certificate_file, error);
  if (error)
    return bad_field("callback certificate", "cannot be used: " + error.message(),
                     "give a readable PEM file with the certificate and its chain");
  made->use_private_key_file(settings.key_file, asio::ssl::context::pem, error);
  if (error || ::SSL_CTX_check_private_key(made->native_handle()) != 1)
    return bad_field("callback key", "cannot be used with the certificate",
                     "give the readable PEM file of the certificate's key");
  return made;
}

} // namespace

/// What the coroutines share; it lives as long as the last of them.
class callback_listener::core : public std::enable_shared_from_this<core> {
public:
  core(asio::io_context& io, std::shared_ptr<control_door> door, std::shared_ptr<log_port> log,
       const callback_listener_settings& settings, tls_context tls, tcp::acceptor acceptor)
    : io_{io},
      door_{std::make_shared<door_bridge>(io, std::move(door))},
      log_{std::move(log)},
      settings_{settings},
      cookie_{settings.public_origin},
      tls_{std::move(tls)},
      acceptor_{std::move(acceptor)},
      connections_{
          {within_descriptors(settings.max_connections), settings.max_connections_per_address}} {}

  void start() {
    asio::co_spawn(
        io_, [self = shared_from_this()] { return self->accept(); },
        [self = shared_from_this()](std::exception_ptr fault) { self->report(fault); });
  }

  void stop() {
    door_->close();
    asio::post(io_, [self = shared_from_this()] {
      error_code ignored;
      self->acceptor_.close(ignored);
      self->connections_.close_all();
    });
  }

private:
  // -- connections ------------------------------------------------------------

  awaitable<void> accept() {
    while (acceptor_.is_open()) {
      error_code error;
      tcp_stream stream{asio::any_io_executor{io_.get_executor()}};
      co_await acceptor_.async_accept(stream.socket(),
                                      asio::redirect_error(asio::use_awaitable, error));
      if (!error && tls_)
        take_in(std::make_shared<tls_stream>(std::move(stream), *tls_));
      else if (!error)
        take_in(std::make_shared<tcp_stream>(std::move(stream)));
      else if (acceptor_.is_open())
        co_await make_room();
    }
  }

  /// Out of descriptors, most likely.
  awaitable<void> make_room() {
    connections_.close_oldest();
    error_code ignored;
    asio::steady_timer rest{io_, accept_rest};
    co_await rest.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  template <class Stream>
  void take_in(std::shared_ptr<Stream> stream) {
    error_code error;
    auto peer = lowest(*stream).socket().remote_endpoint(error);
    if (error)
      return;
    auto place =
        connections_.add(peer.address().to_string(), [stream] { lowest(*stream).close(); });
    if (!place)
      return;
    asio::co_spawn(io_, serve(stream, place),
                   [self = shared_from_this(), place](std::exception_ptr fault) {
                     self->connections_.remove(place);
                     self->report(fault);
                   });
  }

  awaitable<void> begin(tcp_stream&, error_code&) {
    co_return;
  }
  awaitable<void> begin(tls_stream& stream, error_code& error) {
    co_await stream.async_handshake(tls_stream::server,
                                    asio::redirect_error(asio::use_awaitable, error));
  }

  awaitable<void> end(tcp_stream& stream) {
    co_await linger_and_close(stream);
  }
  /// Says that nothing more comes; a peer that does not answer is cut.
  awaitable<void> end(tls_stream& stream) {
    error_code ignored;
    stream.next_layer().expires_after(linger_deadline);
    co_await stream.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    stream.next_layer().close();
  }

  /// The one request of a connection.
  template <class Stream>
  awaitable<void> serve(std::shared_ptr<Stream> stream, connection_registry::handle place) {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(max_callback_header_bytes);
    beast::flat_buffer buffer{max_callback_header_bytes + 4 * 1'024};
    error_code error;
    // One deadline for handshake and header.
    lowest(*stream).expires_after(settings_.read_deadline);
    co_await begin(*stream, error);
    if (!error)
      co_await http::async_read_header(*stream, buffer, parser,
                                       asio::redirect_error(asio::use_awaitable, error));
    if (!place->listed)
      co_return;
    auto page = make_page(error == http::error::header_limit ? 431 : 400, refused_page());
    if (!error) {
      connections_.set_busy(place, true);
      page = co_await answer(parser.get(), "browser " + place->address);
    } else if (error.category() != make_error_code(http::error::bad_method).category()
               || error == http::error::end_of_stream) {
      lowest(*stream).close();
      co_return;
    }
    lowest(*stream).expires_after(callback_write_deadline);
    co_await http::async_write(*stream, page, asio::redirect_error(asio::use_awaitable, error));
    connections_.set_busy(place, false);
    co_await end(*stream);
  }

  void report(const std::exception_ptr& fault) {
    if (fault)
      log_->write(log_level::error, "callback connection ended by an exception", {});
  }

  // -- answers ----------------------------------------------------------------

  awaitable<response> answer(const request& asked, std::string actor) {
    auto method = asked.method_string();
    auto target = asked.target();
    auto found = route_callback({method.data(), method.size()}, {target.data(), target.size()});
    std::string cookies;
    if (asked.count(http::field::cookie) == 1)
      cookies = std::string{asked[http::field::cookie]};
    if (auto* open = std::get_if<open_route>(&found))
      co_return co_await answer_open(std::move(*open), std::move(cookies), std::move(actor));
    if (auto* complete = std::get_if<complete_route>(&found))
      co_return co_await answer_complete(std::move(*complete), secret{std::move(cookies)},
                                         std::move(actor));
    if (const auto* page = std::get_if<page_route>(&found))
      co_return make_page(200, page->page);
    auto status = std::get<no_route>(found).status;
    auto refused = make_page(status, refused_page());
    if (status == 405)
      refused.set(http::field::allow, "GET");
    co_return refused;
  }

  awaitable<response> answer_open(open_route open, std::string cookies, std::string actor) {
    control_command command = open_sign_in{std::move(open.ticket)};
    auto asked =
        co_await door_->ask(std::move(actor), std::move(command), settings_.answer_deadline);
    const auto* opened = asked ? std::get_if<sign_in_opened>(&*asked) : nullptr;
    auto visit = opened ? visit_of(query_of(opened->authorize_url)) : std::string{};
    if (visit.empty() || !is_safe_location(opened->authorize_url)) {
      note_refusal("sign-in address refused", asked);
      co_return make_redirect(303, failed_location);
    }
    auto answer = make_redirect(302, opened->authorize_url);
    answer.set(http::field::set_cookie, cookie_.set(visit, opened->browser_binding));
    for (const auto& older : cookie_.surplus(cookies))
      answer.insert(http::field::set_cookie, cookie_.clear(older));
    co_return answer;
  }

  awaitable<response> answer_complete(complete_route complete, secret cookies, std::string actor) {
    auto visit = visit_of(complete.query);
    auto binding = visit.empty() ? secret{} : cookie_.find(visit, cookies.reveal());
    bool is_its_browser = !binding.empty();
    control_command command = complete_sign_in{std::move(complete.query), std::move(binding)};
    auto asked =
        co_await door_->ask(std::move(actor), std::move(command), settings_.answer_deadline);
    auto location = failed_location;
    if (asked && std::holds_alternative<signed_in>(*asked))
      location = done_location;
    else if (asked && std::holds_alternative<consent_given>(*asked))
      location = consented_location;
    else
      note_refusal("sign-in refused", asked);
    auto answer = make_redirect(303, location);
    // Whoever is sent here otherwise takes no cookie away.
    if (is_its_browser)
      answer.set(http::field::set_cookie, cookie_.clear(visit));
    co_return answer;
  }

  void note_refusal(std::string_view event, const result<control_answer>& asked) {
    auto code = asked ? errc::internal : asked.error().code;
    log_->write(log_level::warning, event, {{"code", std::string{to_string(code)}}});
  }

  // -- members ----------------------------------------------------------------

  asio::io_context& io_;
  std::shared_ptr<door_bridge> door_;
  std::shared_ptr<log_port> log_;
  const callback_listener_settings settings_;
  const binding_cookie cookie_;
  /// Null: plain HTTP.
  const tls_context tls_;
  tcp::acceptor acceptor_;
  connection_registry connections_;
};

result<std::unique_ptr<callback_listener>>
callback_listener::start(asio::io_context& io, std::shared_ptr<control_door> door,
                         std::shared_ptr<log_port> log,
                         const callback_listener_settings& settings) {
  auto tls = make_tls(settings);
  if (!tls)
    return tls.error();
  auto acceptor = listen_at(io, settings);
  if (!acceptor)
    return acceptor.error();
  auto port = acceptor->local_endpoint().port();
  auto inside = std::make_shared<core>(io, std::move(door), std::move(log), settings,
                                       *std::move(tls), *std::move(acceptor));
  inside->start();
  return std::unique_ptr<callback_listener>{new callback_listener{std::move(inside), port}};
}

callback_listener::callback_listener(std::shared_ptr<core> inside, std::uint16_t port)
  : core_{std::move(inside)}, port_{port} {}

callback_listener::~callback_listener() {
  stop();
}

void callback_listener::stop() {
  if (core_)
    core_->stop();
  core_.reset();
}

} // namespace mailfleet::web
