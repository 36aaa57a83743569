#include "actors/outbox.hpp"

#include "actors/guard.hpp"
#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "actors/sender.hpp"
#include "jobs/outbox_submission.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace mailfleet {

void outbox_machine::init(outbox_surroundings around) {
  around_ = std::move(around);
  self_->set_down_handler([this](caf::down_msg& down) { on_down(down); });
  self_->set_exit_handler([this](caf::exit_msg& exit) { on_exit(exit); });
  self_->send(around_.providers, follow_providers{});
  self_->send(self_, load_children{});
}

// -- what goes next ----------------------------------------------------------

void outbox_machine::place(const outbox_record& mail) {
  const auto& key = mail.key;
  if (jobs::is_final(mail.progress.status)) {
    if (open_.contains(key))
      count(mail.progress.status);
    return forget(key);
  }
  if (!open_.contains(key)) {
    open_.emplace(key, open_mail{++last_number_, mail.accepted_at});
    keys_.emplace(last_number_, key);
    accepted_.insert(mail.accepted_at);
  }
  if (mail.progress.status == outbox_status::in_doubt)
    return begin_doubt(mail);
  doubts_.erase(key);
  // It will be placed as it is when the attempt has ended.
  if (under_way_.contains(key))
    return;
  // Nobody has it who says so.
  if (mail.progress.status == outbox_status::sending
      || mail.progress.status == outbox_status::dot_sent)
    return recover(mail);
  lane_of(key.mailbox);
  schedule_.add({open_.at(key).number, key.mailbox, not_before(mail), mail.priority,
                 recipients_at_once(mail)},
                now());
}

void outbox_machine::count(outbox_status end) {
  if (end == outbox_status::sent)
    ++sent_;
  else if (end == outbox_status::failed)
    ++failed_;
}

/// Those of the next attempt. As long as the mailbox's limits are not known, all.
std::uint32_t outbox_machine::recipients_at_once(const outbox_record& mail) const {
  auto waiting = jobs::recipients_waiting(mail.progress).size();
  auto its = lanes_.find(mail.key.mailbox);
  if (its != lanes_.end() && its->second.loaded)
    waiting = std::min(waiting, jobs::recipients_at_once(its->second.limits()));
  return static_cast<std::uint32_t>(waiting);
}

void outbox_machine::forget(const message_key& key) {
  doubts_.erase(key);
  fresh_.drop(key);
  auto node = open_.extract(key);
  if (node.empty())
    return;
  schedule_.remove(node.mapped().number, now());
  keys_.erase(node.mapped().number);
  accepted_.erase(accepted_.find(node.mapped().accepted_at));
}

void outbox_machine::pump() {
  if (!loaded_ || stopping_)
    return;
  while (auto next = schedule_.next(now()))
    start(*next);
  auto when = schedule_.look_again(now());
  if (auto look = next_doubt())
    when = when ? std::min(*when, *look) : look;
  plan(when);
}

/// One timer at a time: a later one is planned when the earlier is over. None is long, for the
/// wall clock may be set.
void outbox_machine::plan(std::optional<wall_time> when) {
  if (!when || (planned_ && *planned_ > now() && *planned_ <= *when))
    return;
  // The wall clock counts whole seconds: at least one, or this would spin within it.
  auto wait =
      std::clamp<std::chrono::seconds>(*when - now(), std::chrono::seconds{1}, longest_outbox_wait);
  planned_ = now() + wait;
  send_later(self_, wait, outbox_due{++plan_});
}

void outbox_machine::on_due(const outbox_due& due) {
  if (stopping_)
    return self_->quit(caf::exit_reason::user_shutdown);
  if (due.plan != plan_)
    return;
  planned_.reset();
  drop_expired_uploads();
  look_at_doubts();
  pump();
}

/// Not before its own time, nor before the only place it goes to has rested.
wall_time outbox_machine::not_before(const outbox_record& mail) const {
  auto due = mail.progress.due;
  auto waiting = jobs::recipients_waiting(mail.progress);
  for (const auto& address : waiting) {
    auto until = destinations_.until(destination_of(mail.key.mailbox, address), now());
    if (!until)
      return mail.progress.due;
    due = std::max(due, *until);
  }
  return due;
}

// -- attempts ----------------------------------------------------------------

void outbox_machine::start(const jobs::waiting_mail& next) {
  auto key = keys_.at(next.number);
  under_way_.emplace(key, attempt{{}, now(), next.recipients});
  if (auto fresh = fresh_.take(key))
    return dispatch(*std::move(fresh));
  self_->request(around_.store, until_answered, read_record{key_in(family::outbox, key)})
      .then(
          [this, key](record_read& answer) {
            if (answer.found)
              return dispatch({std::get<outbox_record>(*std::move(answer.found)), {}});
            // Its mailbox was removed.
            static_cast<void>(take_attempt(key, {}));
            forget(key);
            pump();
          },
          [this, key](const caf::error&) {
            static_cast<void>(take_attempt(key, {}));
            recover(key);
          });
}

