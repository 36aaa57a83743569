#pragma once

#include "jobs/mail_replies.hpp"

#include <string_view>
#include <vector>

/// What mail servers were seen to say, and the diagnosis it must get.
namespace mailfleet::testing {

struct recorded_reply {
  jobs::reply_protocol protocol = jobs::reply_protocol::imap;
  jobs::reply_phase phase = jobs::reply_phase::session;
  std::string_view line;
  std::string_view diagnosis;
  mailbox_auth auth = mailbox_auth::oauth2;
  bool challenged = false;
};

[[nodiscard]] std::vector<recorded_reply> recorded_replies();

} // namespace mailfleet::testing
