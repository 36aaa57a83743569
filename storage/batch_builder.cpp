#include "storage/batch_builder.hpp"

#include "storage/limits.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::storage {

namespace {

/// Whose data key seals a record.
std::uint64_t sealing_owner(const record_key& key) {
  return belongs_to_owner(key.in) ? key.owner : 0;
}

std::string with_prefix(std::string_view prefix, std::string_view rest) {
  return std::string{prefix}.append(rest);
}

std::string mark_of(const message_key& key) {
  return with_prefix(meta_key::unfinished, encode_key(key_in(family::messages, key)));
}

failure corrupt_number() {
  return {errc::storage_corrupt, "a counter of the store has the wrong length"};
}

} // namespace

std::string to_bytes(std::uint64_t number) {
  return encode_key({.in = family::events, .owner = number});
}

result<std::uint64_t> number_from(std::string_view bytes) {
  auto key = decode_key(family::events, bytes);
  if (!key)
    return corrupt_number();
  return key->owner;
}

std::string to_bytes(const log_counters& counters) {
  return to_bytes(counters.last_event) + to_bytes(counters.last_audit);
}

result<log_counters> counters_from(std::string_view bytes) {
  auto half = bytes.size() / 2;
  auto event = number_from(bytes.substr(0, half));
  auto audit = number_from(bytes.substr(half));
  if (!event || !audit)
    return corrupt_number();
  return log_counters{*event, *audit};
}

result<opened_value> open_with(gcm_cipher& cipher, const key_ring& ring, std::uint64_t owner,
                               value_place place, std::string_view sealed) {
  auto header = read_value_header(sealed);
  if (!header)
    return header.error();
  auto key = ring.find(owner, header->key_number);
  if (!key)
    return failure{errc::storage_corrupt, "a sealed value names a data key that does not exist"};
  auto text = open_value(cipher, *key, place, sealed);
  if (!text)
    return text.error();
  return opened_value{*std::move(text), header->version, std::move(key)};
}

result<record> open_record(gcm_cipher& cipher, const key_ring& ring, const record_key& key,
                           std::string_view sealed) {
  auto place = encode_key(key);
  auto opened = open_with(cipher, ring, sealing_owner(key),
                          {static_cast<std::uint8_t>(key.in), place}, sealed);
  if (!opened)
    return opened.error();
  auto decoded = decode(key.in, std::move(opened->text));
  if (!decoded)
    return decoded;
  const auto& header = header_of(*decoded);
  if (key_of(*decoded) != key || header.version != opened->version
      || header.tenant != opened->key->tenant)
    return failure{errc::storage_corrupt, "a record says another place than where it stands"};
  return decoded;
}

batch_builder::batch_builder(database& db, key_ring& ring, const cipher_key& wrapping,
                             random_source& random)
  : db_{db}, ring_{ring}, wrapping_{wrapping}, random_{random}, batch_{max_batch_bytes} {}

batch_builder::~batch_builder() {
  plain_.wipe();
}

result<void> batch_builder::build(const batch_plan& plan) {
  batch_.Clear();
  destroyed_.clear();
  writes_token_ = false;
  for (const auto& request : plan.requests)
    if (auto added = add(request); !added)
      return added;
  return put_numbers(plan);
}

void batch_builder::settle() {
  for (const auto& key : destroyed_)
    ring_.forget(*key);
}

result<void> batch_builder::add(const planned_request& request) {
  for (auto owner : request.erased_owners)
    erase(owner);
  for (const auto& key : request.deletes) {
    batch_.Delete(db_.handle(key.in), encode_key(key));
    if (key.in == family::bodies)
      unmark(key);
  }
  mark_unfinished(request);
  for (const auto& value : request.puts)
    if (auto good = put(value); !good)
      return good;
  return {};
}

