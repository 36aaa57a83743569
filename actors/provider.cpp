#include "actors/provider.hpp"

#include "actors/guard.hpp"
#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "jobs/client_secrets.hpp"
#include "jobs/diagnosis.hpp"
#include "jobs/retry.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace mailfleet {

namespace {

bool needs_person(errc code) {
  return code == errc::sign_in_required || code == errc::consent_required
         || code == errc::account_disabled;
}

} // namespace

void provider_machine::init(provider_surroundings around, provider_record who) {
  around_ = std::move(around);
  record_ = std::move(who);
  endpoint_ = std::make_unique<token_endpoint>(self_, around_.outside, record_);
  desk_ = std::make_unique<sign_in_desk>(record_.id, *around_.outside.random);
  self_->set_exit_handler([this](caf::exit_msg& exit) { on_exit(exit); });
  publish();
}

/// A token that was answered and is not durable yet may be the only good one: the
/// provider stays until it is, or until it is told twice.
void provider_machine::on_exit(const caf::exit_msg& exit) {
  if (std::exchange(stopping_, true) || is_idle())
    return self_->quit(exit.reason);
  caf::delayed_anon_send(caf::actor_cast<caf::actor>(self_), stop_grace,
                         caf::exit_msg{self_->address(), exit.reason});
}

bool provider_machine::is_idle() const {
  return redeeming_ == 0
         && std::ranges::none_of(accounts_, [](const auto& entry) { return entry.second.busy; });
}

// -- tokens ------------------------------------------------------------------

caf::result<token_granted> provider_machine::token(const request_token& request) {
  auto promise = self_->make_response_promise<token_granted>();
  auto& account = accounts_[request.owner];
  account.waiting.push_back(promise);
  if (!std::exchange(account.in_use, true) && account.grant)
    plan_refresh(request.owner);
  if (account.grant && request.refused_grant != wall_time{})
    account.grant = jobs::apply_mail_refusal(*std::move(account.grant), request.refused_grant);
  if (!account.busy)
    serve(request.owner);
  return promise;
}

/// Takes the next step towards an answer for all who wait.
void provider_machine::serve(entity_id owner) {
  auto& account = accounts_[owner];
  if (!account.grant)
    return load(owner);
  if (account.waiting.empty())
    return settle(owner, std::nullopt);
  const auto& grant = *account.grant;
  if (jobs::is_usable(grant, now()))
    return settle(owner, std::nullopt);
  if (!jobs::can_refresh(grant))
    return settle(owner, failure{errc::sign_in_required, "nobody has signed in yet"});
  if (now() < account.not_before)
    return settle(owner, account.last_fault);
  refresh(owner, jobs::refresh_with::current);
}

void provider_machine::load(entity_id owner) {
  accounts_[owner].busy = true;
  self_->request(around_.store, answer_timeout, read_record{grant_key(owner)})
      .then(
          [this, owner](record_read& answer) {
            auto& account = accounts_[owner];
            account.busy = false;
            if (!answer.found)
              return settle(owner, failure{errc::sign_in_required, "nobody has signed in yet"});
            account.grant = std::get<grant_record>(*std::move(answer.found));
            plan_refresh(owner);
            serve(owner);
          },
          [this, owner](const caf::error& what) {
            accounts_[owner].busy = false;
            settle(owner, as_failure(what));
          });
}

void provider_machine::refresh(entity_id owner, jobs::refresh_with with) {
  auto& account = accounts_[owner];
  account.busy = true;
  endpoint_->refresh(
      jobs::refresh_token_of(*account.grant, with), account.grant->scope, account.failures,
      [this, owner, with, asked_for = account.grant->header.version](token_endpoint::reply reply) {
        on_reply(owner, with, asked_for, std::move(reply));
      });
}

void provider_machine::on_reply(entity_id owner, jobs::refresh_with with, std::uint64_t asked_for,
                                token_endpoint::reply reply) {
  auto found = accounts_.find(owner);
  if (found == accounts_.end())
    return;
  // A sign-in came between: what is told of the older grant is nothing to the new one.
  if (!found->second.grant || found->second.grant->header.version != asked_for) {
    found->second.busy = false;
    return serve(owner);
  }
  if (const auto* fault = std::get_if<jobs::token_fault>(&reply))
    return on_fault(owner, with, *fault);
  ++refreshes_;
  if (std::exchange(outage_, std::nullopt))
    publish();
  found->second.failures = 0;
  write(owner,
        jobs::apply_answer(*found->second.grant, std::get<token_answer>(reply), with, now(),
                           fraction()),
        std::nullopt);
}

void provider_machine::on_fault(entity_id owner, jobs::refresh_with with,
                                const jobs::token_fault& fault) {
  auto& account = accounts_[owner];
  ++account.failures;
  around_.outside.log->write(log_level::warning, "token refresh failed",
                             {{"provider", record_.name},
                              {"mailbox", to_string(owner)},
                              {"code", std::string{fault.diagnosis}},
                              {"evidence", fault.evidence}});
  if (fault.code == errc::sign_in_required)
    if (auto other = jobs::fall_back(*account.grant, with))
      return refresh(owner, *other);
  if (fault.provider_wide && !outage_) {
    outage_ = fault;
    outage_since_ = now();
    publish();
  }
  account.last_fault = fault.as_failure();
  if (needs_person(fault.code)) {
    auto parked = jobs::park(*account.grant, fault.diagnosis, now());
    account.not_before = jobs::next_parked_try(parked, now());
    return write(owner, std::move(parked), account.last_fault);
  }
  auto wait = jobs::token_wait(fault, account.failures, fraction());
  account.not_before = now() + std::chrono::ceil<std::chrono::seconds>(wait);
  account.busy = false;
  look_again(owner, wait);
  settle(owner, account.last_fault);
}

