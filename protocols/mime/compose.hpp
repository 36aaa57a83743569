#pragma once

#include "messages/values/outgoing.hpp"
#include "protocols/mime/limits.hpp"
#include "protocols/mime/sink.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace mailfleet::mime {

struct compose_options {
  /// Our own id, for X-Mailfleet-Id and a made Message-ID: visible ASCII.
  std::string mailfleet_id;
  /// The Date of a mail that names none.
  wall_time now{};
  std::size_t max_recipients = default_max_recipients;
  std::uint64_t max_bytes = max_mail_bytes;
};

/// Gives up to `most` bytes of the content of a file of the mail, from `offset` on; none at
/// its end.
using file_reader =
    std::function<result<std::string>(std::size_t file, std::uint64_t offset, std::size_t most)>;

/// Makes a mail's bytes (RFC 5322, MIME), in the form that `raw_checker` demands, and gives them
/// to the sink piece by piece: no file is held as a whole. Without a reader the files' `content`
/// is read. Headers are encoded (RFC 2047, RFC 2231), domains become A-labels, contents are
/// quoted-printable or base64; Bcc is in the envelope only. SMTPUTF8 is needed only where an
/// address is beyond ASCII before its '@'.
///
/// Fails with `invalid_argument`, naming the field, before the sink gets anything; with
/// `too_large`, or with what the sink or the reader fail with, at any time: what the sink has
/// then is to be thrown away. No value can add a header, a line or a recipient.
[[nodiscard]] result<composed_mail> compose(const outgoing_mail& mail,
                                            const compose_options& options, const byte_sink& sink,
                                            const file_reader& read = {});

} // namespace mailfleet::mime
