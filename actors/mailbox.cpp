#include "actors/mailbox.hpp"

#include "actors/from_outside.hpp"
#include "actors/guard.hpp"
#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "jobs/provider_presets.hpp"

#include <utility>

namespace mailfleet {

void mailbox_machine::init(mailbox_surroundings around, mailbox_record who,
                           std::chrono::milliseconds first_wait) {
  around_ = std::move(around);
  memory_.record = std::move(who);
  budget_ = byte_budget::make(around_.settings.mailbox_budget_bytes, around_.process_budget);
  briefing_.emplace(self_, around_, memory_);
  face_.emplace(self_, around_, memory_);
  face_->enter(memory_.record.paused ? mailbox_state::paused : mailbox_state::connecting);
  wait_for(first_wait);
}

// -- connecting --------------------------------------------------------------

void mailbox_machine::connect() {
  disconnect();
  if (memory_.record.paused)
    return face_->enter(mailbox_state::paused);
  face_->enter(mailbox_state::connecting);
  credential_was_renewed_ = std::exchange(renew_credential_, false);
  briefing_->begin(credential_was_renewed_ ? granted_at_ : wall_time{},
                   [this](result<mailbox_briefing::outcome> briefed) {
                     if (briefed)
                       open_session(*std::move(briefed));
                     else
                       give_up(briefed.error());
                   });
}

void mailbox_machine::open_session(mailbox_briefing::outcome briefed) {
  const auto& who = memory_.record;
  granted_at_ = briefed.granted_at;
  busy_ = true;
  session_settings settings;
  settings.mailbox = who.id;
  settings.server = jobs::imap_endpoint(who, memory_.provider ? &*memory_.provider : nullptr);
  settings.user = who.user.empty() ? who.address : who.user;
  settings.auth = who.auth;
  settings.credential = std::move(briefed.credential);
  settings.budget = budget_;
  session_ = around_.outside.sessions->open(
      std::move(settings), [to = caf::actor_cast<caf::weak_actor_ptr>(self_),
                            number = connection_](session_event event) {
        send_from_outside<mailbox_actor>(to, session_report{number, std::move(event)});
      });
}

// -- what a session reports --------------------------------------------------

void mailbox_machine::on_report(session_report& report) {
  if (report.session == connection_ && session_)
    std::visit([this](const auto& event) { on(event); }, report.event);
}

void mailbox_machine::on(const folder_opened& folder) {
  folder_ = folder;
  news_ = true;
  if (auto stale = jobs::drop_stale_actions(memory_.actions, folder.validity, now()))
    commit_action({*std::move(stale), std::nullopt});
  auto plan = jobs::plan_opening(memory_.record, memory_.cursor, folder, now());
  if (plan.step)
    return commit(*std::move(plan.step), true);
  if (plan.find_since)
    return session_->find_since(*plan.find_since);
  busy_ = false;
  owe_again();
  next_work();
}

void mailbox_machine::on(const start_found& start) {
  commit(jobs::begin_at(memory_.record, memory_.cursor, folder_, start.number, now()), true);
}

void mailbox_machine::on(const mail_batch& batch) {
  commit(jobs::plan_batch(memory_.record, *memory_.cursor, batch, now()), false);
}

void mailbox_machine::on(const fetch_finished& report) {
  busy_ = false;
  auto asked = std::exchange(asked_, std::nullopt);
  auto reached = memory_.cursor->high_water;
  bool was_full = memory_.cursor->owed.size() >= max_owed_messages;
  commit(jobs::plan_finish(memory_.record, *memory_.cursor, report, asked, now()), false);
  // A fetch stops at a refused message: what is behind it is still to come, unless
  // there is no room to owe one more.
  bool stopped_early = !asked && !report.refused.empty();
  bool has_room = was_full && memory_.cursor->owed.size() < max_owed_messages;
  news_ = news_ || (stopped_early && memory_.cursor->high_water > reached) || has_room;
  next_work();
}

void mailbox_machine::on(const news_arrived&) {
  news_ = true;
  next_work();
}

void mailbox_machine::on(const now_watching&) {
  failures_ = 0;
  face_->enter(mailbox_state::watching);
  // What the server refused is asked for again now and then.
  wait_for(owed_retry_interval);
}

void mailbox_machine::on(const action_finished& report) {
  busy_ = false;
  auto& actions = memory_.actions;
  if (!actions.empty() && actions.front().key.number == report.number) {
    auto action = std::move(actions.front());
    actions.pop_front();
    auto step = jobs::plan_action_outcome(action, report.refused, now());
    if (step.again)
      put_off_.push_back(*step.again);
    commit_action(std::move(step));
  }
  next_work();
}

void mailbox_machine::on(const session_closed& end) {
  ++failures_;
  if (memory_.cursor)
    if (auto step = jobs::plan_break(memory_.record, *memory_.cursor, breaks_, end, now()))
      commit(*std::move(step), false);
  fall_back(jobs::after_session(end, context()));
}

// -- working -----------------------------------------------------------------

void mailbox_machine::next_work() {
  if (busy_ || !session_)
    return;
  busy_ = true;
  if (std::exchange(news_, false)) {
    face_->enter(mailbox_state::syncing);
    session_->fetch(memory_.cursor->high_water);
  } else if (!owed_.empty()) {
    asked_ = owed_.front();
    owed_.pop_front();
    session_->fetch_one(*asked_);
  } else if (!memory_.actions.empty()) {
    const auto& next = memory_.actions.front();
    session_->act(next.key.number, next.action, next.target);
  } else {
    busy_ = false;
    session_->watch();
  }
}

/// Asks once more for every message that the server refused.
void mailbox_machine::owe_again() {
  owed_.clear();
  for (const auto& owed : memory_.cursor->owed)
    owed_.push_back(owed.number);
}

void mailbox_machine::commit(jobs::ingest_step step, bool then_fetch) {
  if (step.request.puts.empty())
    return;
  memory_.cursor = step.cursor;
  auto request = std::move(step.request);
  self_->request(around_.store, commit_timeout, std::move(request))
      .then(
          [this, asked = connection_, step = std::move(step), then_fetch](const commit_receipt&) {
            if (asked == connection_)
              on_committed(step, then_fetch);
          },
          [this, asked = connection_](const caf::error& what) {
            if (asked == connection_)
              give_up(as_failure(what));
          });
}

void mailbox_machine::on_committed(const jobs::ingest_step& step, bool then_fetch) {
  face_->count(step);
  for (const auto& owed : step.actions)
    memory_.actions.push_back(owed);
  if (then_fetch)
    busy_ = false;
  if (then_fetch || !step.actions.empty())
    next_work();
}

void mailbox_machine::commit_action(jobs::action_step step) {
  self_->request(around_.store, commit_timeout, std::move(step.request))
      .then([](const commit_receipt&) {},
            [this, asked = connection_](const caf::error& what) {
              if (asked == connection_)
                give_up(as_failure(what));
            });
}

// -- setbacks ----------------------------------------------------------------

void mailbox_machine::disconnect() {
  session_.reset();
  briefing_->cancel();
  ++connection_;
  ++wait_;
  busy_ = false;
  news_ = false;
  asked_.reset();
  owed_.clear();
  memory_.actions.clear();
  put_off_.clear();
}

jobs::setback_context mailbox_machine::context() {
  return {.auth = memory_.record.auth,
          .address = memory_.record.address,
          .provider = memory_.provider ? std::string_view{memory_.provider->name} : "",
          .failures = failures_,
          .credential_was_renewed = credential_was_renewed_,
          .now = now(),
          .fraction = around_.outside.random->fraction()};
}

void mailbox_machine::give_up(const failure& what) {
  ++failures_;
  fall_back(jobs::after_refusal(what, context()));
}

void mailbox_machine::fall_back(jobs::setback after) {
  disconnect();
  renew_credential_ = after.renew_credential;
  if (after.trouble)
    face_->complain(*std::move(after.trouble));
  face_->enter(after.state);
  wait_for(after.wait);
}

void mailbox_machine::wait_for(std::chrono::milliseconds wait) {
  send_later(self_, wait, wait_over{++wait_});
}

void mailbox_machine::on_wait_over(const wait_over& due) {
  if (due.wait != wait_)
    return;
  if (!session_)
    return connect();
  wait_for(owed_retry_interval);
  if (face_->state() != mailbox_state::watching)
    return;
  owe_again();
  for (auto& action : std::exchange(put_off_, {}))
    memory_.actions.push_back(std::move(action));
  if (!owed_.empty() || !memory_.actions.empty())
    next_work();
}

void mailbox_machine::on_grant_changed() {
  failures_ = 0;
  renew_credential_ = false;
  connect();
}

// -- control -----------------------------------------------------------------

caf::result<mailbox_view> mailbox_machine::steer(steer_mailbox::verb what) {
  auto client = self_->make_response_promise<mailbox_view>();
  if (what != steer_mailbox::verb::fetch) {
    set_paused(what == steer_mailbox::verb::pause, client);
    return client;
  }
  if (memory_.record.paused)
    return as_error({errc::precondition_failed,
                     "the mailbox is paused; `mailfleet mailbox resume` lets it go on"});
  news_ = true;
  if (session_)
    next_work();
  else if (face_->state() != mailbox_state::connecting)
    connect();
  client.deliver(face_->view());
  return client;
}

void mailbox_machine::set_paused(bool paused, caf::typed_response_promise<mailbox_view> client) {
  if (memory_.record.paused == paused)
    return void(client.deliver(face_->view()));
  auto next = memory_.record;
  next.paused = paused;
  ++next.header.version;
  commit_request request;
  request.preconditions.push_back({key_of(memory_.record), memory_.record.header.version});
  request.puts.emplace_back(next);
  self_->request(around_.store, commit_timeout, std::move(request))
      .then(
          [this, next, client](const commit_receipt&) mutable {
            memory_.record = next;
            failures_ = 0;
            face_->calm();
            connect();
            client.deliver(face_->view());
          },
          [client](caf::error& what) mutable { client.deliver(std::move(what)); });
}

mailbox_actor::behavior_type mailbox(mailbox_actor::stateful_pointer<mailbox_machine> self,
                                     mailbox_surroundings around, mailbox_record who,
                                     std::chrono::milliseconds first_wait) {
  guard(self, around.outside.log, mailbox_machine::name);
  self->state.init(std::move(around), std::move(who), first_wait);
  return {
      [self](const steer_mailbox& request) { return self->state.steer(request.what); },
      [self](const grant_changed&) { self->state.on_grant_changed(); },
      [self](session_report& report) { self->state.on_report(report); },
      [self](const wait_over& due) { self->state.on_wait_over(due); },
  };
}

} // namespace mailfleet
