#include "net/http_client.hpp"

#include "net/http_exchange.hpp"

#include <boost/asio/post.hpp>

#include <mutex>
#include <utility>
#include <vector>

namespace mailfleet::net {

namespace {

/// An exchange and the loop it runs on.
struct running_exchange {
  std::weak_ptr<http_exchange> exchange;
  boost::asio::io_context* context = nullptr;
};

class curl_http_client final : public http_client {
public:
  curl_http_client(event_loop& loop, http_settings settings)
    : loop_{loop}, settings_{std::make_shared<const http_settings>(std::move(settings))} {}

  ~curl_http_client() override {
    for (auto& [weak, context] : running_)
      if (auto exchange = weak.lock()) {
        exchange->answer(failure{errc::shutting_down, "The HTTP client stopped."});
        boost::asio::post(*context, [exchange] { exchange->abort(); });
      }
  }

  curl_http_client(const curl_http_client&) = delete;
  curl_http_client& operator=(const curl_http_client&) = delete;

  void send(http_request request, std::function<void(result<http_response>)> done) override {
    auto exchange = std::make_shared<http_exchange>(std::move(request), std::move(done));
    auto& context = loop_.next();
    remember(exchange, context);
    boost::asio::post(context, [exchange, settings = settings_, &context] {
      exchange->start(context.get_executor(), settings->proxy, settings->environment_proxy);
    });
  }

private:
  void remember(const std::shared_ptr<http_exchange>& exchange, boost::asio::io_context& context) {
    std::lock_guard lock{mutex_};
    // Those that ended are swept when the list has doubled: constant a request.
    if (running_.size() >= sweep_at_) {
      std::erase_if(running_, [](const auto& each) { return each.exchange.expired(); });
      sweep_at_ = 2 * running_.size() + 16;
    }
    running_.push_back({exchange, &context});
  }

  event_loop& loop_;
  const std::shared_ptr<const http_settings> settings_;
  std::mutex mutex_;
  std::vector<running_exchange> running_;
  std::size_t sweep_at_ = 16;
};

} // namespace

std::unique_ptr<http_client> make_http_client(event_loop& loop, http_settings settings) {
  return std::make_unique<curl_http_client>(loop, std::move(settings));
}

} // namespace mailfleet::net
