#include "jobs/ingest.hpp"

#include "jobs/outbox_events.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace mailfleet::jobs {

namespace {

using namespace std::chrono_literals;

/// A commit that demands the cursor as it is, and puts nothing yet.
ingest_step begin_step(const cursor_record& cursor, commit_class urgency) {
  ingest_step step;
  step.request.urgency = urgency;
  step.request.preconditions.push_back({key_of(cursor), cursor.header.version});
  step.cursor = cursor;
  return step;
}

/// Puts the cursor with its next version.
void put_cursor(ingest_step& step) {
  ++step.cursor.header.version;
  step.request.puts.emplace_back(step.cursor);
}

/// A cursor for this folder that has fetched nothing: version 0 until it is put.
cursor_record fresh_cursor(const mailbox_record& mailbox, const folder_opened& folder) {
  cursor_record cursor;
  cursor.header.tenant = mailbox.header.tenant;
  cursor.header.version = 0;
  cursor.mailbox = mailbox.id;
  cursor.folder = folder.folder;
  cursor.validity = folder.validity;
  return cursor;
}

wall_time midnight(wall_time time) {
  return std::chrono::floor<std::chrono::days>(time);
}

/// The day from which mail is wanted after a reset. SEARCH SINCE compares days
/// in the server's zone, so the day before the mailbox was added is taken.
std::optional<wall_time> wanted_since(const mailbox_record& mailbox) {
  switch (mailbox.from.what) {
  case fetch_from::kind::all: return std::nullopt;
  case fetch_from::kind::date: return mailbox.from.date;
  case fetch_from::kind::now: break;
  }
  return midnight(mailbox.added_at) - 24h;
}

event_draft given_up(const owed_action_record& action, wall_time now) {
  auto event = draft_event(event_kind::action_failed, action.key.mailbox, now);
  event.message = action.key;
  return event;
}

/// How many sessions in a row that ended with this at one message make it owed; 0:
/// it is not the message's fault.
std::uint8_t most_breaks(errc code) {
  switch (code) {
  case errc::server_busy: return max_busy_breaks;
  case errc::connection_lost:
  case errc::timed_out:
  case errc::too_large:
  case errc::protocol_violation:
  case errc::server_refused: return max_fetch_attempts;
  default: return 0;
  }
}

auto owed_at(cursor_record& cursor, std::uint32_t number) {
  return std::ranges::find(cursor.owed, number, &owed_message::number);
}

message_key key_at(const cursor_record& cursor, std::uint32_t number) {
  return {cursor.mailbox, cursor.folder, cursor.validity, number};
}

void quarantine(ingest_step& step, const mailbox_record& mailbox, std::uint32_t number,
                wall_time now) {
  message_record row;
  row.header.tenant = mailbox.header.tenant;
  row.key = key_at(step.cursor, number);
  row.fetched_at = now;
  row.possible_duplicate = number <= step.cursor.possible_duplicates_until;
  row.quarantined = true;
  auto event = draft_event(event_kind::mail_quarantined, mailbox.id, now);
  event.message = row.key;
  event.detail =
      "{\"reason\":\"the server refused it " + std::to_string(max_fetch_attempts) + " times\"}";
  step.request.puts.emplace_back(std::move(row));
  step.request.events.push_back(std::move(event));
}

event_draft arrived(const message_record& row, wall_time now) {
  auto event = draft_event(event_kind::mail_arrived, row.key.mailbox, now);
  event.message = row.key;
  event.detail = "{\"size\":" + std::to_string(row.size) + ",\"sha256\":\"" + to_hex(row.sha256)
                 + "\",\"possible_duplicate\":" + (row.possible_duplicate ? "true" : "false");
  if (row.kind != mail_kind::ordinary)
    event.detail.append(",\"kind\":\"").append(to_string(row.kind)).append("\"");
  if (row.about)
    event.detail.append(",\"about\":\"").append(to_string(*row.about)).append("\"");
  event.detail += "}";
  return event;
}

/// Tells of a report about a mail of ours. One that somebody forged about an id that was never
/// sent has no such mail.
void tell_report(ingest_step& step, const message_record& row, const mail_meaning& meaning,
                 wall_time now) {
  bool tells = row.kind == mail_kind::delivery_report || row.kind == mail_kind::complaint;
  if (!tells || !row.about)
    return;
  if (auto event = event_of_report(*row.about, row.key, meaning, now))
    step.request.events.push_back(*std::move(event));
  step.reports.push_back({*row.about, row.kind, meaning.recipients});
}

/// Index row, events and owed action of a message whose last piece this is.
void complete(ingest_step& step, const mailbox_record& mailbox, const mail_piece& piece,
              const find_sent& sent, wall_time now) {
  const auto& meaning = piece.last->meaning;
  message_record row;
  row.header.tenant = mailbox.header.tenant;
  row.key = key_at(step.cursor, piece.number);
  row.size = piece.last->size;
  row.chunks = piece.part + 1;
  row.sha256 = piece.last->sha256;
  row.internal_date = piece.last->internal_date;
  row.flags = piece.last->flags;
  row.fetched_at = now;
  row.possible_duplicate = piece.number <= step.cursor.possible_duplicates_until;
  row.kind = meaning.kind;
  row.message_id = meaning.message_id;
  row.thread = meaning.thread;
  if (sent)
    row.about = sent(meaning);
  if (mailbox.action != server_action::none) {
    owed_action_record owed;
    owed.header.tenant = mailbox.header.tenant;
    owed.key = row.key;
    owed.action = mailbox.action;
    owed.target = mailbox.move_target;
    step.actions.push_back(owed);
    step.request.puts.emplace_back(std::move(owed));
  }
  ++step.messages;
  step.bytes += row.size;
  step.request.events.push_back(arrived(row, now));
  tell_report(step, row, meaning, now);
  step.request.puts.emplace_back(std::move(row));
}

} // namespace

