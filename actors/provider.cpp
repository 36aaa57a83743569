#include "actors/provider.hpp"

#include "actors/guard.hpp"
#include "actors/limits.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace mailfleet {

namespace {

/// A grant of which nothing is durable yet.
grant_record unwritten_grant_of(entity_id owner) {
  grant_record grant;
  grant.header.version = 0;
  grant.owner = owner;
  return grant;
}

} // namespace

failure no_sign_in_needed() {
  return {errc::invalid_argument, "the provider signs in as an app; its mailboxes need no sign-in"};
}

void provider_machine::init(provider_surroundings around, provider_record who) {
  around_ = std::move(around);
  record_ = std::move(who);
  endpoint_ = std::make_unique<token_endpoint>(self_, around_.outside, record_,
                                               around_.settings.token_rate);
  desk_ = std::make_unique<sign_in_desk>(record_.id, *around_.outside.random);
  endpoint_->on_secret_refused([this](std::uint32_t number, const jobs::token_fault& why) {
    on_secret_refused(number, why);
  });
  self_->set_exit_handler([this](caf::exit_msg& exit) { on_exit(exit); });
  look_at_secrets();
  plan_expiry(jobs::first_expiry_wait(fraction()));
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
  auto owner = grant_owner(request.owner);
  if (is_app_only())
    app_users_.insert(request.owner);
  auto& account = accounts_[owner];
  account.waiting.push_back(promise);
  account.hurry = account.hurry || request.hurry;
  if (!std::exchange(account.in_use, true) && account.grant)
    plan_refresh(owner);
  if (account.grant && request.refused_grant != wall_time{} && !is_young(*account.grant))
    account.grant = jobs::apply_mail_refusal(*std::move(account.grant), request.refused_grant);
  if (!account.busy)
    serve(owner);
  return promise;
}

/// Whether a token that all mailboxes share is too new to be replaced for one of them.
bool provider_machine::is_young(const grant_record& grant) const {
  return is_app_only() && now() < grant.access_granted_at + jobs::shared_token_least_age;
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
  if (!can_refresh(grant))
    return settle(owner, failure{errc::sign_in_required, "nobody has signed in yet"});
  bool hurry = std::exchange(account.hurry, false);
  if (!hurry && now() < account.not_before && now() >= account.refused_at)
    return settle(owner, account.last_fault);
  if (!gate_.admit(owner, now(), hurry))
    return settle(owner, gate_.fault().as_failure());
  refresh(owner, jobs::refresh_with::current);
}

void provider_machine::load(entity_id owner) {
  accounts_[owner].busy = true;
  self_->request(around_.store, until_answered, read_record{grant_key(owner)})
      .then(
          [this, owner](record_read& answer) {
            auto& account = accounts_[owner];
            account.busy = false;
            if (answer.found)
              account.grant = std::get<grant_record>(*std::move(answer.found));
            else if (is_app_only())
              account.grant = unwritten_grant_of(owner);
            else
              return settle(owner, failure{errc::sign_in_required, "nobody has signed in yet"});
            plan_refresh(owner);
            serve(owner);
          },
          [this, owner](const caf::error& what) {
            accounts_[owner].busy = false;
            settle(owner, as_failure(what));
          });
}

void provider_machine::forget(entity_id owner) {
  if (is_app_only())
    return leave_app(owner);
  gate_.forget(owner);
  std::erase_if(devices_, [owner](const auto& entry) { return entry.second.mailbox.id == owner; });
  settle(owner, failure{errc::not_found, "the mailbox was removed"});
  accounts_.erase(owner);
}

/// The token that all share is refreshed ahead of need as long as one of them works. It
/// can be had anew at any time, so nothing need keep it alive.
void provider_machine::leave_app(entity_id mailbox) {
  app_users_.erase(mailbox);
  if (auto shared = accounts_.find(record_.id); shared != accounts_.end() && app_users_.empty())
    shared->second.in_use = false;
}

void provider_machine::rest(entity_id owner) {
  if (is_app_only())
    return leave_app(owner);
  auto& account = accounts_[owner];
  account.in_use = false;
  if (account.grant)
    plan_refresh(owner);
  else if (!account.busy)
    load(owner);
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
      [self](const begin_mailbox_device_sign_in& request) {
        return self->state.begin_device(request);
      },
      [self](const begin_consent&) { return self->state.ask_consent(); },
      [self](const forget_grant& news) { self->state.forget(news.owner); },
      [self](const grant_idle& news) { self->state.rest(news.owner); },
      [self](http_answered& answer) { self->state.on_answer(answer); },
      [self](const refresh_due& due) { self->state.on_refresh_due(due); },
      [self](const device_poll_due& due) { self->state.on_device_poll_due(due); },
      [self](const secrets_due& due) { self->state.on_secrets_due(due); },
      [self](const expiry_due& due) { self->state.on_expiry_due(due); },
      [self](const look_at_provider&) { return self->state.examine(); },
      [self](const look_for_expiry&) { return self->state.read_expiry(); },
      [self](renew_secrets& news) { self->state.renew(std::move(news.record)); },
  };
}

} // namespace mailfleet
