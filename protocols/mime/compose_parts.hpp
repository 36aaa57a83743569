#pragma once

#include "protocols/mime/compose.hpp"
#include "protocols/mime/compose_checks.hpp"
#include "protocols/mime/sink.hpp"

/// For protocols/mime/compose.cpp only.
namespace mailfleet::mime {

/// Writes a mail that was checked, with CRLF, without our own header fields, and without
/// Message-ID and Date unless it has its own. Fails with what the sink or the reader fail with.
[[nodiscard]] result<void> write_mail(const outgoing_mail& mail, const checked_mail& checked,
                                      const compose_options& options, const byte_sink& sink,
                                      const file_reader& read);

} // namespace mailfleet::mime