void outbox_machine::dispatch(fresh_mail mail) {
  const auto& key = mail.record.key;
  auto& its = lane_of(key.mailbox);
  sender_actor whom;
  if (its.idle.empty()) {
    whom = self_->spawn<caf::linked + caf::monitored>(
        sender,
        sender_surroundings{around_.outside, around_.store, around_.providers,
                            caf::actor_cast<caf::strong_actor_ptr>(self_)},
        key.mailbox);
    senders_.emplace(whom.address(), employed{key.mailbox, whom});
  } else {
    whom = std::move(its.idle.back());
    its.idle.pop_back();
  }
  auto& begun = under_way_.at(key);
  begun.whose = whom.address();
  self_->send(whom, attempt_mail{std::move(mail.record), jobs::recipients_at_once(its.limits()),
                                 its.failures, std::move(mail.content)});
}

std::optional<outbox_machine::attempt> outbox_machine::take_attempt(const message_key& key,
                                                                    const caf::actor_addr& whose) {
  auto found = under_way_.find(key);
  if (found == under_way_.end() || found->second.whose != whose)
    return std::nullopt;
  auto ended = std::move(found->second);
  under_way_.erase(found);
  schedule_.ended(key.mailbox, now());
  return ended;
}

void outbox_machine::on_attempted(mail_attempted& end) {
  auto key = end.mail.key;
  auto whom = caf::actor_cast<sender_actor>(self_->current_sender());
  auto ended = take_attempt(key, whom.address());
  auto& its = lane_of(key.mailbox);
  auto employee = senders_.find(whom.address());
  bool is_outdated = employee == senders_.end() || employee->second.is_outdated;
  if (!is_outdated)
    its.idle.push_back(std::move(whom));
  if (end.max_bytes && !is_outdated) {
    its.max_bytes = *end.max_bytes;
    its.size_heard_at = now();
  }
  if (ended) {
    if (!end.sent_dot)
      schedule_.give_back(key.mailbox, ended->recipients, now());
    if (!is_outdated) {
      if (!end.rest)
        note_destinations(end.mail);
      note_rest(its, key.mailbox, *ended, end);
    }
    place(end.mail);
    note_held_reports();
  }
  pump();
  leave_if_idle();
}

/// Of two rests the longer one counts, and only an attempt that began after it and got through
/// ends one: another that was under way says nothing.
void outbox_machine::note_rest(lane& of, entity_id mailbox, const attempt& ended,
                               mail_attempted& end) {
  if (end.rest) {
    ++of.failures;
    bool shorter = of.rest && end.rest->retry_at
                   && (!of.rest->retry_at || *of.rest->retry_at > *end.rest->retry_at);
    if (shorter)
      return;
    of.rest = std::move(end.rest);
    of.rest_since = now();
    return schedule_.hold(mailbox, of.rest->retry_at, now());
  }
  bool got_through = end.mail.progress.said.has_value();
  if (!got_through || (of.rest && ended.begun_at < of.rest_since))
    return;
  of.failures = 0;
  if (std::exchange(of.rest, std::nullopt))
    schedule_.resume(mailbox, now());
}

/// A mailbox's trouble with one place says nothing of another's, but the server of both is the
/// same: it counts for each mailbox by itself.
std::string outbox_machine::destination_of(entity_id mailbox, const std::string& address) {
  return to_string(mailbox) + ' ' + jobs::destination_of(address);
}

/// Network trouble on the way to a recipient (RFC 3463: X.4.X, X.3.X) is that of all at this
/// place; a full mailbox or a policy is not.
void outbox_machine::note_destinations(const outbox_record& mail) {
  for (const auto& recipient : mail.progress.recipients) {
    auto destination = destination_of(mail.key.mailbox, recipient.address);
    if (recipient.status == recipient_status::taken)
      destinations_.succeeded(destination);
    else if (recipient.status == recipient_status::waiting && recipient.said
             && (recipient.said->enhanced.starts_with("4.4.")
                 || recipient.said->enhanced.starts_with("4.3.")))
      destinations_.failed(destination, false, std::nullopt, now(),
                           around_.outside.random->fraction());
  }
}

