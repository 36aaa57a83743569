#include "net/imap_session.hpp"

#include <utility>

namespace mailfleet::net {

namespace {

class imap_session_factory final : public mail_session_factory {
public:
  imap_session_factory(event_loop& loop, connector& connect, random_source& random)
    : loop_{loop}, connector_{connect}, random_{random} {}

  std::unique_ptr<mail_session> open(session_settings settings,
                                     std::function<void(session_event)> report) override {
    return open_imap_session(loop_.next(), connector_, random_, std::move(settings),
                             std::move(report));
  }

private:
  event_loop& loop_;
  connector& connector_;
  random_source& random_;
};

} // namespace

std::unique_ptr<mail_session_factory>
make_imap_session_factory(event_loop& loop, connector& connect, random_source& random) {
  return std::make_unique<imap_session_factory>(loop, connect, random);
}

} // namespace mailfleet::net
