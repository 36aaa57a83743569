#pragma once

#include "actors/limits.hpp"
#include "messages/values/mail.hpp"
#include "messages/values/records.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace mailfleet {

/// A mail as it was accepted. Large content is not kept.
struct fresh_mail {
  outbox_record record;
  std::vector<body_handle> content;

  [[nodiscard]] std::size_t bytes() const {
    auto sum = fresh_record_bytes + record.progress.recipients.size() * fresh_recipient_bytes;
    for (const auto& piece : content)
      sum += piece->bytes.size();
    return sum;
  }
};

/// Mails that came just now, so that they need not be read to be sent: within
/// `max_fresh_bytes`, the older ones first. For one thread.
class fresh_mails {
public:
  /// Keeps a mail if there is room, with its content if that is small.
  void keep(fresh_mail mail) {
    if (mail.content.size() > 1
        || (!mail.content.empty() && mail.content.front()->bytes.size() > max_fresh_content_bytes))
      mail.content.clear();
    auto bytes = mail.bytes();
    auto key = mail.record.key;
    if (bytes_ + bytes <= max_fresh_bytes && kept_.try_emplace(key, std::move(mail)).second)
      bytes_ += bytes;
  }

  [[nodiscard]] std::optional<fresh_mail> take(const message_key& key) {
    auto node = kept_.extract(key);
    if (node.empty())
      return std::nullopt;
    bytes_ -= node.mapped().bytes();
    return std::move(node.mapped());
  }

  void drop(const message_key& key) {
    static_cast<void>(take(key));
  }

private:
  std::map<message_key, fresh_mail> kept_;
  std::size_t bytes_ = 0;
};

} // namespace mailfleet
