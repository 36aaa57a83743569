#pragma once

#include "messages/ports/send_session.hpp"
#include "net/byte_stream.hpp"
#include "net/smtp_limits.hpp"
#include "net/step_clock.hpp"
#include "protocols/smtp/engine.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mailfleet::net {

/// The coroutine behind a session. It keeps itself alive until it ends; all of it but
/// `give`, `close` and the guard of `report` runs on its context's thread.
class smtp_session_core : public std::enable_shared_from_this<smtp_session_core> {
public:
  struct begin_attempt {
    submission what;
  };
  struct take_content {
    body_handle piece;
  };
  struct let_dot_go {};
  using order = std::variant<begin_attempt, take_content, let_dot_go>;

  smtp_session_core(boost::asio::io_context& context, connector& connect, std::string client,
                    send_settings settings, std::function<void(send_event)> report);

  // -- any thread

  void start();
  void give(order what);
  void close();

private:
  using milliseconds = std::chrono::milliseconds;
  /// What a step of the conversation looks for: true ends the step.
  using event_handler = std::function<bool(const smtp::event&)>;

  // -- the whole life

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<result<void>> converse();
  boost::asio::awaitable<result<order>> next_order(milliseconds patience);
  void end(const result<void>& how);
  void report(send_event what);

  // -- steps

  boost::asio::awaitable<result<void>> log_in();
  boost::asio::awaitable<result<void>> attempt(submission what);
  boost::asio::awaitable<result<void>> send_content(const submission& what);
  boost::asio::awaitable<result<body_handle>> next_piece(const submission& what,
                                                         std::uint32_t part);
  boost::asio::awaitable<result<void>> let_go();
  boost::asio::awaitable<void> quit();

  /// Exchanges bytes until `handler` has what it wants.
  boost::asio::awaitable<result<void>> advance(milliseconds deadline, event_handler handler);
  boost::asio::awaitable<result<void>> fill(milliseconds deadline);
  [[nodiscard]] std::optional<failure> fault_in(const smtp::event& what);
  bool take(const smtp::event& what);
  void finish_attempt();
  [[nodiscard]] send_phase phase() const;

  // -- members

  boost::asio::io_context& context_;
  connector& connector_;
  const std::string client_;
  send_settings settings_;

  /// Guards `report_` and `closed_`: recursive, because a report may close.
  std::recursive_mutex report_mutex_;
  std::function<void(send_event)> report_;
  bool closed_ = false;

  // Of the context's thread.
  std::unique_ptr<byte_stream> stream_;
  std::optional<smtp::engine> engine_;
  std::array<char, smtp_limits::buffer_bytes> buffer_{};
  std::deque<order> orders_;
  bool closing_ = false;
  bool ended_ = false;
  bool overrun_ = false;
  /// Of the attempt under way, and what the session's end is told with.
  send_report outcome_;
  std::vector<std::string> recipients_;
  bool attempting_ = false;
  bool logged_in_ = false;
  /// The end of the content, which goes with its dot.
  std::string tail_;
};

} // namespace mailfleet::net
