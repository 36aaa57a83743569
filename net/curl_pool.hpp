#pragma once

#include "net/curl_multi.hpp"

#include <boost/asio/execution_context.hpp>

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

  /// The multi handle of the HTTP requests, which are never mixed with sessions.
  [[nodiscard]] result<std::shared_ptr<curl_multi>>
  for_http(const boost::asio::any_io_executor& executor);

  /// Multi handles of sessions, for tests.
  [[nodiscard]] std::size_t session_groups() const noexcept {
    return sessions_.size();
  }

private:
  void shutdown() override;

  std::vector<std::shared_ptr<curl_multi>> sessions_;
  std::shared_ptr<curl_multi> http_;
};

} // namespace mailfleet::net
