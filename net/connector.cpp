#include "net/connector.hpp"

#include "net/curl_stream.hpp"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace mailfleet::net {

namespace {

class curl_connector final : public connector {
public:
  explicit curl_connector(connector_settings settings) : settings_{std::move(settings)} {}

  boost::asio::awaitable<result<std::unique_ptr<byte_stream>>> connect(mail_protocol protocol,
                                                                       endpoint server) override {
    auto rule = server.pin_sha256.empty() ? admission_rule::by_ca : admission_rule::by_pin;
    auto session = curl_session::prepare(settings_, rule, protocol, server);
    if (!session)
      co_return std::move(session).error();
    if (auto connected = co_await (*session)->connect(settings_.deadline); !connected)
      co_return std::move(connected).error();
    co_return curl_stream::take_over(*std::move(session),
                                     co_await boost::asio::this_coro::executor);
  }

private:
  const connector_settings settings_;
};

} // namespace

std::unique_ptr<connector> make_connector(connector_settings settings) {
  return std::make_unique<curl_connector>(std::move(settings));
}

boost::asio::awaitable<result<offered_certificate>>
probe_certificate(connector_settings settings, mail_protocol protocol, endpoint server) {
  auto session = curl_session::prepare(settings, admission_rule::nobody, protocol, server);
  if (!session)
    co_return std::move(session).error();
  auto connected = co_await (*session)->connect(settings.deadline);
  if (const auto& offered = (*session)->transport().admission().offered())
    co_return *offered;
  if (connected)
    co_return failure{errc::tls_failed,
                      (*session)->transport().where() + " showed no certificate."};
  co_return std::move(connected).error();
}

} // namespace mailfleet::net
