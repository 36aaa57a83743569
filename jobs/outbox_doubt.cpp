#include "jobs/outbox_doubt.hpp"

#include "jobs/addresses.hpp"

#include <algorithm>
#include <ranges>

namespace mailfleet::jobs {

namespace {

using act = doubt_decision::act;

/// When the next search is due, the searches being made at fixed ages.
wall_time next_search(const doubt_facts& facts) {
  for (auto age : facts.times.search_at)
    if (facts.dot_sent_at + age > facts.now)
      return facts.dot_sent_at + age;
  return facts.now + facts.times.search_every;
}

/// When the last search was due.
wall_time last_search_due(const doubt_facts& facts) {
  auto due = facts.dot_sent_at;
  for (auto age : facts.times.search_at)
    if (facts.dot_sent_at + age <= facts.now)
      due = facts.dot_sent_at + age;
  auto last = facts.dot_sent_at + std::ranges::max(facts.times.search_at);
  if (facts.now > last)
    due = last + (facts.now - last) / facts.times.search_every * facts.times.search_every;
  return due;
}

bool proves_absence(const sent_search& of, const doubt_facts& facts) {
  return of.possible && of.complete >= doubt_searches && of.last_complete
         && *of.last_complete >= facts.dot_sent_at + facts.times.least_age;
}

bool needs_search(const sent_search& of, const doubt_facts& facts) {
  auto due = last_search_due(facts);
  return of.possible && due > facts.dot_sent_at && (!of.last_complete || *of.last_complete < due);
}

doubt_decision by_policy(const doubt_facts& facts, std::string_view why) {
  if (facts.policy == doubt_policy::at_most_once)
    return {act::ask, {}, why, false};
  return {act::send_again, {}, why, true};
}

} // namespace

doubt_decision decide_doubt(const doubt_facts& facts) {
  const auto& searches = facts.searches;
  if (std::ranges::any_of(searches, &sent_search::found))
    return {act::was_sent, {}, "its copy is in the folder of sent mail", false};
  auto is_possible = [](const sent_search& one) { return one.possible; };
  if (std::ranges::none_of(searches, is_possible))
    return by_policy(facts, "no folder of sent mail can be searched");
  bool absent = std::ranges::all_of(
      searches, [&](const sent_search& one) { return proves_absence(one, facts); });
  if (absent && facts.keeps_copies)
    return {act::send_again, {}, "the server kept no copy of it", false};
  if (absent)
    return by_policy(facts, "it is not in the folder of sent mail, but this server is not known "
                            "to keep copies");
  bool is_patient =
      facts.now < std::max(facts.dot_sent_at, facts.looking_since) + facts.times.patience;
  bool all_possible = std::ranges::all_of(searches, is_possible);
  bool searched = std::ranges::all_of(searches, [&](const sent_search& one) {
    return !one.possible || proves_absence(one, facts);
  });
  if (searched && !all_possible)
    return by_policy(facts, "one of the two folders of sent mail cannot be searched");
  if (!is_patient)
    return by_policy(facts, "the folder of sent mail could not be searched");
  bool due = std::ranges::any_of(searches,
                                 [&](const sent_search& one) { return needs_search(one, facts); });
  return {due ? act::search : act::wait, next_search(facts),
          "the folder of sent mail is searched for it", false};
}

std::vector<std::string_view> mailboxes_to_search(std::string_view log_in_user,
                                                  std::string_view token_owner) {
  std::vector<std::string_view> found{log_in_user};
  if (!token_owner.empty() && !same_address(log_in_user, token_owner))
    found.push_back(token_owner);
  return found;
}

namespace {

bool is_named(const std::vector<std::string>& addresses, const recipient_progress& who) {
  return std::ranges::find(addresses, who.address) != addresses.end();
}

} // namespace

bool had_other_doubt(const outbox_progress& mail) {
  return mail.unknown_to
         && std::ranges::any_of(mail.recipients, [&](const recipient_progress& one) {
              return one.status == recipient_status::admitted && !is_named(*mail.unknown_to, one);
            });
}

bool has_another_copy(const outbox_progress& mail) {
  return had_other_doubt(mail)
         || std::ranges::any_of(mail.recipients, [](const recipient_progress& one) {
              return one.status == recipient_status::taken
                     || one.status == recipient_status::bounced;
            });
}

void note_unknown_outcome(outbox_progress& mail) {
  std::vector<std::string> named;
  for (const auto& one : mail.recipients) {
    bool always = !mail.unknown_to || is_named(*mail.unknown_to, one);
    if (one.status == recipient_status::admitted && always)
      named.push_back(one.address);
  }
  mail.unknown_to = std::move(named);
}

} // namespace mailfleet::jobs
