#include "tools/haste.hpp"

#ifdef MAILFLEET_FAIL_POINTS

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <span>
#include <string_view>
#include <utility>

namespace mailfleet::tools {

namespace {

using std::chrono::milliseconds;

/// A good server on a busy machine keeps to it.
constexpr milliseconds least_deadline{2'000};

int divisor_from(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 1 : std::max(std::atoi(text), 1);
}

milliseconds hastened(milliseconds deadline, int divisor) {
  return std::min(deadline, std::max(deadline / divisor, least_deadline));
}

class hasty_stream final : public net::byte_stream {
public:
  hasty_stream(std::unique_ptr<net::byte_stream> inner, int divisor)
    : inner_{std::move(inner)}, divisor_{divisor} {}

  boost::asio::awaitable<result<net::read_outcome>> read_some(std::span<char> into,
                                                              milliseconds deadline) override {
    return inner_->read_some(into, hastened(deadline, divisor_));
  }
  boost::asio::awaitable<result<void>> write_all(std::string_view bytes,
                                                 milliseconds deadline) override {
    return inner_->write_all(bytes, hastened(deadline, divisor_));
  }
  void wake() noexcept override {
    inner_->wake();
  }
  [[nodiscard]] std::string_view peer_certificate_sha256() const noexcept override {
    return inner_->peer_certificate_sha256();
  }

private:
  const std::unique_ptr<net::byte_stream> inner_;
  const int divisor_;
};

class hasty_connector final : public net::connector {
public:
  hasty_connector(std::unique_ptr<net::connector> inner, int divisor)
    : inner_{std::move(inner)}, divisor_{divisor} {}

  boost::asio::awaitable<result<std::unique_ptr<net::byte_stream>>>
  connect(net::mail_protocol protocol, endpoint server) override {
    auto stream = co_await inner_->connect(protocol, std::move(server));
    if (!stream)
      co_return std::move(stream).error();
    co_return std::unique_ptr<net::byte_stream>{
        std::make_unique<hasty_stream>(*std::move(stream), divisor_)};
  }

private:
  const std::unique_ptr<net::connector> inner_;
  const int divisor_;
};

} // namespace

void hasten_from_environment(jobs::doubt_times& times) {
  int divisor = divisor_from("MAILFLEET_DOUBT_DIVISOR");
  for (auto& age : times.search_at)
    age = std::max(age / divisor, std::chrono::seconds{1});
  times.search_every = std::max(times.search_every / divisor, std::chrono::seconds{1});
  times.least_age /= divisor;
  times.patience /= divisor;
}

std::unique_ptr<net::connector> make_submission_connector(net::connector_settings settings) {
  int divisor = divisor_from("MAILFLEET_SUBMISSION_DIVISOR");
  settings.deadline = hastened(settings.deadline, divisor);
  auto plain = net::make_connector(std::move(settings));
  if (divisor == 1)
    return plain;
  return std::make_unique<hasty_connector>(std::move(plain), divisor);
}

} // namespace mailfleet::tools

#else

#include <utility>

namespace mailfleet::tools {

void hasten_from_environment(jobs::doubt_times&) {}

std::unique_ptr<net::connector> make_submission_connector(net::connector_settings settings) {
  return net::make_connector(std::move(settings));
}

} // namespace mailfleet::tools

#endif
