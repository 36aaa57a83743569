#include "tools/daemon.hpp"

#include "actors/runtime.hpp"
#include "net/certificate_probe.hpp"
#include "net/connector.hpp"
#include "net/event_loop.hpp"
#include "net/http_client.hpp"
#include "net/imap_session.hpp"
#include "net/login_probe.hpp"
#include "net/sent_search.hpp"
#include "net/smtp_session.hpp"
#include "storage/compose_pool.hpp"
#include "storage/open.hpp"
#include "tools/haste.hpp"
#include "web/callback_listener.hpp"
#include "web/control_server.hpp"

#include <chrono>
#include <utility>

namespace mailfleet::tools {

namespace {

class system_clock : public mailfleet::clock {
public:
  [[nodiscard]] wall_time now() const override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

fleet_settings settings_of(const daemon_config& config) {
  fleet_settings settings;
  settings.process_budget_bytes = config.memory_budget;
  settings.mailbox_budget_bytes = config.mailbox_budget;
  settings.sign_in_origin = config.public_url;
  settings.token_rate = config.token_rate;
  hasten_from_environment(settings.doubt);
  return settings;
}

} // namespace

/// In the order of their making; they go the other way round.
struct daemon::parts {
  explicit parts(std::size_t threads) : loop{threads} {}

  std::shared_ptr<storage::openssl_random> random = std::make_shared<storage::openssl_random>();
  std::shared_ptr<commit_log> log;
  net::event_loop loop;
  std::shared_ptr<http_client> http;
  std::unique_ptr<net::connector> connector;
  std::unique_ptr<net::connector> submission_connector;
  std::shared_ptr<mail_session_factory> sessions;
  std::shared_ptr<send_session_factory> senders;
  std::shared_ptr<mail_composer> composer;
  std::shared_ptr<runtime> fleet;
  std::unique_ptr<web::control_server> control;
  std::unique_ptr<web::callback_listener> callback;
};

daemon::daemon(std::unique_ptr<parts> inside) : parts_{std::move(inside)} {}

daemon::~daemon() {
  parts_->callback.reset();
  parts_->control.reset();
  parts_->fleet->stop();
  // What still runs on the loops uses what goes next.
  parts_->loop.stop();
}

result<std::unique_ptr<daemon>> daemon::start(const daemon_config& config,
                                              std::shared_ptr<log_port> log,
                                              std::function<void(failure)> on_fatal) {
  auto inside = std::make_unique<parts>(config.threads);
  auto opened = storage::open({config.state, config.key_file}, *inside->random, on_fatal);
  if (!opened)
    return opened.error();
  inside->log = *std::move(opened);
  inside->http = net::make_http_client(
      inside->loop, {.proxy = config.proxy, .environment_proxy = config.use_environment_proxy});
  const net::connector_settings connecting{.proxy = config.proxy,
                                           .environment_proxy = config.use_environment_proxy};
  inside->connector = net::make_connector(connecting);
  inside->sessions =
      net::make_imap_session_factory(inside->loop, *inside->connector, *inside->random);
  inside->submission_connector = make_submission_connector(connecting);
  inside->senders =
      net::make_smtp_session_factory(inside->loop, *inside->submission_connector, net::host_name());
  inside->composer = storage::make_mail_composer(inside->log);
  world outside{.storage = inside->log,
                .http = inside->http,
                .sessions = inside->sessions,
                .senders = inside->senders,
                .composer = inside->composer,
                .sent_folders =
                    net::make_sent_search(inside->loop, *inside->connector, *inside->random),
                .certificates = net::make_certificate_probe(inside->loop, connecting),
                .probes = net::make_login_probe(inside->loop, connecting),
                .clock = std::make_shared<system_clock>(),
                .random = inside->random,
                .log = log};
  inside->fleet = std::make_shared<runtime>(std::move(outside), settings_of(config),
                                            MAILFLEET_VERSION, std::move(on_fatal));
  auto control = web::control_server::start(inside->loop.next(), inside->fleet, log,
                                            {.socket = config.socket});
  if (!control)
    return control.error();
  inside->control = *std::move(control);
  auto callback =
      web::callback_listener::start(inside->loop.next(), inside->fleet, log,
                                    {.address = config.callback_address,
                                     .port = config.callback_port,
                                     .certificate_file = config.callback_certificate.string(),
                                     .key_file = config.callback_key.string(),
                                     .public_origin = config.public_url});
  if (!callback)
    return callback.error();
  inside->callback = *std::move(callback);
  return std::unique_ptr<daemon>{new daemon{std::move(inside)}};
}

} // namespace mailfleet::tools
