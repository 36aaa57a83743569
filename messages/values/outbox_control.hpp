#pragma once

#include "messages/values/outgoing.hpp"
#include "messages/values/records.hpp"
#include "messages/values/reference.hpp"
#include "messages/values/views.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

/// What a person or a program can ask of mail on its way out, and the answers.
namespace mailfleet {

// -- commands ---------------------------------------------------------------

/// Begins to take bytes for a mail of this mailbox that are too many for one request: a file,
/// or a whole raw mail. What is not used within `upload_life`, or before the runtime ends, is
/// thrown away.
struct open_upload {
  reference mailbox;
};
/// The next piece; parts count from 0. The last one may be given once more.
struct append_upload {
  message_key upload;
  std::uint32_t part = 0;
  /// At most `max_chunk_bytes`.
  body_handle bytes;
};
/// Hands a mail in. Answered with an `outbox_view` when it is durable and will be sent.
struct submit_mail {
  reference mailbox;
  submission_wishes wishes;
  std::variant<outgoing_mail, raw_mail> content;
};
/// Mails in the order of their keys.
struct list_outbox {
  /// None: of all mailboxes.
  std::optional<reference> mailbox;
  /// None: in any state.
  std::optional<outbox_status> status;
  std::optional<message_key> after;
  std::size_t limit = 100;
};
struct show_outbox {
  message_key key;
};
/// Tries a mail that waits now.
struct retry_mail {
  message_key key;
};
/// Takes a mail back that is not under way yet.
struct cancel_mail {
  message_key key;
};
/// Says what became of a mail in doubt.
struct resolve_doubt {
  message_key key;
  doubt_end how = doubt_end::was_sent;
};
/// Says how a mailbox sends; whole. Answered with its `mailbox_view`.
struct set_sending {
  reference which;
  sending_settings wanted;
};

// -- answers ----------------------------------------------------------------

struct upload_view {
  message_key key;
  std::uint32_t parts = 0;
  std::uint64_t bytes = 0;
  wall_time expires_at{};
};
/// How a doubt is going to end.
struct doubt_outlook {
  /// What decides where no search can tell.
  doubt_policy policy = doubt_policy::at_least_once;
  /// When the Sent folder is looked into next; none: it is being looked into.
  std::optional<wall_time> next_look;
  /// Why the last look into a Sent folder told nothing; empty: it did, or there was none yet.
  std::string trouble;
};
struct outbox_view {
  outbox_record record;
  /// Why its mailbox sends nothing at present.
  std::optional<diagnosis> trouble;
  /// Of a submission: the mail was accepted before, with the same idempotency key.
  bool is_repeated = false;
  /// Of a mail in doubt, when one is asked for.
  std::optional<doubt_outlook> doubt = std::nullopt;
};
struct outbox_list {
  std::vector<outbox_view> mails;
  /// Give it as `after` for those behind; none: there are no more. The list may be short, or
  /// empty, and have more behind.
  std::optional<message_key> next;
};

/// How much waits to be sent.
struct outbox_figures {
  std::uint64_t waiting = 0;
  std::uint64_t under_way = 0;
  std::uint64_t in_doubt = 0;
  /// Sent, and given up, since the runtime started.
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
  /// When the oldest of all these was accepted.
  std::optional<wall_time> oldest;
  /// Of one mailbox, when its figures are asked for.
  std::vector<std::pair<message_key, doubt_outlook>> doubts = {};
  /// Mailboxes that send nothing at present, and why.
  std::vector<std::pair<entity_id, diagnosis>> at_rest;
};

} // namespace mailfleet
