#pragma once

#include "messages/values/records.hpp"
#include "net/ca_store.hpp"
#include "net/curl_multi.hpp"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace mailfleet::net {

/// One loop's share of libcurl: its multi handles.
/// A service of the io_context, so that it is found by the executor a coroutine
/// runs on and goes with the loop. For that loop's thread only.
class curl_pool final : public boost::asio::execution_context::service {
public:
  static boost::asio::execution_context::id id;

  explicit curl_pool(boost::asio::execution_context& context);

  [[nodiscard]] static curl_pool& of(const boost::asio::any_io_executor& executor);

  /// A multi handle with room for one more session.
  [[nodiscard]] result<std::shared_ptr<curl_multi>>
  for_session(const boost::asio::any_io_executor& executor);

  /// The multi handle of the HTTP requests that trust `store` and go through
  /// `proxy`: their connections are kept for the next one for
  /// `max_idle_connection`. Never mixed with sessions.
  [[nodiscard]] result<std::shared_ptr<curl_multi>>
  for_http(const boost::asio::any_io_executor& executor, const ca_store& store,
           const proxy_settings& proxy);

  /// Multi handles of sessions, for tests.
  [[nodiscard]] std::size_t session_groups() const noexcept {
    return sessions_.size();
  }

  /// Closes the HTTP connections of groups that nobody has used since `before`.
  /// The pool does it itself after `max_idle_connection`.
  void close_idle(std::chrono::steady_clock::time_point before);

  /// Groups of HTTP connections, for tests.
  [[nodiscard]] std::size_t http_groups() const noexcept {
    return http_.size();
  }

private:
  /// HTTP requests that may take over each other's connections.
  struct http_group {
    ca_store store;
    proxy_settings proxy;
    std::shared_ptr<curl_multi> multi;
    std::chrono::steady_clock::time_point used{};
  };

  void shutdown() override;
  void sweep_later(const boost::asio::any_io_executor& executor);

  std::vector<std::shared_ptr<curl_multi>> sessions_;
  std::vector<http_group> http_;
  /// Runs while there are groups.
  std::unique_ptr<boost::asio::steady_timer> sweeper_;
};

} // namespace mailfleet::net
