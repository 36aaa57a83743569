#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "actors/outbox.hpp"
#include "jobs/outbox_content.hpp"
#include "jobs/outbox_events.hpp"
#include "jobs/outbox_reports.hpp"
#include "jobs/outbox_submission.hpp"

#include <algorithm>
#include <utility>

/// What a person decides about a mail, what reports say of it, and when it is forgotten.
namespace mailfleet {

// -- changing one ------------------------------------------------------------

void outbox_machine::change(const message_key& key, decision how, change_handler then) {
  self_->request(around_.store, until_answered, read_record{key_in(family::outbox, key)})
      .then(
          [this, key, how, then](record_read& answer) {
            if (!answer.found)
              return then(failure{errc::not_found, "there is no mail `" + to_string(key)
                                                       + "` in the outbox; `mailfleet outbox "
                                                         "list` shows those there are"});
            auto mail = std::get<outbox_record>(*std::move(answer.found));
            auto next = how(mail.progress);
            if (!next)
              return then(next.error());
            commit_change(std::move(mail), *std::move(next), then);
          },
          [then](const caf::error& what) { then(as_failure(what)); });
}

void outbox_machine::commit_change(outbox_record mail, outbox_progress next, change_handler then) {
  commit_request change;
  change.preconditions.push_back({key_of(mail), mail.header.version});
  change.events = jobs::events_between(mail.key, mail.progress, next, now());
  mail.progress = std::move(next);
  ++mail.header.version;
  if (mail.progress.status == outbox_status::sent
      || mail.progress.status == outbox_status::cancelled)
    change.deletes = jobs::drop_content(mail);
  change.puts.emplace_back(mail);
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, mail, then](const commit_receipt&) {
            fresh_.drop(mail.key);
            place(mail);
            then(mail);
            pump();
          },
          [then](const caf::error& what) { then(as_failure(what)); });
}

caf::result<outbox_view> outbox_machine::decide(const message_key& key, decision how) {
  // Its sender would find the record changed under it.
  if (under_way_.contains(key))
    return as_error({errc::in_use, "the mail is being sent just now; ask again when it is not"});
  auto client = self_->make_response_promise<outbox_view>();
  change(key, std::move(how), [this, client](const result<outbox_record>& done) mutable {
    if (done)
      client.deliver(view_of(*done));
    else
      client.deliver(as_error(done.error()));
  });
  return client;
}

/// Whoever asks may know that the mailbox can send again, and that the place can be reached. A
/// mail that is under way then is what was asked for.
caf::result<outbox_view> outbox_machine::retry(const message_key& key) {
  on_grant_changed(key.mailbox);
  if (under_way_.contains(key)) {
    auto client = self_->make_response_promise<outbox_view>();
    answer_as_it_is(key, false, client);
    return client;
  }
  return decide(key, [this, key](const outbox_progress& mail) {
    for (const auto& address : jobs::recipients_waiting(mail))
      destinations_.succeeded(destination_of(key.mailbox, address));
    return jobs::retry_now(mail, now());
  });
}

caf::result<outbox_view> outbox_machine::cancel(const message_key& key) {
  return decide(key, [this](const outbox_progress& mail) { return jobs::cancel(mail, now()); });
}

caf::result<outbox_view> outbox_machine::resolve(const resolve_doubt& wanted) {
  return decide(wanted.key, [this, how = wanted.how](const outbox_progress& mail) {
    return jobs::settle_doubt(mail, how, now());
  });
}

outbox_view outbox_machine::view_of(const outbox_record& mail) const {
  auto its = lanes_.find(mail.key.mailbox);
  bool waits = !jobs::is_final(mail.progress.status);
  return {mail, waits && its != lanes_.end() ? its->second.rest : std::nullopt};
}

// -- what comes back ---------------------------------------------------------

/// The event was durable with the report; this is for who looks at the mail. One that is
/// still being sent, to its other recipients, is noted when that has ended.
void outbox_machine::on_reported(const mail_reported& news) {
  if (news.kind != mail_kind::delivery_report)
    return;
  if (under_way_.contains(news.about)) {
    if (reports_.size() < max_held_reports)
      reports_.push_back(news);
    return;
  }
  change(
      news.about,
      [recipients = news.recipients](const outbox_progress& mail) {
        return jobs::note_bounces(mail, recipients);
      },
      [](const result<outbox_record>&) {});
}

void outbox_machine::note_held_reports() {
  for (const auto& news : std::exchange(reports_, {}))
    on_reported(news);
}

// -- what is old -------------------------------------------------------------

void outbox_machine::purge(const outbox_purge& page) {
  self_->request(around_.store, until_answered, page_behind(page.after))
      .then(
          [this](scan_page& found) { on_purged(found); },
          [this](const caf::error&) { send_later(self_, outbox_purge_interval, outbox_purge{}); });
}

void outbox_machine::on_purged(const scan_page& page) {
  commit_request change;
  change.urgency = commit_class::bulk;
  for (const auto& entry : page.records) {
    auto mail = std::get<outbox_record>(entry);
    if (!jobs::is_final(mail.progress.status) || jobs::is_kept(mail.progress.since, now()))
      continue;
    around_.index->forget(mail.key, mail.mail.facts.message_id);
    auto used = submitted_.find({mail.key.mailbox, mail.idempotency_key});
    if (used != submitted_.end() && used->second.first == mail.key)
      submitted_.erase(used);
    change.deletes.push_back(key_of(mail));
    for (const auto& key : jobs::drop_content(mail))
      change.deletes.push_back(key);
  }
  if (!change.deletes.empty())
    self_->request(around_.store, until_answered, std::move(change))
        .then([](const commit_receipt&) {}, [](const caf::error&) {});
  if (page.more)
    self_->send(self_, outbox_purge{key_of(page.records.back())});
  else
    send_later(self_, outbox_purge_interval, outbox_purge{});
}

} // namespace mailfleet
