#pragma once

#include "messages/ports/mail_session.hpp"
#include "net/imap_body.hpp"
#include "net/imap_connection.hpp"
#include "net/imap_fetch_plan.hpp"
#include "net/imap_limits.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace mailfleet::net {

/// The coroutine behind a session. It keeps itself alive until it ends; all of
/// it but `give`, `close` and the guard of `report` runs on its context's thread.
class imap_session_core : public std::enable_shared_from_this<imap_session_core> {
public:
  struct fetch_above {
    std::uint32_t after = 0;
  };
  struct fetch_single {
    std::uint32_t number = 0;
  };
  struct find_day {
    wall_time day{};
  };
  struct begin_watch {};
  struct carry_out {
    std::uint32_t number = 0;
    server_action action = server_action::none;
    std::string target;
  };
  using order = std::variant<fetch_above, fetch_single, find_day, begin_watch, carry_out>;

  imap_session_core(boost::asio::io_context& context, connector& connect, random_source& random,
                    session_settings settings, std::function<void(session_event)> report);

  // -- any thread

  void start();
  void give(order what);
  void close();

private:
  using refused_uid = std::optional<std::uint32_t>;

  // -- the whole life

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<failure> converse();
  boost::asio::awaitable<result<void>> log_in();
  boost::asio::awaitable<result<void>> select_inbox();
  boost::asio::awaitable<result<order>> next_order();
  boost::asio::awaitable<result<void>> obey(order what);
  void end(failure reason);
  void report(session_event what);

  // -- fetching (imap_fetch.cpp, imap_listing.cpp)

  boost::asio::awaitable<result<void>> fetch(std::uint32_t after);
  boost::asio::awaitable<result<void>> fetch_one(std::uint32_t number);
  /// Fetches until the plan is finished or a message is refused, which it names.
  boost::asio::awaitable<result<refused_uid>> fetch_planned(fetch_plan& plan);
  boost::asio::awaitable<result<void>> send_asks(fetch_plan& plan);
  boost::asio::awaitable<result<void>> read_mail(step_clock& span, std::uint64_t& span_began);
  boost::asio::awaitable<result<void>> take_bytes(std::string_view bytes);
  boost::asio::awaitable<result<credit>> take_credit(std::size_t bytes);
  void begin_body(fetch_plan& plan, const imap::body_begin& begun);
  result<void> end_message(fetch_plan& plan, const imap::fetched& message);
  result<void> end_command(fetch_plan& plan, const imap::command_done& done);
  /// Whether the server still has the message, once it had its say.
  boost::asio::awaitable<result<bool>> still_there(std::uint32_t uid);
  void flush();
  boost::asio::awaitable<result<void>> list_window();
  boost::asio::awaitable<result<std::vector<listed_message>>> list(imap::uid_range window);
  boost::asio::awaitable<result<void>> find_since(wall_time day);
  /// Learns UIDNEXT from a server that does not say it.
  boost::asio::awaitable<result<void>> learn_next_uid();

  // -- watching and acting (imap_watch.cpp, imap_actions.cpp)

  boost::asio::awaitable<result<void>> watch();
  boost::asio::awaitable<result<void>> idle();
  boost::asio::awaitable<result<bool>> begin_idle(std::uint32_t command);
  boost::asio::awaitable<result<void>> hold_idle();
  boost::asio::awaitable<result<void>> poll(std::chrono::milliseconds wait);
  void report_watching();
  void report_news();
  boost::asio::awaitable<result<void>> act(carry_out what);
  boost::asio::awaitable<result<std::optional<failure>>> act_on_server(carry_out what);
  boost::asio::awaitable<result<std::optional<failure>>> attempt(std::string text,
                                                                 std::string_view doing);
  boost::asio::awaitable<result<std::optional<failure>>> expunge(std::string uid);
  boost::asio::awaitable<result<std::optional<failure>>> move(std::string uid, std::string target);

  // -- members

  boost::asio::io_context& context_;
  connector& connector_;
  random_source& random_;
  session_settings settings_;

  /// Guards `report_` and `closed_`: recursive, because a report may close.
  std::recursive_mutex report_mutex_;
  std::function<void(session_event)> report_;
  bool closed_ = false;

  // Of the context's thread.
  std::unique_ptr<imap_connection> connection_;
  std::deque<order> orders_;
  bool closing_ = false;
  bool ended_ = false;
  bool overrun_ = false;
  /// Ends the wait for credit.
  boost::asio::steady_timer credit_returned_;
  body_collector collector_;
  /// A body is being kept.
  bool keeping_ = false;
  /// The UID of that body; 0: not known yet.
  std::uint32_t keeping_uid_ = 0;
  /// Commands of the plan under way: the engine's number and the plan's.
  std::vector<std::pair<std::uint32_t, std::size_t>> asked_;
  /// What `fetch` goes on with: the rest of a window, and where the next begins.
  fetch_plan plan_;
  std::uint32_t next_window_ = 1;
  std::uint32_t window_width_ = imap_limits::listed_uids;
  bool last_window_ = true;
  /// The highest number that `fetch` covered, and whether it stopped early there.
  std::uint32_t covered_ = 0;
  bool stopped_early_ = false;
  /// The message under way when a fetch broke off.
  std::optional<std::uint32_t> broke_at_;
  /// This server does not keep to the sizes it lists: they say nothing.
  bool sizes_vary_ = false;
  /// Watching has been reported since the watch began.
  bool watching_ = false;
  bool idle_refused_ = false;
};

} // namespace mailfleet::net