void batch_builder::erase(entity_id owner) {
  auto from = to_bytes(owner.value);
  auto behind = to_bytes(owner.value + 1);
  for (auto in : all_families)
    if (belongs_to_owner(in) || in == family::keys)
      batch_.DeleteRange(db_.handle(in), from, behind);
  batch_.DeleteRange(db_.meta(), with_prefix(meta_key::unfinished, from),
                     with_prefix(meta_key::unfinished, behind));
  std::erase_if(unfinished_, [&](const auto& one) { return one.first.mailbox == owner; });
  auto retired = ring_.retire(owner.value);
  if (!retired.empty())
    batch_.Put(db_.meta(), rocksdb::Slice{meta_key::scrub.data(), meta_key::scrub.size()},
               rocksdb::Slice{});
  std::ranges::move(retired, std::back_inserter(destroyed_));
}

result<void> batch_builder::put(const record& value) {
  auto key = key_of(value);
  const auto& header = header_of(value);
  auto sealing = key_for(sealing_owner(key), header.tenant);
  if (!sealing)
    return sealing.error();
  auto place = encode_key(key);
  encode(value, plain_);
  auto good = seal_value(cipher_, random_, **sealing, {static_cast<std::uint8_t>(key.in), place},
                         header.version, plain_.head, plain_.body, sealed_);
  plain_.wipe();
  if (good)
    batch_.Put(db_.handle(key.in), place, sealed_);
  writes_token_ = writes_token_ || key.in == family::grants;
  return good;
}

/// Marks messages of which the request holds chunks but no index row, so that
/// the next start finds those that were never finished without reading bodies.
void batch_builder::mark_unfinished(const planned_request& request) {
  std::set<message_key> finished;
  for (const auto& value : request.puts) {
    if (const auto* row = std::get_if<message_record>(&value))
      finished.insert(row->key);
    if (const auto* row = std::get_if<outbox_record>(&value))
      finished.insert(row->key);
  }
  for (const auto& key : finished)
    if (unfinished_.erase(key) != 0)
      batch_.Delete(db_.meta(), mark_of(key));
  for (const auto& value : request.puts) {
    const auto* chunk = std::get_if<body_chunk>(&value);
    if (chunk == nullptr || finished.contains(chunk->key))
      continue;
    auto [its, is_new] = unfinished_.try_emplace(chunk->key);
    its->second.insert(chunk->part);
    if (is_new)
      batch_.Put(db_.meta(), mark_of(chunk->key), rocksdb::Slice{});
  }
}

/// A message whose last chunk goes, as those of an upload that nobody used do, has nothing left
/// to be swept.
void batch_builder::unmark(const record_key& chunk) {
  message_key message{entity_id{chunk.owner}, chunk.folder, chunk.validity, chunk.number};
  auto its = unfinished_.find(message);
  if (its == unfinished_.end())
    return;
  its->second.erase(chunk.part);
  if (!its->second.empty())
    return;
  unfinished_.erase(its);
  batch_.Delete(db_.meta(), mark_of(message));
}

result<void> batch_builder::put_numbers(const batch_plan& plan) {
  for (auto [about, count] : plan.events_about) {
    auto key = with_prefix(meta_key::about, to_bytes(about.value));
    if (auto good = put_own(key, count, to_bytes(count)); !good)
      return good;
  }
  const auto& counters = plan.counters;
  return put_own(meta_key::counters, counters.last_event + counters.last_audit, to_bytes(counters));
}

result<void> batch_builder::put_own(std::string_view key, std::uint64_t version,
                                    std::string_view text) {
  auto sealing = key_for(0, record_header{}.tenant);
  if (!sealing)
    return sealing.error();
  auto good = seal_value(cipher_, random_, **sealing, {0, key}, version, text, {}, sealed_);
  if (good)
    batch_.Put(db_.meta(), rocksdb::Slice{key.data(), key.size()}, sealed_);
  return good;
}

result<data_key_ptr> batch_builder::key_for(std::uint64_t owner, const std::string& tenant) {
  if (auto current = ring_.current(owner, tenant))
    return current;
  data_key made{owner, ring_.next_number(owner), tenant, cipher_key{random_.bytes(key_bytes)}};
  auto wrapped = wrap_key(cipher_, random_, wrapping_, made);
  if (!wrapped)
    return wrapped.error();
  batch_.Put(db_.handle(family::keys),
             encode_key({.in = family::keys, .owner = owner, .folder = made.number}), *wrapped);
  ring_.add(std::move(made));
  return ring_.current(owner, tenant);
}

} // namespace mailfleet::storage
