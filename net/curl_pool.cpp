#include "net/curl_pool.hpp"

#include "net/limits.hpp"

#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>

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
curl_pool::for_http(const boost::asio::any_io_executor& executor) {
  if (http_)
    return http_;
  auto made = curl_multi::make(executor);
  if (made)
    http_ = *made;
  return made;
}

void curl_pool::shutdown() {
  sessions_.clear();
  http_.reset();
}

} // namespace mailfleet::net
