#pragma once

#include "messages/ports/http_client.hpp"
#include "net/curl_multi.hpp"
#include "net/curl_transport.hpp"
#include "net/http_answer.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>

namespace mailfleet::net {

/// One HTTP request on its way. Its callback is called exactly once, by the
/// destructor with `shutting_down` if by nothing before.
class http_exchange : public std::enable_shared_from_this<http_exchange> {
public:
  http_exchange(http_request request, std::function<void(result<http_response>)> done);
  ~http_exchange();
  http_exchange(const http_exchange&) = delete;
  http_exchange& operator=(const http_exchange&) = delete;

  /// Connects and sends; on the loop's thread.
  void start(const boost::asio::any_io_executor& executor, const proxy_settings& outer_proxy,
             bool environment_proxy);

  /// Answers, if nothing was answered yet. Any thread.
  void answer(result<http_response> what);

  /// Ends the transfer; on the loop's thread.
  void abort() noexcept;

private:
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  [[nodiscard]] result<void> prepare(const proxy_settings& outer_proxy, bool environment_proxy);
  [[nodiscard]] result<void> set_options();
  [[nodiscard]] result<void> set_headers();
  [[nodiscard]] result<void> forbid_reuse();
  void add_to(curl_multi& multi);
  void finish(CURLcode code);

  http_request request_;
  std::function<void(result<http_response>)> done_;
  std::atomic<bool> answered_ = false;
  http_answer answer_;
  slist_handle headers_;
  std::unique_ptr<curl_transport> transport_;
  /// Weak: until `finish`, the multi handle owns the exchange.
  std::weak_ptr<curl_multi> multi_;
};

} // namespace mailfleet::net
