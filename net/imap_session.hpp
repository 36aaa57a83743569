#pragma once

#include "messages/ports/mail_session.hpp"
#include "messages/ports/random.hpp"
#include "net/byte_stream.hpp"
#include "net/event_loop.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>

namespace mailfleet::net {

/// Opens IMAP sessions (RFC 9051, RFC 3501), each wholly on one of the loop's
/// contexts. Loop, connector and random source must outlive the sessions and
/// the budgets they were given.
///
/// - `fetch` reports messages in ascending order without a gap. A message that
///   the server refuses ends it early: `fetch_finished` names it, `through` is
///   its number, and what follows is for another `fetch`.
///   Messages that the server no longer has are covered without a word.
/// - `watch` uses IDLE (RFC 2177), or NOOP once a minute where it is missing.
/// - `act` moves with MOVE (RFC 6851) or COPY, and expunges by UID only
///   (UIDPLUS, RFC 4315): where the server lacks it the message stays, flagged
///   \Deleted, because a plain EXPUNGE would take other people's messages too.
[[nodiscard]] std::unique_ptr<mail_session_factory>
make_imap_session_factory(event_loop& loop, connector& connect, random_source& random);

/// One session on one context, as the factory makes it.
[[nodiscard]] std::unique_ptr<mail_session>
open_imap_session(boost::asio::io_context& context, connector& connect, random_source& random,
                  session_settings settings, std::function<void(session_event)> report);

} // namespace mailfleet::net
