#include "jobs/outbox_schedule.hpp"

#include <algorithm>

namespace mailfleet::jobs {

std::optional<outbox_schedule::outlook> outbox_schedule::look(const lane& of, wall_time now) const {
  if (of.under_way >= std::max<std::uint32_t>(of.limits.connections, 1)
      || (of.interactive.empty() && of.bulk.empty()) || (of.held && !of.held_until))
    return std::nullopt;
  auto is_due = [&](const by_due& mails) { return !mails.empty() && mails.begin()->first <= now; };
  bool bulk = of.interactive.empty()
              || (!is_due(of.interactive) && !of.bulk.empty()
                  && of.bulk.begin()->first < of.interactive.begin()->first);
  auto [due, number] = *(bulk ? of.bulk : of.interactive).begin();
  auto at = std::max(due, now);
  if (of.held)
    at = std::max(at, *of.held_until);
  at = std::max(at, of.usage.may_begin(of.limits, mails_.at(number).recipients, now));
  return outlook{number, bulk, at};
}

void outbox_schedule::take_out(entity_id mailbox, lane& of) {
  if (of.ready)
    ready_.erase(*of.ready);
  if (of.wakes)
    sleeping_.erase({*of.wakes, mailbox});
  of.ready.reset();
  of.wakes.reset();
}

void outbox_schedule::put_in(entity_id mailbox, lane& of, wall_time now) {
  take_out(mailbox, of);
  if (of.held && of.held_until && *of.held_until <= now)
    of.held = false;
  auto ahead = look(of, now);
  if (!ahead)
    return;
  if (ahead->at <= now)
    ready_.insert(of.ready.emplace(ahead->bulk, of.turn, mailbox));
  else
    sleeping_.insert({of.wakes.emplace(ahead->at), mailbox});
}

void outbox_schedule::erase(const waiting_mail& mail, lane& of) {
  of.interactive.erase({mail.due, mail.number});
  of.bulk.erase({mail.due, mail.number});
}

void outbox_schedule::set_limits(entity_id mailbox, const sending_limits& limits, wall_time now) {
  auto& of = lanes_[mailbox];
  of.limits = limits;
  put_in(mailbox, of, now);
}

void outbox_schedule::set_usage(entity_id mailbox, sending_usage usage, wall_time now) {
  auto& of = lanes_[mailbox];
  of.usage = std::move(usage);
  put_in(mailbox, of, now);
}

const sending_usage* outbox_schedule::usage(entity_id mailbox) const {
  auto found = lanes_.find(mailbox);
  return found == lanes_.end() ? nullptr : &found->second.usage;
}

void outbox_schedule::add(const waiting_mail& mail, wall_time now) {
  remove(mail.number, now);
  auto& of = lanes_[mail.mailbox];
  mails_.emplace(mail.number, mail);
  (mail.priority == send_priority::bulk ? of.bulk : of.interactive).emplace(mail.due, mail.number);
  put_in(mail.mailbox, of, now);
}

void outbox_schedule::remove(std::uint64_t number, wall_time now) {
  auto found = mails_.find(number);
  if (found == mails_.end())
    return;
  auto mail = found->second;
  auto& of = lanes_[mail.mailbox];
  // The lane's place depends on its mail, so it leaves before the mail does.
  take_out(mail.mailbox, of);
  erase(mail, of);
  mails_.erase(found);
  put_in(mail.mailbox, of, now);
}

void outbox_schedule::hold(entity_id mailbox, std::optional<wall_time> until, wall_time now) {
  auto& of = lanes_[mailbox];
  of.held = true;
  of.held_until = until;
  put_in(mailbox, of, now);
}

void outbox_schedule::resume(entity_id mailbox, wall_time now) {
  auto& of = lanes_[mailbox];
  of.held = false;
  put_in(mailbox, of, now);
}

void outbox_schedule::wake(wall_time now) {
  while (!sleeping_.empty() && sleeping_.begin()->first <= now) {
    auto mailbox = sleeping_.begin()->second;
    put_in(mailbox, lanes_[mailbox], now);
  }
}

std::optional<waiting_mail> outbox_schedule::next(wall_time now) {
  wake(now);
  if (under_way_ >= max_under_way_)
    return std::nullopt;
  while (!ready_.empty()) {
    auto mailbox = std::get<entity_id>(*ready_.begin());
    auto& of = lanes_[mailbox];
    auto ahead = look(of, now);
    // What a lane may do is judged anew: the clock went on since it was put here.
    if (!ahead || ahead->at > now || ahead->bulk != std::get<bool>(*ready_.begin())) {
      put_in(mailbox, of, now);
      continue;
    }
    auto mail = mails_.at(ahead->number);
    take_out(mailbox, of);
    erase(mail, of);
    mails_.erase(mail.number);
    of.usage.take(mail.recipients, now);
    of.turn = ++turns_;
    ++of.under_way;
    ++under_way_;
    put_in(mailbox, of, now);
    return mail;
  }
  return std::nullopt;
}

void outbox_schedule::give_back(entity_id mailbox, std::uint32_t recipients, wall_time now) {
  auto& of = lanes_[mailbox];
  of.usage.give_back(recipients);
  put_in(mailbox, of, now);
}

void outbox_schedule::ended(entity_id mailbox, wall_time now) {
  auto& of = lanes_[mailbox];
  if (of.under_way > 0) {
    --of.under_way;
    --under_way_;
  }
  put_in(mailbox, of, now);
}

std::optional<wall_time> outbox_schedule::look_again(wall_time now) const {
  if (under_way_ >= max_under_way_)
    return std::nullopt;
  if (!ready_.empty())
    return now;
  if (sleeping_.empty())
    return std::nullopt;
  return sleeping_.begin()->first;
}

} // namespace mailfleet::jobs
