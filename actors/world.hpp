#pragma once

#include "jobs/outbox_doubt.hpp"
#include "messages/ports/certificate_probe.hpp"
#include "messages/ports/clock.hpp"
#include "messages/ports/commit_log.hpp"
#include "messages/ports/http_client.hpp"
#include "messages/ports/log.hpp"
#include "messages/ports/login_probe.hpp"
#include "messages/ports/mail_composer.hpp"
#include "messages/ports/mail_session.hpp"
#include "messages/ports/random.hpp"
#include "messages/ports/send_session.hpp"
#include "messages/ports/sent_search.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace mailfleet {

/// The outside as the actors see it. Every port outlives the actor system.
struct world {
  std::shared_ptr<commit_log> storage;
  std::shared_ptr<http_client> http;
  std::shared_ptr<mail_session_factory> sessions;
  std::shared_ptr<send_session_factory> senders;
  std::shared_ptr<mail_composer> composer;
  std::shared_ptr<sent_search> sent_folders;
  std::shared_ptr<certificate_probe> certificates;
  std::shared_ptr<login_probe> probes;
  std::shared_ptr<mailfleet::clock> clock;
  std::shared_ptr<random_source> random;
  std::shared_ptr<log_port> log;
};

/// What an operator may set for the whole fleet.
struct fleet_settings {
  /// Bytes of mail between socket and disk, for the process and for one mailbox.
  std::size_t process_budget_bytes = 256 * 1024 * 1024;
  std::size_t mailbox_budget_bytes = 8 * 1024 * 1024;
  /// Requests to a provider's token endpoint in any one second, at most.
  std::size_t token_rate = 50;
  /// `http://localhost:8025`: where the callback listener is reached.
  std::string sign_in_origin;
  /// When mails in doubt are looked for.
  jobs::doubt_times doubt = {};
};

} // namespace mailfleet
