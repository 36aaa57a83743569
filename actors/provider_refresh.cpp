#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "actors/provider.hpp"
#include "jobs/retry.hpp"
#include "jobs/spread.hpp"

#include <algorithm>
#include <memory>
#include <utility>

/// A refresh from its request to the durable grant, and when the next one is due.
namespace mailfleet {

namespace {

bool needs_person(errc code) {
  return code == errc::sign_in_required || code == errc::consent_required
         || code == errc::account_disabled;
}

} // namespace

void provider_machine::refresh(entity_id owner, jobs::refresh_with with) {
  auto& account = accounts_[owner];
  account.busy = true;
  auto then = [this, owner, with,
               asked_for = account.grant->header.version](token_endpoint::reply reply) {
    on_reply(owner, with, asked_for, std::move(reply));
  };
  if (is_app_only())
    endpoint_->authenticate_app(account.failures, std::move(then));
  else
    endpoint_->refresh(jobs::refresh_token_of(*account.grant, with), account.grant->scope,
                       account.failures, std::move(then));
}

void provider_machine::on_reply(entity_id owner, jobs::refresh_with with, std::uint64_t asked_for,
                                token_endpoint::reply reply) {
  const auto* fault = std::get_if<jobs::token_fault>(&reply);
  bool is_wide = fault && is_provider_wide(*fault);
  bool closed = is_wide && close_gate(owner, *fault);
  if (!is_wide && gate_.open())
    mended();
  auto found = accounts_.find(owner);
  if (found == accounts_.end())
    return;
  // A sign-in came between: what is told of the older grant is nothing to the new one.
  if (!found->second.grant || found->second.grant->header.version != asked_for) {
    found->second.busy = false;
    return serve(owner);
  }
  if (fault)
    return on_fault(owner, with, *fault, closed);
  ++refreshes_;
  found->second.recovers = std::exchange(found->second.failures, 0) > 0;
  write(owner,
        jobs::apply_answer(*found->second.grant, std::get<token_answer>(std::move(reply)), with,
                           now(), fraction()),
        std::nullopt);
}

void provider_machine::on_fault(entity_id owner, jobs::refresh_with with,
                                const jobs::token_fault& fault, bool gate_closed) {
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
  account.last_fault = fault.as_failure();
  if (gate_closed) {
    account.busy = false;
    look_again(owner, gate_.until() - now());
    return settle(owner, account.last_fault);
  }
  if (needs_person(fault.code)) {
    auto parked = jobs::park(*account.grant, fault.diagnosis, now());
    account.not_before = jobs::next_parked_try(parked, now());
    account.refused_at = now();
    return write(owner, std::move(parked), account.last_fault);
  }
  auto wait = jobs::token_wait(fault, account.failures, fraction());
  account.not_before = now() + std::chrono::ceil<std::chrono::seconds>(wait);
  account.refused_at = now();
  account.busy = false;
  look_again(owner, wait);
  settle(owner, account.last_fault);
}

bool provider_machine::is_provider_wide(const jobs::token_fault& fault) const {
  return fault.provider_wide || is_app_only();
}

/// Those that wait for their turn with the endpoint have their answer too: what one
/// asks for all need not be asked by each.
bool provider_machine::close_gate(entity_id owner, const jobs::token_fault& fault) {
  auto until = gate_.until();
  if (!gate_.close(owner, fault, now(), fraction()))
    return false;
  if (gate_.until() != until)
    publish();
  endpoint_->fail_queued(fault);
  return true;
}

/// What all waited for has become good.
void provider_machine::mended() {
  publish();
  self_->send(around_.parent, provider_mended{record_.id});
}

/// Makes the grant durable; only then is it ours and may be used.
void provider_machine::write(entity_id owner, grant_record next,
                             std::optional<failure> then_refuse) {
  commit_request change;
  change.preconditions.push_back({grant_key(owner), accounts_[owner].grant->header.version});
  // The first grant of an app demands no other record: without this one it would outlive
  // a provider that was removed while the token was on its way.
  if (is_app_only())
    change.preconditions.push_back({key_of(record_), record_.header.version});
  change.puts.emplace_back(next);
  // Shared: each copy of a grant is four secrets, to be wiped.
  auto written = std::make_shared<grant_record>(std::move(next));
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, owner, written, then_refuse](const commit_receipt&) {
            auto& account = accounts_[owner];
            account.busy = false;
            account.grant = std::move(*written);
            plan_refresh(owner);
            settle(owner, then_refuse);
            if (!then_refuse && std::exchange(account.recovers, false))
              self_->send(around_.parent, provider_mended{record_.id});
          },
          [this, owner, written, then_refuse](const caf::error& what) {
            on_write_failed(owner, {std::move(*written), then_refuse}, as_failure(what));
          });
}

