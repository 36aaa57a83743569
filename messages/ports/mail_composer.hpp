#pragma once

#include "messages/values/outgoing.hpp"
#include "messages/values/result.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace mailfleet {

/// What is to be made into the bytes of a mail.
struct compose_order {
  /// Where they belong: the mail's key. Its text is the mail's own id.
  message_key key;
  std::variant<outgoing_mail, raw_mail> content;
  /// How many chunks each upload has that the content names.
  std::map<message_key, std::uint32_t> uploads;
  wall_time now{};
  std::size_t max_recipients = 0;
};

/// What was made.
struct written_mail {
  composed_mail mail;
  std::uint32_t chunks = 0;
  /// All chunks, if they are few: they are not durable yet. Empty: they are.
  std::vector<body_handle> pieces;
};

/// Makes the bytes of mails. No mail is held as a whole unless it is small.
class mail_composer {
public:
  virtual ~mail_composer() = default;

  /// May be called from any thread and never blocks; the callback comes once, on a thread of
  /// the implementation. Fails with `invalid_argument` that names the field, `too_large`,
  /// `overloaded`, or what the store fails with; chunks may have become durable then.
  virtual void compose(compose_order order, std::function<void(result<written_mail>)> done) = 0;
};

} // namespace mailfleet
