#include "tests/net/test_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <memory>
#include <utility>

namespace mailfleet::test {

test_server::test_server(script play)
  : acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}},
    port_{acceptor_.local_endpoint().port()},
    play_{std::move(play)} {
  boost::asio::co_spawn(context_, serve(), boost::asio::detached);
  thread_ = std::thread{[this] { context_.run(); }};
}

test_server::~test_server() {
  context_.stop();
  thread_.join();
}

awaitable<> test_server::serve() {
  for (;;) {
    auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
    ++accepted_;
    boost::asio::co_spawn(context_, play_(std::move(socket)), [](const std::exception_ptr&) {});
  }
}

boost::asio::ssl::context make_tls_context(const identity& who, bool only_tls11) {
  namespace ssl = boost::asio::ssl;
  ssl::context made{ssl::context::tls_server};
  made.use_certificate(boost::asio::buffer(who.certificate), ssl::context::pem);
  made.use_private_key(boost::asio::buffer(who.key), ssl::context::pem);
  if (only_tls11) {
    // OpenSSL 3 speaks TLS 1.1 at security level 0 only.
    SSL_CTX_set_security_level(made.native_handle(), 0);
    SSL_CTX_set_min_proto_version(made.native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(made.native_handle(), TLS1_1_VERSION);
  }
  return made;
}

namespace {

awaitable<> play_over_tls(std::shared_ptr<boost::asio::ssl::context> context,
                          std::function<awaitable<>(tls_socket&)> play, tcp::socket socket) {
  tls_socket stream{std::move(socket), *context};
  co_await stream.async_handshake(tls_socket::server, boost::asio::use_awaitable);
  co_await play(stream);
}

} // namespace

test_server::script over_tls(const identity& who, std::function<awaitable<>(tls_socket&)> play) {
  auto context = std::make_shared<boost::asio::ssl::context>(make_tls_context(who));
  return [context, play = std::move(play)](tcp::socket socket) {
    return play_over_tls(context, play, std::move(socket));
  };
}

} // namespace mailfleet::test
