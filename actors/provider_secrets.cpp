#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "actors/provider.hpp"
#include "jobs/client_secrets.hpp"
#include "jobs/diagnosis.hpp"

#include <algorithm>
#include <utility>

/// A provider's client secrets by time, and what others see of the provider.
namespace mailfleet {

namespace {

std::string detail_of(const jobs::secret_notice& notice) {
  return "{\"secret\":" + std::to_string(notice.number) + ",\"days\":" + std::to_string(notice.days)
         + "}";
}

} // namespace

// -- client secrets ----------------------------------------------------------

/// Tells once of what time alone has changed, and plans the next look.
void provider_machine::look_at_secrets() {
  tell_of_secrets();
  publish();
  plan_secrets();
}

void provider_machine::tell_of_secrets() {
  auto next = record_;
  auto notices = jobs::take_notices(next, jobs::numbers_of(endpoint_->refused_secrets()), now());
  if (notices.empty())
    return;
  commit_request change;
  change.preconditions.push_back({key_of(record_), record_.header.version});
  ++next.header.version;
  change.puts.emplace_back(next);
  for (const auto& notice : notices) {
    auto kind = notice.days == 0 ? event_kind::secret_expired : event_kind::secret_expiring;
    auto event = draft_event(kind, record_.id, now());
    event.detail = detail_of(notice);
    change.events.push_back(std::move(event));
    around_.outside.log->write(log_level::warning, to_string(kind),
                               {{"provider", record_.name},
                                {"secret", std::to_string(notice.number)},
                                {"days", std::to_string(notice.days)}});
  }
  // If the record changed beside us `renew` comes, and tells what was not told.
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, next](const commit_receipt&) {
            if (record_.header.version + 1 == next.header.version)
              record_ = next;
          },
          [](const caf::error&) {});
}

void provider_machine::plan_secrets() {
  auto next = jobs::next_secret_change(record_.secrets, now());
  if (!next)
    return;
  // Timers of months drift against the wall clock, which may be set.
  auto wait = std::min<std::chrono::seconds>(*next - now(), longest_secret_wait);
  send_later(self_, wait, secrets_due{++secrets_plan_});
}

void provider_machine::on_secrets_due(const secrets_due& look) {
  if (look.plan == secrets_plan_)
    look_at_secrets();
}

/// What is under way stays: a refresh that was sent with another secret is answered.
void provider_machine::renew(provider_record next) {
  expect_listing_of(next);
  record_ = std::move(next);
  endpoint_->renew(record_);
  gate_.open();
  look_at_secrets();
  mended();
}

void provider_machine::on_secret_refused(std::uint32_t number, const jobs::token_fault& why) {
  around_.outside.log->write(log_level::warning, "secret_refused",
                             {{"provider", record_.name},
                              {"secret", std::to_string(number)},
                              {"code", std::string{why.diagnosis}},
                              {"evidence", why.evidence}});
  append(record_.id, event_kind::secret_refused,
         "{\"secret\":" + std::to_string(number) + ",\"code\":\"" + std::string{why.diagnosis}
             + "\"}");
  publish();
}

// -- what others see ---------------------------------------------------------

provider_view provider_machine::view() const {
  provider_view shown;
  shown.record = without_secrets(record_);
  const auto& refused = endpoint_->refused_secrets();
  shown.secrets = jobs::secret_views(record_, refused, now());
  shown.refreshes = refreshes_;
  shown.last_expiry_look = expiry_.last;
  shown.state = jobs::secrets_state(record_, jobs::numbers_of(refused), now());
  jobs::diagnosis_subject about{.mailbox = {}, .provider = record_.name};
  if (gate_.is_closed()) {
    if (shown.state == provider_state::ready || shown.state == provider_state::secret_expiring)
      shown.state =
          is_temporary(gate_.fault().code) ? provider_state::outage : provider_state::misconfigured;
    shown.trouble = jobs::diagnose(gate_.fault(), about, gate_.since(), gate_.until());
  } else if (auto code = jobs::secrets_trouble(shown.state)) {
    shown.trouble = jobs::diagnose(*code, jobs::secrets_evidence(record_, refused), about,
                                   shown.state == told_state_ ? told_at_ : now(), {});
  }
  return shown;
}

void provider_machine::publish() {
  auto shown = view();
  if (std::exchange(told_state_, shown.state) != shown.state) {
    told_at_ = now();
    around_.outside.log->write(log_level::info, "provider state",
                               {{"provider", record_.name},
                                {"state", std::string{to_string(shown.state)}},
                                {"code", shown.trouble ? shown.trouble->code : std::string{}}});
    append(record_.id, event_kind::provider_state,
           "{\"state\":\"" + std::string{to_string(shown.state)} + "\""
               + (shown.trouble ? ",\"code\":\"" + shown.trouble->code + "\"" : "") + "}");
  }
  self_->send(around_.parent, provider_changed{std::move(shown)});
}

/// A missed event is no loss: what it tells of can be seen elsewhere too.
void provider_machine::append(entity_id about, event_kind kind, std::string detail) {
  auto event = draft_event(kind, about, now());
  event.detail = std::move(detail);
  commit_request change;
  change.events.push_back(std::move(event));
  self_->request(around_.store, until_answered, std::move(change))
      .then([](const commit_receipt&) {}, [](const caf::error&) {});
}

} // namespace mailfleet
