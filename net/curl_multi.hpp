#pragma once

#include "messages/values/result.hpp"
#include "net/curl.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>

namespace mailfleet::net {

/// Drives the transfers of one multi handle on one loop. All functions are for
/// that loop's thread.
class curl_multi : public std::enable_shared_from_this<curl_multi> {
public:
  /// `max_kept`: above so many connections, busy ones included, one that becomes idle is
  /// closed; 0: as libcurl likes, for transfers that share none.
  [[nodiscard]] static result<std::shared_ptr<curl_multi>>
  make(boost::asio::any_io_executor executor, long max_kept = 0);
  ~curl_multi();
  curl_multi(const curl_multi&) = delete;
  curl_multi& operator=(const curl_multi&) = delete;

  /// Starts a transfer; the handle stays the caller's, who calls `remove`
  /// before it frees it. `done` is called once, never from within `add`; it may
  /// call `remove`. With CURLOPT_CONNECT_ONLY the connection lives until then.
  [[nodiscard]] result<void> add(CURL* easy, std::function<void(CURLcode)> done);

  /// Ends the transfer, if it still runs, and closes its connection. `done` is
  /// not called any more.
  void remove(CURL* easy) noexcept;

  /// Handles added and not removed.
  [[nodiscard]] std::size_t size() const noexcept {
    return transfers_.size();
  }

private:
  struct watch;
  using steady_time = std::chrono::steady_clock::time_point;

  explicit curl_multi(boost::asio::any_io_executor executor);
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self,
                       void* known) noexcept;
  static int on_timer(CURLM* multi, long timeout_ms, void* self) noexcept;
  void watch_socket(curl_socket_t socket, int what);
  void wait(const std::shared_ptr<watch>& watched, int direction);
  void set_timer(long timeout_ms);
  void arm();
  void act(curl_socket_t socket, int events);
  void report_finished();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  /// When libcurl wants to be called, and when the timer fires; `max`: it does not.
  steady_time due_ = steady_time::max();
  steady_time armed_ = steady_time::max();
  std::map<curl_socket_t, std::shared_ptr<watch>> watches_;
  std::map<CURL*, std::function<void(CURLcode)>> transfers_;
  multi_handle multi_;
};

} // namespace mailfleet::net
