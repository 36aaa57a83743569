#include "web/control_server.hpp"

#include "web/control_connection.hpp"
#include "web/unix_listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <set>

namespace mailfleet::web {

namespace asio = boost::asio;

using boost::system::error_code;

/// What the coroutines share; it lives as long as the last of them.
class control_server::core : public std::enable_shared_from_this<core> {
public:
  core(asio::io_context& io, std::shared_ptr<control_door> door, std::shared_ptr<log_port> log,
       control_server_settings settings, unix_listener listener)
    : io_{io},
      door_{std::make_shared<door_bridge>(io, std::move(door))},
      log_{std::move(log)},
      settings_{std::move(settings)},
      listener_{std::move(listener)},
      acceptor_{io, asio::local::stream_protocol{}, listener_.release_socket()} {}

  void start() {
    asio::co_spawn(
        io_, [self = shared_from_this()] { return self->accept(); },
        [self = shared_from_this()](std::exception_ptr fault) { self->report(fault); });
  }

  void stop() {
    door_->close();
    listener_.remove();
    asio::post(io_, [self = shared_from_this()] { self->close_all(); });
  }

private:
  asio::awaitable<void> accept() {
    while (acceptor_.is_open()) {
      error_code error;
      auto stream = std::make_shared<local_stream>(asio::any_io_executor{io_.get_executor()});
      co_await acceptor_.async_accept(stream->socket(),
                                      asio::redirect_error(asio::use_awaitable, error));
      if (!error)
        serve(std::move(stream));
      else if (acceptor_.is_open())
        co_await rest();
    }
  }

  /// Out of descriptors, most likely: those that end give some back.
  asio::awaitable<void> rest() {
    error_code ignored;
    asio::steady_timer timer{io_, accept_rest};
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  void serve(std::shared_ptr<local_stream> stream) {
    bool full = streams_.size() >= settings_.max_connections;
    // Twice the limit: those that are being refused count, too.
    if (streams_.size() >= 2 * settings_.max_connections)
      return;
    streams_.insert(stream);
    auto deadlines =
        control_deadlines{.idle = settings_.idle_deadline, .answer = settings_.answer_deadline};
    auto serving =
        full ? refuse_control_connection(
            stream, {errc::overloaded, "too many control connections are open; end one, or "
                                       "ask again later"})
             : serve_control_connection(stream, door_, peer_of(*stream), deadlines);
    asio::co_spawn(io_, std::move(serving),
                   [self = shared_from_this(), stream](std::exception_ptr fault) {
                     self->streams_.erase(stream);
                     self->report(fault);
                   });
  }

  void report(const std::exception_ptr& fault) {
    if (fault)
      log_->write(log_level::error, "control connection ended by an exception", {});
  }

  void close_all() {
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& stream : streams_)
      stream->close();
  }

  asio::io_context& io_;
  std::shared_ptr<door_bridge> door_;
  std::shared_ptr<log_port> log_;
  control_server_settings settings_;
  unix_listener listener_;
  asio::local::stream_protocol::acceptor acceptor_;
  std::set<std::shared_ptr<local_stream>> streams_;
};

result<std::unique_ptr<control_server>> control_server::start(asio::io_context& io,
                                                              std::shared_ptr<control_door> door,
                                                              std::shared_ptr<log_port> log,
                                                              control_server_settings settings) {
  auto listener = unix_listener::open(settings.socket);
  if (!listener)
    return listener.error();
  auto inside = std::make_shared<core>(io, std::move(door), std::move(log), std::move(settings),
                                       *std::move(listener));
  inside->start();
  return std::unique_ptr<control_server>{new control_server{std::move(inside)}};
}

control_server::control_server(std::shared_ptr<core> inside) : core_{std::move(inside)} {}

control_server::~control_server() {
  stop();
}

void control_server::stop() {
  if (core_)
    core_->stop();
  core_.reset();
}

} // namespace mailfleet::web
