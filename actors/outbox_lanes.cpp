#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "actors/outbox.hpp"
#include "jobs/outbox_state.hpp"
#include "jobs/outbox_submission.hpp"
#include "jobs/provider_presets.hpp"

#include <algorithm>
#include <utility>

/// What the outbox reads: all its mails when it starts, what was left in the middle of an
/// attempt, and each mailbox that sends.
namespace mailfleet {

// -- loading -----------------------------------------------------------------

scan_request outbox_machine::page_behind(const std::optional<record_key>& key) {
  return {.in = family::outbox, .owner = std::nullopt, .after = key, .limit = outbox_page_size};
}

void outbox_machine::load(const load_children& page) {
  self_->request(around_.store, until_answered, page_behind(page.after))
      .then([this](scan_page& found) { on_loaded(found); },
            [this](const caf::error& what) { self_->quit(what); });
}

void outbox_machine::on_loaded(scan_page& page) {
  for (const auto& entry : page.records)
    take_over(std::get<outbox_record>(entry));
  if (page.more)
    return self_->send(self_, load_children{key_of(page.records.back())});
  finish_loading();
}

void outbox_machine::take_over(const outbox_record& mail) {
  const auto& [mailbox, folder, validity, number] = mail.key;
  auto& highest = last_numbers_[mailbox];
  highest = std::max(highest, number);
  around_.index->note(mail.key, mail.mail.facts.message_id);
  // A key may come again after its time: the newest mail has it.
  if (!mail.idempotency_key.empty()
      && (jobs::is_kept(mail.accepted_at, now()) || !jobs::is_final(mail.progress.status)))
    submitted_.insert_or_assign(idempotency{mailbox, mail.idempotency_key},
                                std::pair{mail.key, mail.accepted_at});
  if (auto at = mail.progress.dot_sent_at; at && *at > now() - std::chrono::hours{24})
    sent_lately_[mailbox].emplace_back(*at,
                                       static_cast<std::uint32_t>(mail.progress.recipients.size()));
  if (!jobs::is_final(mail.progress.status))
    recover(mail);
}

void outbox_machine::finish_loading() {
  for (auto& [mailbox, sent] : std::exchange(sent_lately_, {})) {
    std::ranges::sort(sent);
    jobs::sending_usage usage;
    for (auto [at, recipients] : sent)
      usage.take(recipients, at);
    schedule_.set_usage(mailbox, std::move(usage), now());
  }
  loaded_ = true;
  for (auto& [request, client] : std::exchange(early_, {}))
    take_in(request, client);
  for (auto& client : std::exchange(awaiting_, {}))
    client.deliver(done{});
  self_->send(self_, outbox_purge{});
  pump();
}

caf::result<done> outbox_machine::await_loaded() {
  if (loaded_)
    return done{};
  return awaiting_.emplace_back(self_->make_response_promise<done>());
}

// -- what was left -----------------------------------------------------------

void outbox_machine::recover(const message_key& key) {
  self_->request(around_.store, until_answered, read_record{key_in(family::outbox, key)})
      .then(
          [this, key](record_read& answer) {
            if (answer.found)
              return recover(std::get<outbox_record>(*answer.found));
            forget(key);
            pump();
          },
          [this, key](const caf::error&) { read_again_later(key); });
}

/// An attempt that ended in the middle is taken for what it was.
void outbox_machine::recover(const outbox_record& mail) {
  auto next = jobs::after_restart(mail.progress, now());
  if (next == mail.progress) {
    place(mail);
    return pump();
  }
  commit_change(mail, std::move(next), [this, key = mail.key](const result<outbox_record>& done) {
    if (!done)
      read_again_later(key);
  });
}

void outbox_machine::read_again_later(const message_key& key) {
  unread_.insert(key);
  if (unread_.size() == 1)
    send_later(self_, outbox_reread_wait, mailbox_altered{});
}

// -- mailboxes ---------------------------------------------------------------

/// A new lane rests until its limits are known.
outbox_machine::lane& outbox_machine::lane_of(entity_id mailbox) {
  auto [found, is_new] = lanes_.try_emplace(mailbox);
  if (is_new) {
    schedule_.hold(mailbox, std::nullopt, now());
    load_lane(mailbox);
  }
  return found->second;
}

void outbox_machine::load_lane(entity_id mailbox) {
  self_
      ->request(around_.store, until_answered,
                read_record{{.in = family::mailboxes, .owner = mailbox.value}})
      .then(
          [this, mailbox](record_read& answer) {
            if (!answer.found)
              return drop_lane(mailbox);
            auto found = std::get<mailbox_record>(*std::move(answer.found));
            if (!found.provider)
              return open_lane(found, nullptr);
            load_service(std::move(found));
          },
          [this, mailbox](const caf::error&) {
            send_later(self_, outbox_reread_wait, mailbox_altered{mailbox});
          });
}

void outbox_machine::load_service(mailbox_record mailbox) {
  self_
      ->request(around_.store, until_answered,
                read_record{{.in = family::providers, .owner = mailbox.provider->value}})
      .then(
          [this, mailbox](record_read& answer) {
            open_lane(mailbox, answer.found ? &std::get<provider_record>(*answer.found) : nullptr);
          },
          [this, id = mailbox.id](const caf::error&) {
            send_later(self_, outbox_reread_wait, mailbox_altered{id});
          });
}

void outbox_machine::open_lane(const mailbox_record& mailbox, const provider_record* provider) {
  auto found = lanes_.find(mailbox.id);
  if (found == lanes_.end())
    return;
  auto& its = found->second;
  its.settings = mailbox.sending;
  // It may be another server now.
  its.max_bytes = 0;
  its.provider = mailbox.provider;
  its.service = provider != nullptr ? provider->service : std::string{};
  its.service_keeps_copies = jobs::keeps_copies_of_sent(mailbox, provider);
  schedule_.set_limits(mailbox.id, its.limits(), now());
  if (!std::exchange(its.loaded, true) && !its.rest)
    schedule_.resume(mailbox.id, now());
  // What it wants with mails in doubt may be another now.
  for (auto at = doubts_.lower_bound({mailbox.id, 0, 0, 0});
       at != doubts_.end() && at->first.mailbox == mailbox.id; ++at)
    at->second.look_at = at->second.look_at ? std::min(*at->second.look_at, now()) : now();
  pump();
}

/// The mailbox is gone, and its mail with it.
void outbox_machine::drop_lane(entity_id mailbox) {
  std::vector<message_key> gone;
  for (auto at = open_.lower_bound({mailbox, 0, 0, 0});
       at != open_.end() && at->first.mailbox == mailbox; ++at)
    gone.push_back(at->first);
  for (const auto& key : gone)
    forget(key);
  std::erase_if(submitted_, [&](const auto& entry) { return entry.first.first == mailbox; });
  lanes_.erase(mailbox);
}

void outbox_machine::on_grant_changed(entity_id mailbox) {
  auto found = lanes_.find(mailbox);
  if (found == lanes_.end() || !std::exchange(found->second.rest, std::nullopt))
    return;
  found->second.failures = 0;
  schedule_.resume(mailbox, now());
  pump();
}

void outbox_machine::on_mended(entity_id provider) {
  for (auto& [mailbox, its] : lanes_)
    if (its.provider == provider && std::exchange(its.rest, std::nullopt))
      schedule_.resume(mailbox, now());
  pump();
}

void outbox_machine::on_altered(const mailbox_altered& news) {
  if (!news.mailbox)
    for (const auto& key : std::exchange(unread_, {}))
      recover(key);
  else if (lanes_.contains(news.mailbox))
    load_lane(news.mailbox);
  if (news.elsewhere)
    on_moved(news.mailbox);
}

/// A log-in that the old server refused says nothing of the new one, nor do copies that it kept;
/// and no session with it is used again.
void outbox_machine::on_moved(entity_id mailbox) {
  auto its = lanes_.find(mailbox);
  if (its == lanes_.end())
    return;
  its->second.keeps_copies = false;
  its->second.idle.clear();
  for (auto& [address, one] : senders_)
    if (one.mailbox == mailbox)
      one.is_outdated = true;
  on_grant_changed(mailbox);
}

} // namespace mailfleet
