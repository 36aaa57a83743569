#pragma once

#include "messages/values/records.hpp"
#include "protocols/imap/response_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the engine reports. Views and references hold until the engine's next
/// call.
namespace mailfleet::imap {

/// All bytes fed are read: feed more.
struct need_input {};

/// A command ended.
struct command_done {
  std::uint32_t command = 0;
  status answered = status::ok;
  response_text text;
};

/// The server waits for a line of ours.
struct continuation {
  std::string_view text;
};

/// An untagged OK, NO, BAD, BYE or PREAUTH.
struct untagged_status {
  status what = status::ok;
  response_text text;
};

/// The list behind an untagged CAPABILITY.
struct capability_list {
  std::string_view names;
};

/// EXISTS: how many messages the folder has.
struct message_count {
  std::uint32_t count = 0;
};

/// EXPUNGE: the message of this sequence number is gone.
struct message_expunged {
  std::uint32_t sequence = 0;
};

/// SEARCH, or ESEARCH to a command of ours: the numbers found, in the server's order.
struct search_found {
  const std::vector<std::uint32_t>& numbers;
};

/// A body begins; pieces follow, then `body_end`, then `fetched`.
struct body_begin {
  std::uint32_t sequence = 0;
  /// 0: the server did not name it yet.
  std::uint32_t uid = 0;
  std::uint64_t bytes = 0;
};

struct body_piece {
  std::string_view bytes;
};

struct body_end {};

/// A whole FETCH response.
struct fetched {
  std::uint32_t sequence = 0;
  /// 0: not named.
  std::uint32_t uid = 0;
  std::vector<std::string> flags;
  std::optional<wall_time> internal_date;
  std::optional<std::uint64_t> size;
  /// Whether a body came with it. BODY[] NIL is none.
  bool has_body = false;
  /// BODY[HEADER.FIELDS (...)]: those fields, and the empty line.
  std::optional<std::string> header_fields;
};

struct message_fetched {
  const fetched& message;
};

/// A folder as LIST names it.
struct listed {
  std::vector<std::string> attributes;
  std::optional<char> delimiter;
  /// As the server spells it: any bytes.
  std::string name;
};

/// LIST or XLIST: one folder.
struct folder_listed {
  const listed& folder;
};

/// Something legal that we have no use for.
struct other_data {};

/// The server broke the protocol. Nothing else follows.
struct broken {
  std::string_view why;
};

using event = std::variant<need_input, command_done, continuation, untagged_status, capability_list,
                           message_count, message_expunged, search_found, body_begin, body_piece,
                           body_end, message_fetched, folder_listed, other_data, broken>;

} // namespace mailfleet::imap
