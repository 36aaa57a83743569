#include "web/api_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <array>
#include <exception>

namespace mailfleet::web {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using asio::awaitable;
using boost::system::error_code;

namespace {

using stream_type = beast::basic_stream<asio::local::stream_protocol, asio::any_io_executor>;
using request_type = http::request<http::string_body>;

failure failure_of(error_code error) {
  if (error == beast::error::timeout)
    return {errc::timed_out, "mailfleetd has not answered in time"};
  if (error.category() == make_error_code(http::error::bad_method).category()
      && error != http::error::end_of_stream && error != http::error::partial_message)
    return {errc::protocol_violation, "what answered is no mailfleetd: " + error.message()};
  return {errc::connection_lost, "the connection to mailfleetd broke: " + error.message()};
}

/// One connection, from connect to the end of the answer.
class exchange {
public:
  exchange(const std::string& socket, std::chrono::milliseconds deadline)
    : socket_{socket}, deadline_{deadline}, stream_{asio::any_io_executor{io_.get_executor()}} {}

  /// Runs the coroutine to its end on this thread.
  result<api_answer> run(request_type request, const api_client::sink* take) {
    result<api_answer> answer = failure{errc::internal, "the request could not be made"};
    auto spoken = [&]() -> awaitable<void> { answer = co_await talk(std::move(request), take); };
    // A fault in it, out of memory say, leaves the failure above.
    asio::co_spawn(io_, spoken, [](const std::exception_ptr&) {});
    io_.run();
    return answer;
  }

private:
  awaitable<result<api_answer>> talk(request_type request, const api_client::sink* take) {
    error_code error;
    stream_.expires_after(deadline_);
    if (socket_.empty() || socket_.size() > max_socket_path_bytes)
      co_return failure{errc::connect_failed, "the socket's path is empty or too long"};
    co_await stream_.async_connect(asio::local::stream_protocol::endpoint{socket_},
                                   asio::redirect_error(asio::use_awaitable, error));
    if (error)
      co_return failure{errc::connect_failed,
                        "no mailfleetd answers at " + printable(socket_) + ": " + error.message()
                            + "; start it, or name its socket (STATE/control.sock) with --socket "
                              "or MAILFLEET_SOCKET"};
    // A server that refuses early has answered before it had everything.
    co_await http::async_write(stream_, request, asio::redirect_error(asio::use_awaitable, error));
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    co_await http::async_read_header(stream_, buffer_, parser,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error)
      co_return failure_of(error);
    api_answer answer{parser.get().result_int(), {}};
    api_client::sink into = [&answer](std::string_view bytes) -> result<void> {
      if (answer.body.size() + bytes.size() > max_answer_bytes)
        return failure{errc::too_large, "the answer is larger than any of ours"};
      answer.body.append(bytes);
      return {};
    };
    if (take != nullptr && answer.ok())
      into = *take;
    auto read = co_await read_body(parser, into);
    if (!read)
      co_return read.error();
    co_return answer;
  }

  awaitable<result<void>> read_body(http::response_parser<http::buffer_body>& parser,
                                    const api_client::sink& take) {
    std::array<char, 64 * 1'024> piece;
    while (!parser.is_done()) {
      auto& body = parser.get().body();
      body.data = piece.data();
      body.size = piece.size();
      error_code error;
      stream_.expires_after(deadline_);
      co_await http::async_read(stream_, buffer_, parser,
                                asio::redirect_error(asio::use_awaitable, error));
      if (error && error != http::error::need_buffer)
        co_return failure_of(error);
      auto taken = take({piece.data(), piece.size() - body.size});
      if (!taken)
        co_return taken.error();
    }
    co_return result<void>{};
  }

  const std::string& socket_;
  const std::chrono::milliseconds deadline_;
  asio::io_context io_{1};
  stream_type stream_;
  beast::flat_buffer buffer_;
};

request_type make_request(std::string_view method, std::string_view target, std::string_view body) {
  request_type request;
  request.method_string({method.data(), method.size()});
  request.target({target.data(), target.size()});
  request.set(http::field::host, "localhost");
  request.keep_alive(false);
  if (!body.empty()) {
    request.set(http::field::content_type, "application/json");
    request.body() = body;
  }
  request.prepare_payload();
  return request;
}

} // namespace

api_client::api_client(std::string socket, std::chrono::milliseconds deadline)
  : socket_{std::move(socket)}, deadline_{deadline} {}

result<api_answer> api_client::call(std::string_view method, std::string_view target,
                                    std::string_view body) {
  return exchange{socket_, deadline_}.run(make_request(method, target, body), nullptr);
}

result<api_answer> api_client::download(std::string_view target, const sink& take) {
  return exchange{socket_, deadline_}.run(make_request("GET", target, {}), &take);
}

std::string percent_encode(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

} // namespace mailfleet::web
