#pragma once

#include "messages/values/records.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace mailfleet::jobs {

/// The keys of the chunks that a mail, or an upload, has.
[[nodiscard]] inline std::vector<record_key> content_keys(const message_key& key,
                                                          std::uint32_t chunks) {
  std::vector<record_key> keys;
  for (std::uint32_t part = 0; part < chunks; ++part)
    keys.push_back(key_in(family::bodies, key, part));
  return keys;
}

/// Takes the bytes from a mail that nobody will ask for any more; what is to be deleted.
[[nodiscard]] inline std::vector<record_key> drop_content(outbox_record& mail) {
  return content_keys(mail.key, std::exchange(mail.chunks, 0));
}

} // namespace mailfleet::jobs
