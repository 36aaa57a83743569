#include "actors/limits.hpp"
#include "actors/mailbox.hpp"

#include <utility>

namespace mailfleet {

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
  // What was owed in another UIDVALIDITY is nothing in this one.
  if (plan.step || plan.find_since)
    owed_.clear();
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
  commit(jobs::plan_batch(memory_.record, *memory_.cursor, batch, sent(), now()), false);
}

void mailbox_machine::on(const fetch_finished& report) {
  busy_ = false;
  auto asked = std::exchange(asked_, std::nullopt);
  for (auto number : report.refused)
    owed_schedule_.refused(number, now());
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
  failures_ = {};
  idle_ = true;
  show_watching();
  if (!std::exchange(looks_again_, true))
    wait_for(owed_retry_interval);
  // What came due while the session was at something else.
  if (!owed_.empty() || !memory_.actions.empty())
    next_work();
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
  if (asked_ && end.broke_at == asked_)
    owed_schedule_.broke(*asked_, now());
  if (memory_.cursor)
    if (auto step = jobs::plan_break(memory_.record, *memory_.cursor, breaks_, end, now()))
      commit(*std::move(step), false);
  fall_back(jobs::after_session(end, context_of(end.reason.code)));
}

// -- working -----------------------------------------------------------------

void mailbox_machine::next_work() {
  if (busy_ || !session_)
    return;
  busy_ = true;
  idle_ = false;
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

/// Who is told that a mailbox watches may rely on its mail being durable.
void mailbox_machine::show_watching() {
  if (idle_ && commits_under_way_ == 0)
    face_->enter(mailbox_state::watching);
}

/// Asks once more for the owed messages that are due.
void mailbox_machine::owe_again() {
  if (!memory_.cursor)
    return;
  owed_ = owed_schedule_.due(memory_.cursor->owed, now());
  if (asked_)
    std::erase(owed_, *asked_);
}

/// Now and then: messages that the server refused, and actions.
void mailbox_machine::look_at_owed() {
  wait_for(owed_retry_interval);
  owe_again();
  for (auto& action : std::exchange(put_off_, {}))
    memory_.actions.push_back(std::move(action));
  if (idle_ && (!owed_.empty() || !memory_.actions.empty()))
    next_work();
}

void mailbox_machine::commit(jobs::ingest_step step, bool then_fetch) {
  if (step.request.puts.empty())
    return;
  memory_.cursor = step.cursor;
  auto request = std::move(step.request);
  ++commits_under_way_;
  self_->request(around_.store, until_answered, std::move(request))
      .then(
          [this, asked = connection_, step = std::move(step), then_fetch](const commit_receipt&) {
            // It is durable, whatever became of the connection.
            pass_on(step.reports);
            if (asked == connection_)
              on_committed(step, then_fetch);
          },
          [this, asked = connection_](const caf::error& what) {
            if (asked == connection_)
              give_up(as_failure(what));
          });
}

void mailbox_machine::on_committed(const jobs::ingest_step& step, bool then_fetch) {
  --commits_under_way_;
  face_->count(step);
  show_watching();
  for (const auto& owed : step.actions)
    memory_.actions.push_back(owed);
  if (then_fetch)
    busy_ = false;
  if (then_fetch || !step.actions.empty())
    next_work();
}

/// Mail of this mailbox that was sent.
jobs::find_sent mailbox_machine::sent() const {
  if (!around_.index)
    return {};
  return [this](const mail_meaning& meaning) {
    return around_.index->find(memory_.record.id, meaning);
  };
}

/// What reports say changes the records of the mail they are about.
void mailbox_machine::pass_on(const std::vector<jobs::sent_report>& reports) {
  if (!around_.outbox)
    return;
  for (const auto& report : reports)
    self_->send(around_.outbox, mail_reported{report.about, report.kind, report.recipients});
}

void mailbox_machine::commit_action(jobs::action_step step) {
  self_->request(around_.store, until_answered, std::move(step.request))
      .then([](const commit_receipt&) {},
            [this, asked = connection_](const caf::error& what) {
              if (asked == connection_)
                give_up(as_failure(what));
            });
}

} // namespace mailfleet