opening plan_opening(const mailbox_record& mailbox, const std::optional<cursor_record>& have,
                     const folder_opened& folder, wall_time now) {
  if (have && have->validity == folder.validity)
    return {};
  if (!have && mailbox.from.what == fetch_from::kind::now && folder.next_number > 0)
    return {begin_at(mailbox, have, folder, folder.next_number, now), std::nullopt};
  if (!have && mailbox.from.what == fetch_from::kind::now)
    // No UIDNEXT: a day that no mail can have yields the number behind the last.
    return {std::nullopt, midnight(now) + 10 * 365 * 24h};
  if (auto since = wanted_since(mailbox))
    return {std::nullopt, since};
  return {begin_at(mailbox, have, folder, 1, now), std::nullopt};
}

ingest_step begin_at(const mailbox_record& mailbox, const std::optional<cursor_record>& have,
                     const folder_opened& folder, std::uint32_t first, wall_time now) {
  auto step = begin_step(have ? *have : fresh_cursor(mailbox, folder), commit_class::control);
  auto& cursor = step.cursor;
  // A mailbox that was removed meanwhile must not get a cursor.
  step.request.preconditions.push_back({key_of(mailbox), mailbox.header.version});
  cursor.validity = folder.validity;
  cursor.high_water = first > 0 ? first - 1 : 0;
  cursor.owed.clear();
  if (have) {
    cursor.possible_duplicates_until = folder.next_number > 0 ? folder.next_number - 1 : 0;
    auto reset = draft_event(event_kind::mailbox_reset, mailbox.id, now);
    reset.detail = "{\"old_validity\":" + std::to_string(have->validity)
                   + ",\"new_validity\":" + std::to_string(folder.validity) + "}";
    step.request.events.push_back(std::move(reset));
  }
  put_cursor(step);
  return step;
}