/// Makes the grant durable; only then is it ours and may be used.
void provider_machine::write(entity_id owner, grant_record next,
                             std::optional<failure> then_refuse) {
  commit_request change;
  change.preconditions.push_back({grant_key(owner), accounts_[owner].grant->header.version});
  change.puts.emplace_back(next);
  self_->request(around_.store, commit_timeout, std::move(change))
      .then(
          [this, owner, next, then_refuse](const commit_receipt&) {
            auto& account = accounts_[owner];
            account.busy = false;
            account.grant = next;
            plan_refresh(owner);
            settle(owner, then_refuse);
          },
          [this, owner, next, then_refuse](const caf::error& what) {
            on_write_failed(owner, {next, then_refuse}, as_failure(what));
          });
}

/// A record that changed meanwhile is read again. Anything else says nothing of the
/// token, which may be the only good one: it is written until the store takes it.
void provider_machine::on_write_failed(entity_id owner, unwritten_grant what, const failure& why) {
  auto& account = accounts_[owner];
  if (why.code == errc::overloaded || why.code == errc::timed_out) {
    account.unwritten = std::move(what);
    return look_again(owner, rewrite_wait);
  }
  account.busy = false;
  account.grant.reset();
  settle(owner, why);
}

/// Answers all who wait for this owner's token.
void provider_machine::settle(entity_id owner, const std::optional<failure>& refused) {
  auto& account = accounts_[owner];
  for (auto& promise : std::exchange(account.waiting, {})) {
    if (refused)
      promise.deliver(as_error(*refused));
    else
      promise.deliver(token_granted{account.grant->access_token, account.grant->access_granted_at,
                                    account.grant->access_expires_at});
  }
  if (stopping_ && is_idle())
    self_->quit(caf::exit_reason::user_shutdown);
}

void provider_machine::plan_refresh(entity_id owner) {
  const auto& account = accounts_[owner];
  // A token that waits to be written has a look of its own, which must not be void.
  if (account.unwritten)
    return;
  if (auto when = jobs::next_refresh(*account.grant, account.in_use))
    look_again(owner, std::max(*when - now(), std::chrono::seconds{0}));
}

/// One look a grant is planned at most.
void provider_machine::look_again(entity_id owner, std::chrono::milliseconds wait) {
  auto plan = ++accounts_[owner].plan;
  send_later(self_, wait, refresh_due{owner, plan});
}

void provider_machine::on_refresh_due(const refresh_due& look) {
  auto owner = look.owner;
  auto found = accounts_.find(owner);
  if (found == accounts_.end() || !found->second.grant || found->second.plan != look.plan)
    return;
  if (auto again = std::exchange(found->second.unwritten, std::nullopt))
    return write(owner, std::move(again->grant), std::move(again->then_refuse));
  if (found->second.busy)
    return;
  auto when = jobs::next_refresh(*found->second.grant, found->second.in_use);
  if (!when)
    return;
  // The wall clock counts whole seconds, and may lag behind the timer.
  auto due = std::max(*when, found->second.not_before);
  if (due > now())
    return look_again(owner, due - now());
  refresh(owner, jobs::refresh_with::current);
}

void provider_machine::forget(entity_id owner) {
  settle(owner, failure{errc::not_found, "the mailbox was removed"});
  accounts_.erase(owner);
}

void provider_machine::rest(entity_id owner) {
  auto& account = accounts_[owner];
  account.in_use = false;
  if (account.grant)
    plan_refresh(owner);
  else if (!account.busy)
    load(owner);
}

// -- what others see ---------------------------------------------------------

void provider_machine::publish() {
  provider_view shown;
  shown.record = without_secrets(record_);
  for (const auto& held : record_.secrets)
    shown.secrets.push_back(
        {held.number, held.expires_at, held.added_at,
         !endpoint_->refused_secrets().contains(held.number) && !jobs::is_expired(held, now())});
  shown.refreshes = refreshes_;
  shown.state = jobs::secrets_state(record_, endpoint_->refused_secrets(), now());
  if (outage_) {
    if (shown.state == provider_state::ready || shown.state == provider_state::secret_expiring)
      shown.state = outage_->code == errc::provider_misconfigured ? provider_state::misconfigured
                                                                  : provider_state::outage;
    shown.trouble = jobs::diagnose(*outage_, {.mailbox = {}, .provider = record_.name},
                                   outage_since_, std::nullopt);
  }
  self_->send(around_.parent, provider_changed{std::move(shown)});
}

provider_actor::behavior_type provider(provider_actor::stateful_pointer<provider_machine> self,
                                       provider_surroundings around, provider_record who) {
  guard(self, around.outside.log, provider_machine::name);
  self->state.init(std::move(around), std::move(who));
  return {
      [self](const request_token& request) { return self->state.token(request); },
      [self](const begin_mailbox_sign_in& request) { return self->state.begin(request); },
      [self](const open_sign_in& request) { return self->state.open(request); },
      [self](const complete_sign_in& request) { return self->state.complete(request); },
      [self](const forget_grant& news) { self->state.forget(news.owner); },
      [self](const grant_idle& news) { self->state.rest(news.owner); },
      [self](http_answered& answer) { self->state.on_answer(answer); },
      [self](const refresh_due& due) { self->state.on_refresh_due(due); },
  };
}

} // namespace mailfleet
