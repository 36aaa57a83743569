#include "web/control_connection.hpp"

#include "web/control_routes.hpp"
#include "web/json.hpp"
#include "web/linger.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <optional>
#include <sys/socket.h>

namespace mailfleet::web {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using boost::asio::awaitable;
using boost::system::error_code;

namespace {

using response = http::response<http::string_body>;

response make_response(unsigned status, std::string body, bool keep_alive) {
  response answer{static_cast<http::status>(status), 11};
  answer.set(http::field::content_type, "application/json");
  answer.set(http::field::cache_control, "no-store");
  answer.keep_alive(keep_alive);
  answer.body() = std::move(body);
  answer.prepare_payload();
  return answer;
}

/// The HTTP answer to what Beast could not read; nothing if there is nobody to
/// answer, or nothing was asked.
std::optional<route_refusal> refusal_of(error_code error) {
  auto invalid = [](std::string detail) {
    return failure{errc::invalid_argument, std::move(detail)};
  };
  if (error == http::error::header_limit)
    return route_refusal{431,
                         invalid("the header is too large; at most "
                                 + std::to_string(max_control_header_bytes) + " bytes are read"),
                         {}};
  if (error == http::error::body_limit)
    return route_refusal{413,
                         invalid("the body is too large; at most "
                                 + std::to_string(max_control_body_bytes) + " bytes are read"),
                         {}};
  if (error == http::error::end_of_stream || error == http::error::partial_message
      || error.category() != make_error_code(http::error::bad_method).category())
    return std::nullopt;
  return route_refusal{
      400, invalid("the request is not HTTP/1.1: " + printable(error.message())), {}};
}

/// Ends when the peer has closed its end; what it sends meanwhile stays unread.
awaitable<void> peer_gone(local_stream& stream) {
  error_code error;
  co_await stream.socket().async_wait(asio::socket_base::wait_read,
                                      asio::redirect_error(asio::use_awaitable, error));
  char byte = 0;
  if (error || ::recv(stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
    co_return;
  // A pipelined request: its end of stream shows when it is read.
  asio::steady_timer forever{co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max()};
  co_await forever.async_wait(asio::redirect_error(asio::use_awaitable, error));
}

/// One connection.
class connection {
public:
  connection(local_stream& stream, door_bridge& door, std::string actor,
             control_deadlines deadlines)
    : stream_{stream}, door_{door}, actor_{std::move(actor)}, deadlines_{deadlines} {}

  awaitable<void> run() {
    // g++ 12 miscompiles a co_await in the loop's condition.
    for (bool goes_on = true; goes_on;)
      goes_on = co_await serve_one();
  }

private:
  // -- requests ---------------------------------------------------------------

  /// Reads and answers one request; false: the connection is at its end.
  awaitable<bool> serve_one() {
    http::request_parser<http::string_body> parser;
    parser.header_limit(max_control_header_bytes);
    parser.body_limit(max_control_body_bytes);
    error_code error;
    stream_.expires_after(deadlines_.idle);
    co_await http::async_read_header(stream_, buffer_, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      stream_.expires_after(deadlines_.read);
      co_await http::async_read(stream_, buffer_, parser,
                                asio::redirect_error(asio::use_awaitable, error));
    }
    if (error) {
      if (auto refusal = refusal_of(error); refusal && parser.got_some())
        co_await refuse(*refusal, false);
      co_await linger_and_close(stream_);
      co_return false;
    }
    co_return co_await answer(parser.release());
  }

  awaitable<bool> answer(http::request<http::string_body> request) {
    bool keep_alive = request.keep_alive();
    auto method = request.method_string();
    auto target = request.target();
    auto key = request["Idempotency-Key"];
    auto found = route({method.data(), method.size()}, {target.data(), target.size()},
                       request.body(), {key.data(), key.size()});
    ::explicit_bzero(request.body().data(), request.body().size());
    if (auto* refusal = std::get_if<route_refusal>(&found))
      co_return co_await refuse(*refusal, keep_alive);
    co_return co_await carry_out(std::get<routed>(std::move(found)), keep_alive);
  }

  awaitable<bool> carry_out(routed wanted, bool keep_alive) {
    auto* body = std::get_if<read_body>(&wanted.command);
    auto key = body == nullptr ? std::nullopt : std::optional{body->key};
    bool brings_mail = std::holds_alternative<submit_mail>(wanted.command)
                       || std::holds_alternative<append_upload>(wanted.command);
    auto answer = co_await ask(std::move(wanted.command));
    if (!answer)
      co_return false;
    if (!*answer) {
      auto code = answer->error().code;
      // Where mail is brought, that is what is too large, not the answer of a server.
      auto status = brings_mail && code == errc::too_large ? 413 : http_status(code);
      route_refusal refusal{status, answer->error(), {}};
      co_return co_await refuse(std::move(refusal), keep_alive);
    }
    if (key)
      co_return co_await send_body(*key, **std::move(answer), keep_alive);
    co_return co_await send(make_response(wanted.status, write_answer(**answer), keep_alive));
  }

  /// The door's answer; nothing if the peer went away while it was waited for.
  awaitable<std::optional<result<control_answer>>> ask(control_command command) {
    using namespace asio::experimental::awaitable_operators;
    auto deadline = deadlines_.answer;
    if (const auto* events = std::get_if<list_events>(&command))
      deadline += events->wait;
    auto first = co_await (door_.ask(actor_, std::move(command), deadline) || peer_gone(stream_));
    if (auto* answer = std::get_if<0>(&first))
      co_return std::move(*answer);
    co_return std::nullopt;
  }

  // -- answers ----------------------------------------------------------------

  awaitable<bool> refuse(route_refusal refusal, bool keep_alive) {
    auto answer = make_response(refusal.status, write_failure(refusal.what), keep_alive);
    if (!refusal.allow.empty())
      answer.set(http::field::allow, refusal.allow);
    co_return co_await send(std::move(answer));
  }

  awaitable<bool> send(response answer) {
    error_code error;
    stream_.expires_after(deadlines_.write);
    co_await http::async_write(stream_, answer, asio::redirect_error(asio::use_awaitable, error));
    co_return !error && answer.keep_alive();
  }

  /// Sends a body part by part. A fault in the middle ends the connection
  /// before the last chunk (RFC 9112 7.1): the client sees that it lacks bytes.
  awaitable<bool> send_body(message_key key, control_answer first, bool keep_alive) {
    http::response<http::empty_body> head{http::status::ok, 11};
    head.set(http::field::content_type, "message/rfc822");
    head.set(http::field::cache_control, "no-store");
    head.keep_alive(keep_alive);
    head.chunked(true);
    http::response_serializer<http::empty_body> serializer{head};
    error_code error;
    stream_.expires_after(deadlines_.write);
    co_await http::async_write_header(stream_, serializer,
                                      asio::redirect_error(asio::use_awaitable, error));
    auto answer = std::optional<result<control_answer>>{std::move(first)};
    for (std::uint32_t part = 1; !error; ++part) {
      const auto* read = *answer ? std::get_if<body_part>(&**answer) : nullptr;
      if (read == nullptr)
        co_return false;
      error = co_await send_chunk(*read);
      if (!error && read->last) {
        co_await asio::async_write(stream_, http::make_chunk_last(),
                                   asio::redirect_error(asio::use_awaitable, error));
        co_return !error && keep_alive;
      }
      answer.reset();
      if (error)
        co_return false;
      control_command next = read_body{key, part};
      answer = co_await ask(std::move(next));
      if (!answer)
        co_return false;
    }
    co_return false;
  }

  awaitable<error_code> send_chunk(const body_part& part) {
    error_code error;
    // An empty chunk would read as the last one.
    if (!part.bytes || part.bytes->bytes.empty())
      co_return error;
    stream_.expires_after(deadlines_.write);
    co_await asio::async_write(stream_, http::make_chunk(asio::buffer(part.bytes->bytes)),
                               asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  // -- members ----------------------------------------------------------------

  local_stream& stream_;
  door_bridge& door_;
  const std::string actor_;
  const control_deadlines deadlines_;
  beast::flat_buffer buffer_{max_control_header_bytes + 16 * 1'024};
};

} // namespace

awaitable<void> serve_control_connection(std::shared_ptr<local_stream> stream,
                                         std::shared_ptr<door_bridge> door, std::string actor,
                                         control_deadlines deadlines) {
  connection served{*stream, *door, std::move(actor), deadlines};
  co_await served.run();
  stream->close();
}

awaitable<void> refuse_control_connection(std::shared_ptr<local_stream> stream, failure why) {
  auto answer = make_response(http_status(why.code), write_failure(why), false);
  error_code error;
  stream->expires_after(control_write_deadline);
  co_await http::async_write(*stream, answer, asio::redirect_error(asio::use_awaitable, error));
  co_await linger_and_close(*stream);
}

std::string peer_of(local_stream& stream) {
  struct ::ucred peer {};
  socklen_t length = sizeof peer;
  if (::getsockopt(stream.socket().native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
    return "uid unknown";
  return "uid " + std::to_string(peer.uid);
}

} // namespace mailfleet::web
