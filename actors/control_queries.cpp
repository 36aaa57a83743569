#include "actors/control_relay.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace mailfleet {

namespace {

/// The last key that `owner` can have in `in`, or the one before its first.
record_key before_first(family in, entity_id owner) {
  return {.in = in, .owner = owner.value};
}

failure no_message(const message_key& key) {
  return {errc::not_found, "there is no message `" + to_string(key) + "`"};
}

} // namespace

// -- messages ----------------------------------------------------------------

void control_desk::carry_out(list_messages& command, client to) {
  ask<mailbox_list>(
      around_.mailboxes, list_views{command.mailbox}, std::move(to),
      [this, command](mailbox_list& found, client& asker) {
        auto owner = found.mailboxes.front().record.id;
        auto limit = std::clamp<std::size_t>(command.limit, 1, max_messages_an_answer);
        auto after = command.after ? key_in(family::messages, *command.after)
                                   : before_first(family::messages, owner);
        ask<scan_page>(around_.store, scan_request{family::messages, owner.value, after, limit},
                       std::move(asker), [this](scan_page& page, client& who) {
                         message_list answer;
                         answer.more = page.more;
                         for (auto& entry : page.records)
                           answer.messages.push_back({std::get<message_record>(std::move(entry))});
                         finish(who, std::move(answer));
                       });
      });
}

void control_desk::carry_out(show_message& command, client to) {
  ask<record_read>(around_.store, read_record{key_in(family::messages, command.key)}, std::move(to),
                   [this, key = command.key](record_read& answer, client& asker) {
                     if (!answer.found)
                       return refuse(asker, no_message(key));
                     finish(asker, message_view{std::get<message_record>(*answer.found)});
                   });
}

void control_desk::carry_out(read_body& command, client to) {
  ask<record_read>(around_.store, read_record{key_in(family::messages, command.key)}, std::move(to),
                   [this, command](record_read& answer, client& asker) {
                     if (!answer.found)
                       return refuse(asker, no_message(command.key));
                     read_part(std::get<message_record>(*answer.found), command.part,
                               std::move(asker));
                   });
}

void control_desk::read_part(const message_record& of, std::uint32_t part, client to) {
  if (of.chunks == 0 && part == 0)
    return finish(to, body_part{make_body({}), true});
  if (part >= of.chunks)
    return refuse(to, {errc::not_found, "the message has no part " + std::to_string(part)});
  ask<record_read>(around_.store, read_record{key_in(family::bodies, of.key, part)}, std::move(to),
                   [this, last = part + 1 == of.chunks](record_read& answer, client& asker) {
                     if (!answer.found)
                       return refuse(asker, {errc::storage_corrupt, "a part of the message's "
                                                                    "body is missing"});
                     auto& chunk = std::get<body_chunk>(*answer.found);
                     finish(asker, body_part{std::move(chunk.bytes), last});
                   });
}

// -- events ------------------------------------------------------------------

void control_desk::carry_out(list_events& command, client to) {
  if (!command.about)
    return follow(std::move(command), std::nullopt, std::move(to));
  auto which = *command.about;
  self_->request(around_.mailboxes, control_timeout, list_views{which})
      .then([this, command,
             to](mailbox_list& found) { follow(command, found.mailboxes.front().record.id, to); },
            [this, command, which, to](const caf::error&) {
              ask<provider_list>(around_.providers, list_views{which}, to,
                                 [this, command](provider_list& found, client& asker) {
                                   follow(command, found.providers.front().record.id,
                                          std::move(asker));
                                 });
            });
}

void control_desk::follow(list_events wanted, std::optional<entity_id> about, client to) {
  relay<event_list>(around_.store, follow_events{std::move(wanted), about}, std::move(to));
}

// -- audit -------------------------------------------------------------------

void control_desk::carry_out(list_audit& command, client to) {
  auto after = command.after == 0
                   ? std::nullopt
                   : std::optional{record_key{.in = family::audit, .owner = command.after}};
  auto limit = std::clamp<std::size_t>(command.limit, 1, max_messages_an_answer);
  ask<scan_page>(around_.store, scan_request{family::audit, std::nullopt, after, limit},
                 std::move(to), [this](scan_page& page, client& asker) {
                   audit_list answer;
                   answer.more = page.more;
                   for (auto& entry : page.records)
                     answer.records.push_back(std::get<audit_record>(std::move(entry)));
                   finish(asker, std::move(answer));
                 });
}

// -- status ------------------------------------------------------------------

void control_desk::carry_out(report_status&, client to) {
  ask<commit_log_statistics>(around_.store, report_storage{}, std::move(to),
                             [this](commit_log_statistics& figures, client& asker) {
                               status_report report;
                               report.version = around_.version;
                               report.started_at = started_at_;
                               report.last_event = figures.last_event;
                               report.commits = figures.requests;
                               report.synced_batches = figures.batches;
                               report.budget_used = around_.process_budget->used();
                               report.budget_limit = around_.process_budget->limit();
                               report_with(std::move(report), std::move(asker));
                             });
}

void control_desk::report_with(status_report report, client to) {
  ask<provider_list>(around_.providers, list_views{}, std::move(to),
                     [this, report](provider_list& providers, client& asker) {
                       ask<mailbox_list>(
                           around_.mailboxes, list_views{}, std::move(asker),
                           [this, report, providers](mailbox_list& all, client& who) mutable {
                             report.providers = std::move(providers.providers);
                             sort_by_name(report.providers);
                             std::map<mailbox_state, std::uint64_t> counts;
                             for (const auto& mailbox : all.mailboxes) {
                               ++counts[mailbox.state];
                               report.messages_fetched += mailbox.fetched;
                               report.bytes_fetched += mailbox.fetched_bytes;
                             }
                             count_mailboxes(report.providers, all);
                             report.mailboxes.assign(counts.begin(), counts.end());
                             report_outbox_with(std::move(report), std::move(who));
                           });
                     });
}

void control_desk::report_outbox_with(status_report report, client to) {
  ask<outbox_figures>(around_.outbox, report_outbox{}, std::move(to),
                      [this, report](outbox_figures& figures, client& asker) mutable {
                        report.outbox = std::move(figures);
                        finish(asker, std::move(report));
                      });
}

} // namespace mailfleet
