#include "storage/batch_planner.hpp"

#include "storage/codec.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace mailfleet::storage {

namespace {

result<void> validate_key(const record_key& key, std::string_view field) {
  if (!is_well_formed(key) || key.in == family::keys)
    return bad_field(field, "holds a key that no record can have",
                     "make it with the functions of messages/values/records.hpp");
  return {};
}

result<void> validate_put(const record& put) {
  auto key = key_of(put);
  if (has_own_numbers(key.in))
    return bad_field("puts", "holds an event or audit record",
                     "give it as a draft: its number is the store's to give");
  if (header_of(put).version == 0)
    return bad_field("puts", "holds a record of version 0", "count versions from 1");
  if (const auto* chunk = std::get_if<body_chunk>(&put))
    if (!chunk->bytes || chunk->bytes->bytes.size() > max_chunk_bytes)
      return bad_field("puts", "holds a body chunk without bytes or above the limit",
                       "cut bodies at " + std::to_string(max_chunk_bytes) + " bytes");
  return validate_key(key, "puts");
}

/// The request's changes as they are written, events numbered.
planned_request number(commit_request&& request, log_counters& counters,
                       std::map<entity_id, std::uint64_t>& about) {
  planned_request planned{std::move(request.erased_owners), std::move(request.deletes),
                          std::move(request.puts)};
  for (auto& draft : request.events) {
    event_record event;
    event.number = ++counters.last_event;
    event.about_number = ++about[draft.about];
    event.what = std::move(draft);
    planned.puts.emplace_back(std::move(event));
  }
  if (request.audit) {
    request.audit->number = ++counters.last_audit;
    planned.puts.emplace_back(*std::move(request.audit));
  }
  return planned;
}

} // namespace

result<void> validate(const commit_request& request) {
  for (const auto& put : request.puts)
    if (auto good = validate_put(put); !good)
      return good;
  for (const auto& demand : request.preconditions)
    if (auto good = validate_key(demand.key, "preconditions"); !good)
      return good;
  for (const auto& key : request.deletes) {
    if (auto good = validate_key(key, "deletes"); !good)
      return good;
    if (has_own_numbers(key.in))
      return bad_field("deletes", "holds an event or audit record", "the logs only grow");
  }
  auto is_id = [](entity_id id) { return id.value != 0 && id.value <= max_entity_id; };
  if (!std::ranges::all_of(request.erased_owners, is_id)
      || !std::ranges::all_of(request.events, is_id, &event_draft::about))
    return bad_field("erased_owners or events", "names an entity with an impossible id",
                     "give the id of a provider or mailbox");
  return {};
}

batch_planner::batch_planner(record_store& committed) : committed_{committed} {
  plan_.counters = committed.counters();
}

result<commit_receipt> batch_planner::add(commit_request request) {
  if (auto good = check(request); !good)
    return good.error();
  auto counts = counts_for(request);
  if (!counts)
    return counts.error();
  commit_receipt receipt{request.events.empty() ? 0 : plan_.counters.last_event + 1,
                         request.events.size()};
  auto planned = number(std::move(request), plan_.counters, *counts);
  for (auto [about, count] : *counts)
    plan_.events_about[about] = count;
  remember(planned);
  plan_.requests.push_back(std::move(planned));
  return receipt;
}

result<void> batch_planner::check(const commit_request& request) {
  if (auto good = validate(request); !good)
    return good;
  for (const auto& demand : request.preconditions) {
    auto version = version_of(demand.key);
    if (!version)
      return version.error();
    if (*version != demand.version)
      return failure{errc::precondition_failed,
                     "a record of family " + std::string{name_of(demand.key.in)} + " has version "
                         + std::to_string(*version) + ", not " + std::to_string(demand.version)
                         + ": read it again"};
  }
  return {};
}

result<std::uint64_t> batch_planner::version_of(const record_key& key) {
  if (auto changed = changed_.find(key); changed != changed_.end())
    return changed->second;
  if (belongs_to_owner(key.in) && erased_.contains(key.owner))
    return std::uint64_t{0};
  return committed_.version_of(key);
}

result<std::map<entity_id, std::uint64_t>>
batch_planner::counts_for(const commit_request& request) {
  std::map<entity_id, std::uint64_t> counts;
  for (const auto& draft : request.events) {
    if (auto known = plan_.events_about.find(draft.about); known != plan_.events_about.end()) {
      counts.insert(*known);
    } else if (!counts.contains(draft.about)) {
      auto committed = committed_.events_about(draft.about);
      if (!committed)
        return committed.error();
      counts.emplace(draft.about, *committed);
    }
  }
  return counts;
}

void batch_planner::remember(const planned_request& accepted) {
  for (auto owner : accepted.erased_owners) {
    std::erase_if(changed_, [&](const auto& change) {
      return belongs_to_owner(change.first.in) && change.first.owner == owner.value;
    });
    erased_.insert(owner.value);
  }
  for (const auto& key : accepted.deletes)
    changed_[key] = 0;
  for (const auto& put : accepted.puts)
    changed_[key_of(put)] = header_of(put).version;
}

} // namespace mailfleet::storage
