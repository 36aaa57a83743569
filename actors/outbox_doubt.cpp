#include "actors/limits.hpp"
#include "actors/outbox.hpp"
#include "actors/sent_look.hpp"
#include "jobs/outbox_state.hpp"

#include <algorithm>
#include <utility>

/// Mails of which nobody knows whether they were sent: the Sent folders are searched at fixed
/// ages, and jobs/outbox_doubt.hpp decides by what was seen.
namespace mailfleet {

void outbox_machine::begin_doubt(const outbox_record& mail) {
  auto [found, is_new] = doubts_.try_emplace(mail.key);
  lane_of(mail.key.mailbox);
  if (!is_new)
    return;
  found->second.dot_sent_at = mail.progress.dot_sent_at.value_or(mail.progress.since);
  // Before the first look it is not known which folders there are: one at least is hoped for.
  found->second.searches.emplace(std::string{}, jobs::sent_search{});
  found->second.looking_since = now();
  found->second.has_another_copy = jobs::has_another_copy(mail.progress);
  found->second.look_at = now();
}

std::optional<wall_time> outbox_machine::next_doubt() const {
  std::optional<wall_time> next;
  for (const auto& [key, one] : doubts_)
    if (!one.looking && one.look_at && (!next || *one.look_at < *next))
      next = one.look_at;
  return next;
}

doubt_outlook outbox_machine::outlook_of(const lane& its, const doubt& one) {
  return {its.settings.in_doubt, one.looking ? std::nullopt : one.look_at, one.trouble};
}

void outbox_machine::look_at_doubts() {
  std::vector<message_key> due;
  for (const auto& [key, one] : doubts_)
    if (!one.looking && one.look_at && *one.look_at <= now())
      due.push_back(key);
  for (const auto& key : due)
    decide_doubt(key, true);
}

void outbox_machine::decide_doubt(const message_key& key, bool may_search) {
  auto& one = doubts_.at(key);
  const auto& its = lane_of(key.mailbox);
  // What the mailbox wants is read first.
  if (!its.loaded) {
    one.look_at = now() + std::chrono::seconds{1};
    return;
  }
  jobs::doubt_facts facts;
  facts.dot_sent_at = one.dot_sent_at;
  facts.now = now();
  facts.looking_since = one.looking_since;
  for (const auto& [account, search] : one.searches)
    facts.searches.push_back(search);
  facts.keeps_copies = its.keeps_copies || its.service_keeps_copies;
  facts.policy = its.settings.in_doubt;
  facts.times = around_.settings.doubt;
  auto decided = jobs::decide_doubt(facts);
  using act = jobs::doubt_decision::act;
  one.look_at = decided.look_again;
  switch (decided.what) {
  case act::was_sent: return settle_doubt(key, doubt_end::was_sent, decided.why);
  case act::send_again: return settle_doubt(key, doubt_end::send_again, decided.why);
  case act::wait: return;
  // A person may leave it for long, and a folder be reached again meanwhile.
  case act::ask: one.look_at = now() + around_.settings.doubt.search_every; [[fallthrough]];
  case act::search:
    if (may_search)
      look_into_sent_of(key);
    return;
  }
}

void outbox_machine::look_into_sent_of(const message_key& key) {
  doubts_.at(key).looking = true;
  self_->request(around_.store, until_answered, read_record{key_in(family::outbox, key)})
      .then(
          [this, key](record_read& answer) {
            if (!answer.found)
              return forget(key);
            auto look =
                self_->spawn(sent_look_once, sent_look_surroundings{around_.outside, around_.store,
                                                                    around_.providers});
            self_
                ->request(look, sent_look_timeout,
                          look_into_sent{std::get<outbox_record>(*std::move(answer.found))})
                .then([this](const sent_looked& seen) { on_looked(seen); },
                      [this, key](const caf::error&) {
                        on_looked({key, {}, {}});
                      });
          },
          [this, key](const caf::error&) {
            on_looked({key, {}, {}});
          });
}

void outbox_machine::on_looked(const sent_looked& seen) {
  auto found = doubts_.find(seen.mail);
  if (found == doubts_.end())
    return;
  auto& one = found->second;
  one.looking = false;
  if (!seen.looks.empty())
    one.searches.erase(std::string{});
  one.trouble.clear();
  for (const auto& look : seen.looks) {
    if (look.trouble)
      one.trouble = look.trouble->detail;
    auto& search = one.searches[look.account];
    // One copy cannot tell which of two attempts it is from.
    bool ambiguous = look.found && one.has_another_copy;
    search.possible = look.possible && !ambiguous;
    search.found = search.found || (look.found && !ambiguous);
    if (!look.complete || ambiguous)
      continue;
    ++search.complete;
    search.last_complete = seen.begun_at;
    if (look.found)
      lane_of(seen.mail.mailbox).keeps_copies = true;
  }
  decide_doubt(seen.mail, false);
  pump();
}

void outbox_machine::settle_doubt(const message_key& key, doubt_end how, std::string_view why) {
  doubts_.at(key).look_at.reset();
  change(
      key,
      [this, how, why](const outbox_progress& mail) {
        auto next = jobs::settle_doubt(mail, how, now());
        if (next)
          next->detail = why;
        return next;
      },
      [this, key](const result<outbox_record>& done) {
        if (done)
          return;
        // Whoever settled it meanwhile: it is placed as it is.
        if (done.error().code == errc::precondition_failed)
          return recover(key);
        if (auto found = doubts_.find(key); found != doubts_.end())
          found->second.look_at = now() + std::chrono::seconds{30};
      });
}

} // namespace mailfleet
