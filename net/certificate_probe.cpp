#include "net/certificate_probe.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace mailfleet::net {

namespace {

class imap_certificate_probe final : public mailfleet::certificate_probe {
public:
  imap_certificate_probe(event_loop& loop, connector_settings settings)
    : loop_{loop}, settings_{std::move(settings)} {}

  void probe(endpoint server, std::function<void(result<offered_certificate>)> done) override {
    boost::asio::co_spawn(
        loop_.next(), probe_certificate(settings_, mail_protocol::imap, std::move(server)),
        [done = std::move(done)](const std::exception_ptr& thrown,
                                 result<offered_certificate> seen) {
          done(thrown ? failure{errc::internal, "the look at the certificate failed"}
                      : std::move(seen));
        });
  }

private:
  event_loop& loop_;
  const connector_settings settings_;
};

} // namespace

std::unique_ptr<certificate_probe> make_certificate_probe(event_loop& loop,
                                                          connector_settings settings) {
  return std::make_unique<imap_certificate_probe>(loop, std::move(settings));
}

} // namespace mailfleet::net
