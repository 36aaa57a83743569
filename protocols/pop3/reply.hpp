#pragma once

#include "messages/values/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mailfleet::pop3 {

enum class reply_status : std::uint8_t {
  ok = 1,    ///< `+OK` (RFC 1939 3).
  err = 2,   ///< `-ERR`.
  go_on = 3, ///< `+ `: a challenge, or the word to go on (RFC 5034 4).
};

/// The first line of a reply.
struct pop3_reply {
  reply_status status = reply_status::err;
  /// The response code without brackets (RFC 2449 8): `SYS/TEMP`; empty: none.
  std::string code;
  /// As the server sent it, so make it printable before it is shown. With `go_on` base64.
  std::string text;
};

/// Reads a line without its CRLF. Fails with `protocol_violation` for what is no reply.
[[nodiscard]] result<pop3_reply> read_reply(std::string_view line);

} // namespace mailfleet::pop3
