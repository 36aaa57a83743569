#pragma once

#include "tests/tools/tool_run.hpp"
#include "tests/web/temporary_folder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <mutex>
#include <signal.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

/// The real ops tool at a server that speaks HTTP and nothing else: what is asked of it and what
/// it answers are the bytes of the API.
namespace mailfleet::testing {

struct api_request {
  /// `POST /mailboxes/ann/outbox`.
  std::string what;
  std::string body;

  [[nodiscard]] nlohmann::json json() const {
    return nlohmann::json::parse(body);
  }
};

struct api_reply {
  nlohmann::json body;
  unsigned status = 200;
  /// End the connection without an answer.
  bool drops = false;
  /// Send the program a Ctrl-C in place of an answer.
  bool interrupts = false;
};

inline api_reply refusal_of(const std::string& code, const std::string& detail,
                            unsigned status = 409) {
  return {{{"error", {{"code", code}, {"detail", detail}}}}, status};
}

/// Answers each connection's one request by a script, on a thread of its own.
class scripted_api {
public:
  using script = std::function<api_reply(const api_request&)>;

  explicit scripted_api(script answer)
    : script_{std::move(answer)},
      socket_{(folder.path / "control.sock").string()},
      acceptor_{io_, protocol::endpoint{socket_}},
      thread_{[this] { serve(); }} {}
  scripted_api(const scripted_api&) = delete;
  scripted_api& operator=(const scripted_api&) = delete;
  ~scripted_api() {
    {
      auto lock = std::scoped_lock{mutex_};
      stops_ = true;
    }
    // What wakes an accept.
    protocol::socket knock{io_};
    knock.connect(protocol::endpoint{socket_});
    thread_.join();
  }

  outcome run(const std::string& arguments, const std::string& input = "/dev/null") const {
    return run_tool(folder.path, arguments, {}, input);
  }

  [[nodiscard]] std::vector<api_request> requests() const {
    auto lock = std::scoped_lock{mutex_};
    return requests_;
  }

  /// Those whose first line begins so.
  [[nodiscard]] std::vector<api_request> requests(const std::string& begin) const {
    std::vector<api_request> found;
    for (auto& one : requests())
      if (one.what.starts_with(begin))
        found.push_back(std::move(one));
    return found;
  }

  temporary_folder folder;

private:
  using protocol = boost::asio::local::stream_protocol;

  void serve() {
    for (;;) {
      protocol::socket peer{io_};
      acceptor_.accept(peer);
      if (stops())
        return;
      speak(peer);
    }
  }

  void speak(protocol::socket& peer) {
    namespace http = boost::beast::http;
    boost::system::error_code error;
    boost::beast::flat_buffer buffer;
    http::request_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    http::read(peer, buffer, parser, error);
    if (error)
      return;
    const auto& heard = parser.get();
    auto target = std::string{heard.target()};
    api_request request{std::string{heard.method_string()} + " "
                            + target.substr(std::string_view{"/api/v1"}.size()),
                        heard.body()};
    {
      auto lock = std::scoped_lock{mutex_};
      requests_.push_back(request);
    }
    auto reply = script_(request);
    if (reply.interrupts)
      interrupt(peer);
    if (reply.drops || reply.interrupts)
      return;
    http::response<http::string_body> answer{static_cast<http::status>(reply.status), 11};
    answer.body() = reply.body.dump();
    answer.prepare_payload();
    http::write(peer, answer, error);
  }

  static void interrupt(protocol::socket& peer) {
    ::ucred who{};
    ::socklen_t size = sizeof who;
    ::getsockopt(peer.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size);
    ::kill(who.pid, SIGINT);
    // It does not speak any more: what is read is its end.
    char byte = 0;
    boost::system::error_code ended;
    peer.read_some(boost::asio::buffer(&byte, 1), ended);
  }

  [[nodiscard]] bool stops() const {
    auto lock = std::scoped_lock{mutex_};
    return stops_;
  }

  mutable std::mutex mutex_;
  script script_;
  std::string socket_;
  std::vector<api_request> requests_;
  bool stops_ = false;
  boost::asio::io_context io_;
  protocol::acceptor acceptor_;
  std::thread thread_;
};

} // namespace mailfleet::testing