/// A record that changed meanwhile is read again. Anything else says nothing of the
/// token, which may be the only good one: it is written until the store takes it.
void provider_machine::on_write_failed(entity_id owner, unwritten_grant what, const failure& why) {
  if (why.code == errc::precondition_failed && is_app_only())
    return write_unless_removed(owner, std::move(what), why);
  auto& account = accounts_[owner];
  if (why.code == errc::overloaded) {
    account.unwritten = std::move(what);
    return look_again(owner, rewrite_wait);
  }
  account.busy = false;
  account.grant.reset();
  settle(owner, why);
}

/// A record that only changed, such as by another client secret, costs no token.
void provider_machine::write_unless_removed(entity_id owner, unwritten_grant what,
                                            const failure& why) {
  auto give_up = [this, owner](const failure& refused) {
    auto& account = accounts_[owner];
    account.busy = false;
    account.grant.reset();
    settle(owner, refused);
  };
  self_->request(around_.store, until_answered, read_record{key_of(record_)})
      .then(
          [this, owner, what = std::move(what), why, give_up](record_read& answer) {
            if (!answer.found)
              return give_up({errc::not_found, "the provider was removed"});
            auto found = std::get<provider_record>(*std::move(answer.found));
            if (found.header.version == record_.header.version)
              return give_up(why);
            record_ = std::move(found);
            endpoint_->renew(record_);
            write(owner, what.grant, what.then_refuse);
          },
          [give_up](const caf::error& unread) { give_up(as_failure(unread)); });
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
  if (auto when = next_refresh(account))
    look_again(owner, std::max(*when - now(), std::chrono::seconds{0}));
}

std::optional<wall_time> provider_machine::next_refresh(const grant_account& account) const {
  const auto& grant = *account.grant;
  if (is_app_only())
    return account.in_use ? std::optional{grant.refresh_at} : std::nullopt;
  return jobs::next_refresh(grant, account.in_use);
}

/// One look a grant is planned at most.
void provider_machine::look_again(entity_id owner, std::chrono::milliseconds wait) {
  auto plan = ++accounts_[owner].plan;
  auto until_tick = jobs::to_next_tick(self_->clock().now(), wait, refresh_tick);
  if (until_tick.count() <= 0)
    return send_later(self_, until_tick, refresh_due{owner, plan});
  // One timer a tick: CAF's clock wakes its thread for each.
  auto end = self_->clock().now() + until_tick;
  auto tick = static_cast<std::uint64_t>(end.time_since_epoch() / refresh_tick);
  auto& together = looks_[tick];
  together.push_back({owner, plan});
  if (together.size() == 1)
    send_later(self_, until_tick, refresh_due{{}, tick});
}

void provider_machine::on_refresh_due(const refresh_due& look) {
  if (!look.owner) {
    auto together = looks_.extract(look.plan);
    if (!together.empty())
      for (const auto& each : together.mapped())
        on_refresh_due(each);
    return;
  }
  auto owner = look.owner;
  auto found = accounts_.find(owner);
  if (found == accounts_.end() || !found->second.grant || found->second.plan != look.plan)
    return;
  if (auto again = std::exchange(found->second.unwritten, std::nullopt))
    return write(owner, std::move(again->grant), std::move(again->then_refuse));
  if (found->second.busy)
    return;
  auto when = next_refresh(found->second);
  if (!when)
    return;
  // The wall clock counts whole seconds, and may lag behind the timer.
  auto due = std::max(*when, found->second.not_before);
  if (due > now())
    return look_again(owner, due - now());
  if (!gate_.admit(owner, now()))
    return look_again(owner, std::max<std::chrono::milliseconds>(gate_.until() - now(), gate_look)
                                 + jobs::resume_delay(accounts_.size(), fraction()));
  refresh(owner, jobs::refresh_with::current);
}

} // namespace mailfleet