void outbox_machine::on_down(const caf::down_msg& down) {
  auto node = senders_.extract(down.source);
  if (node.empty())
    return;
  auto mailbox = node.mapped().mailbox;
  auto& its = lane_of(mailbox);
  std::erase_if(its.idle, [&](const auto& one) { return one.address() == down.source; });
  auto work = std::ranges::find_if(
      under_way_, [&](const auto& entry) { return entry.second.whose == down.source; });
  if (work == under_way_.end())
    return leave_if_idle();
  auto key = work->first;
  static_cast<void>(take_attempt(key, down.source));
  if (down.reason != caf::exit_reason::normal) {
    auto again =
        jobs::decide_restart(its.ends, self_->clock().now(), around_.outside.random->fraction());
    its.ends = again.history;
    if (again.delay.count() > 0 && !its.rest)
      schedule_.hold(mailbox, now() + std::chrono::ceil<std::chrono::seconds>(again.delay), now());
  }
  if (stopping_)
    return leave_if_idle();
  recover(key);
}

outbox_figures outbox_machine::figures(std::optional<entity_id> only) const {
  auto seen = only ? figures_of(*only) : figures_of_all();
  auto known = seen.under_way + seen.in_doubt;
  seen.waiting -= std::min(seen.waiting, known);
  seen.sent = sent_;
  seen.failed = failed_;
  for (const auto& [mailbox, its] : lanes_)
    if (its.rest)
      seen.at_rest.emplace_back(mailbox, *its.rest);
  return seen;
}

/// `waiting` counts all that is open, in both.
outbox_figures outbox_machine::figures_of_all() const {
  outbox_figures seen;
  seen.waiting = open_.size();
  seen.under_way = under_way_.size();
  seen.in_doubt = doubts_.size();
  if (!accepted_.empty())
    seen.oldest = *accepted_.begin();
  return seen;
}

outbox_figures outbox_machine::figures_of(entity_id mailbox) const {
  outbox_figures seen;
  auto each = [mailbox](const auto& all, auto use) {
    for (auto at = all.lower_bound({mailbox, 0, 0, 0});
         at != all.end() && at->first.mailbox == mailbox; ++at)
      use(at->first, at->second);
  };
  each(open_, [&](const auto&, const open_mail& mail) {
    ++seen.waiting;
    seen.oldest = std::min(seen.oldest.value_or(mail.accepted_at), mail.accepted_at);
  });
  // What is being taken in, or cannot be read just now, is not open yet.
  for (const auto& [call, one] : intakes_)
    seen.waiting += one.mailbox.id == mailbox ? 1u : 0u;
  for (const auto& key : unread_)
    seen.waiting += key.mailbox == mailbox && !open_.contains(key) ? 1u : 0u;
  each(under_way_, [&](const auto&, const auto&) { ++seen.under_way; });
  each(doubts_, [&](const auto& key, const doubt& one) {
    ++seen.in_doubt;
    if (auto its = lanes_.find(mailbox); its != lanes_.end() && its->second.loaded)
      seen.doubts.emplace_back(key, outlook_of(its->second, one));
  });
  return seen;
}

// -- stopping ----------------------------------------------------------------

/// Attempts that are under way have some seconds to end: what is cut behind its dot would be
/// in doubt. Senders are linked, and their own ends come as down messages.
void outbox_machine::on_exit(const caf::exit_msg& exit) {
  if (exit.reason != caf::exit_reason::user_shutdown || stopping_)
    return;
  stopping_ = true;
  send_later(self_, stop_grace, outbox_due{});
  leave_if_idle();
}

void outbox_machine::leave_if_idle() {
  if (stopping_ && under_way_.empty())
    self_->quit(caf::exit_reason::user_shutdown);
}

outbox_actor::behavior_type outbox(outbox_actor::stateful_pointer<outbox_machine> self,
                                   outbox_surroundings around) {
  guard(self, around.outside.log, outbox_machine::name);
  self->state.init(std::move(around));
  return {
      [self](const begin_upload& request) { return self->state.begin(request); },
      [self](append_upload& piece) { return self->state.append(piece); },
      [self](accept_mail& request) { return self->state.accept(request); },
      [self](const retry_mail& request) { return self->state.retry(request.key); },
      [self](const cancel_mail& request) { return self->state.cancel(request.key); },
      [self](const resolve_doubt& request) { return self->state.resolve(request); },
      [self](const report_outbox& request) { return self->state.figures(request.only); },
      [self](const grant_changed& news) { self->state.on_grant_changed(news.mailbox); },
      [self](const provider_mended& news) { self->state.on_mended(news.provider); },
      [self](const mailbox_altered& news) { self->state.on_altered(news); },
      [self](const mail_reported& news) { self->state.on_reported(news); },
      [self](mail_attempted& end) { self->state.on_attempted(end); },
      [self](mail_composed& made) { self->state.on_composed(made); },
      [self](const outbox_due& due) { self->state.on_due(due); },
      [self](const outbox_purge& page) { self->state.purge(page); },
      [self](const await_children&) { return self->state.await_loaded(); },
      [self](const load_children& page) { self->state.load(page); },
  };
}

} // namespace mailfleet
