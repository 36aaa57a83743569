#pragma once

#include "messages/ports/mail_session.hpp"

#include <functional>
#include <string>

namespace mailfleet {

/// A look into the folder where a server keeps what was sent.
struct sent_query {
  /// At the IMAP server; `budget` is not used.
  session_settings account;
  /// The folder's name where it is configured; empty: it is found (protocols/imap/sent_folder.hpp).
  std::string folder;
  /// The mail's own id, as X-Mailfleet-Id has it.
  std::string own_id;
  /// With angle brackets; servers may have replaced it. Empty: it is not looked for.
  std::string message_id;
};

/// What a look gave that came to its end.
struct sent_answer {
  /// The server has no folder that is known for this.
  bool no_folder = false;
  bool found = false;
  /// Its name there.
  std::string folder;
};

/// Looks into Sent folders.
class sent_search {
public:
  virtual ~sent_search() = default;

  /// Connects, logs in, opens the folder for reading only, searches it for the mail, and
  /// leaves. May be called from any thread and never blocks; the callback comes once, on a
  /// thread of the implementation, and not at all when the network's loop has stopped. Fails
  /// where the look did not come to its end: that says nothing of the mail.
  virtual void search(sent_query what, std::function<void(result<sent_answer>)> done) = 0;
};

} // namespace mailfleet
