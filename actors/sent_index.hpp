#pragma once

#include "messages/values/ids.hpp"
#include "messages/values/mail_meaning.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace mailfleet {

/// Which mail of ours another mail speaks of: by our own id, or by its Message-ID. The outbox
/// keeps it, mailboxes ask it for mail that comes. Any thread. In memory: hashes of ids, so that
/// a hundred thousand mails take some megabytes.
class sent_index {
public:
  void note(const message_key& key, const std::string& message_id);
  void forget(const message_key& key, const std::string& message_id);

  /// The mail of this mailbox that a report is about, or that another mail answers; nothing if
  /// none is known. A report is written by others: an id that was never ours means nothing.
  [[nodiscard]] std::optional<message_key> find(entity_id mailbox,
                                                const mail_meaning& meaning) const;

private:
  [[nodiscard]] std::optional<message_key> named(entity_id mailbox, const std::string& id) const;
  [[nodiscard]] std::optional<message_key> by_message_id(entity_id mailbox,
                                                         const std::string& id) const;

  mutable std::mutex mutex_;
  std::set<message_key> keys_;
  /// By the hash of mailbox and Message-ID.
  std::unordered_multimap<std::uint64_t, message_key> mails_;
};

} // namespace mailfleet
