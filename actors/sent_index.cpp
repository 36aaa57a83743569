#include "actors/sent_index.hpp"

#include <algorithm>
#include <functional>

namespace mailfleet {

namespace {

std::uint64_t hash_of(entity_id mailbox, const std::string& message_id) {
  return std::hash<std::string>{}(message_id) ^ (mailbox.value * 0x9E37'79B9'7F4A'7C15);
}

} // namespace

void sent_index::note(const message_key& key, const std::string& message_id) {
  std::lock_guard guard{mutex_};
  if (keys_.insert(key).second)
    mails_.emplace(hash_of(key.mailbox, message_id), key);
}

void sent_index::forget(const message_key& key, const std::string& message_id) {
  std::lock_guard guard{mutex_};
  keys_.erase(key);
  auto [from, to] = mails_.equal_range(hash_of(key.mailbox, message_id));
  auto found = std::find_if(from, to, [&](const auto& entry) { return entry.second == key; });
  if (found != to)
    mails_.erase(found);
}

std::optional<message_key> sent_index::find(entity_id mailbox, const mail_meaning& meaning) const {
  for (const auto* id : {&meaning.about_mailfleet_id, &meaning.about_envelope_id})
    if (auto key = named(mailbox, *id))
      return key;
  if (auto key = by_message_id(mailbox, meaning.about_message_id))
    return key;
  // The latest of the thread is what it answers.
  for (auto id = meaning.thread.rbegin(); id != meaning.thread.rend(); ++id)
    if (auto key = by_message_id(mailbox, *id))
      return key;
  return std::nullopt;
}

std::optional<message_key> sent_index::named(entity_id mailbox, const std::string& id) const {
  auto key = parse_message_key(id);
  if (!key || key->folder != outbox_folder || key->mailbox != mailbox)
    return std::nullopt;
  std::lock_guard guard{mutex_};
  return keys_.contains(*key) ? key : std::nullopt;
}

std::optional<message_key> sent_index::by_message_id(entity_id mailbox,
                                                     const std::string& id) const {
  if (id.empty())
    return std::nullopt;
  std::lock_guard guard{mutex_};
  auto [from, to] = mails_.equal_range(hash_of(mailbox, id));
  return from == to ? std::nullopt : std::optional{from->second};
}

} // namespace mailfleet