ingest_step plan_batch(const mailbox_record& mailbox, const cursor_record& cursor,
                       const mail_batch& batch, const find_sent& sent, wall_time now) {
  auto step = begin_step(cursor, commit_class::bulk);
  bool moved = false;
  for (const auto& piece : batch.pieces) {
    auto owed = owed_at(step.cursor, piece.number);
    if (piece.number <= step.cursor.high_water && owed == step.cursor.owed.end())
      continue;
    body_chunk chunk;
    chunk.header.tenant = mailbox.header.tenant;
    chunk.key = key_at(step.cursor, piece.number);
    chunk.part = piece.part;
    chunk.bytes = piece.bytes;
    step.request.puts.emplace_back(std::move(chunk));
    if (!piece.last)
      continue;
    complete(step, mailbox, piece, sent, now);
    if (owed != step.cursor.owed.end())
      step.cursor.owed.erase(owed);
    step.cursor.high_water = std::max(step.cursor.high_water, piece.number);
    moved = true;
  }
  if (moved)
    put_cursor(step);
  return step;
}

ingest_step plan_finish(const mailbox_record& mailbox, const cursor_record& cursor,
                        const fetch_finished& report, std::optional<std::uint32_t> asked,
                        wall_time now) {
  // As the batches before it: a smaller commit of another class would pass them.
  auto step = begin_step(cursor, commit_class::bulk);
  auto& next = step.cursor;
  auto through = report.through;
  for (auto number : report.refused) {
    auto owed = owed_at(next, number);
    if (owed == next.owed.end()) {
      if (number <= next.high_water)
        continue;
      if (next.owed.size() >= max_owed_messages) {
        // No room to owe it: stay before it, so that it is asked for again.
        through = std::min(through, number - 1);
        break;
      }
      next.owed.push_back({number, 1});
    } else if (++owed->attempts >= max_fetch_attempts) {
      quarantine(step, mailbox, number, now);
      next.owed.erase(owed);
    }
  }
  if (asked && std::ranges::find(report.refused, *asked) == report.refused.end())
    std::erase_if(next.owed, [&](const owed_message& owed) { return owed.number == *asked; });
  if (!asked)
    next.high_water = std::max(next.high_water, through);
  if (next != cursor)
    put_cursor(step);
  return step;
}

std::optional<ingest_step> plan_break(const mailbox_record& mailbox, const cursor_record& cursor,
                                      fetch_breaks& breaks, const session_closed& end,
                                      wall_time now) {
  auto most = most_breaks(end.reason.code);
  if (!end.broke_at || end.token_expired || most == 0)
    return std::nullopt;
  auto number = *end.broke_at;
  if (number <= cursor.high_water)
    return std::nullopt;
  if (breaks.number != number)
    breaks = {number, 0};
  if (++breaks.times < most)
    return std::nullopt;
  breaks = {};
  return plan_finish(mailbox, cursor, {number, {number}}, std::nullopt, now);
}

action_step plan_action_outcome(const owed_action_record& action,
                                const std::optional<failure>& refused, wall_time now) {
  action_step step;
  step.request.preconditions.push_back({key_of(action), action.header.version});
  if (refused && action.attempts + 1 < max_action_attempts) {
    step.again = action;
    ++step.again->attempts;
    ++step.again->header.version;
    step.request.puts.emplace_back(*step.again);
    return step;
  }
  step.request.deletes.push_back(key_of(action));
  if (refused)
    step.request.events.push_back(given_up(action, now));
  return step;
}

std::optional<commit_request> drop_stale_actions(std::deque<owed_action_record>& actions,
                                                 std::uint32_t validity, wall_time now) {
  commit_request request;
  std::erase_if(actions, [&](const owed_action_record& action) {
    if (action.key.validity == validity)
      return false;
    request.deletes.push_back(key_of(action));
    request.events.push_back(given_up(action, now));
    return true;
  });
  if (request.deletes.empty())
    return std::nullopt;
  return request;
}

} // namespace mailfleet::jobs
