#include "net/curl_pool.hpp"

#include "net/limits.hpp"

#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>
#include <utility>

namespace mailfleet::net {

boost::asio::execution_context::id curl_pool::id;

curl_pool::curl_pool(boost::asio::execution_context& context)
  : boost::asio::execution_context::service{context} {}

curl_pool& curl_pool::of(const boost::asio::any_io_executor& executor) {
  return boost::asio::use_service<curl_pool>(
      boost::asio::query(executor, boost::asio::execution::context));
}

result<std::shared_ptr<curl_multi>>
curl_pool::for_session(const boost::asio::any_io_executor& executor) {
  auto has_room = [](const auto& multi) { return multi->size() < max_sessions_per_multi; };
  if (auto found = std::ranges::find_if(sessions_, has_room); found != sessions_.end())
    return *found;
  auto made = curl_multi::make(executor);
  if (made)
    sessions_.push_back(*made);
  return made;
}

result<std::shared_ptr<curl_multi>>
curl_pool::for_http(const boost::asio::any_io_executor& executor, const ca_store& store,
                    const proxy_settings& proxy) {
  auto now = std::chrono::steady_clock::now();
  auto agrees = [&](const auto& group) { return group.store == store && group.proxy == proxy; };
  if (auto found = std::ranges::find_if(http_, agrees); found != http_.end()) {
    found->used = now;
    return found->multi;
  }
  auto made = curl_multi::make(executor, max_kept_connections);
  if (!made)
    return made;
  http_.push_back({store, proxy, *made, now});
  if (!sweeper_)
    sweep_later(executor);
  return made;
}

void curl_pool::sweep_later(const boost::asio::any_io_executor& executor) {
  sweeper_ = std::make_unique<boost::asio::steady_timer>(executor, max_idle_connection);
  sweeper_->async_wait([this](boost::system::error_code error) {
    if (error)
      return;
    // libcurl looks at idle connections only when it has something to do.
    close_idle(std::chrono::steady_clock::now() - max_idle_connection);
    auto last = std::exchange(sweeper_, nullptr);
    if (!http_.empty())
      sweep_later(last->get_executor());
  });
}

void curl_pool::close_idle(std::chrono::steady_clock::time_point before) {
  std::erase_if(
      http_, [&](const auto& group) { return group.multi->size() == 0 && group.used <= before; });
}

void curl_pool::shutdown() {
  sweeper_.reset();
  sessions_.clear();
  http_.clear();
}

} // namespace mailfleet::net
