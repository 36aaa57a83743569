#pragma once

#include "messages/ports/random.hpp"
#include "messages/ports/sent_search.hpp"
#include "net/byte_stream.hpp"
#include "net/event_loop.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>

namespace mailfleet::net {

/// Looks by IMAP (RFC 9051, RFC 3501), on the loop's contexts in turn. Loop, connector and
/// random source must outlive the calls.
///
/// The folder is listed, chosen (protocols/imap/sent_folder.hpp), opened by EXAMINE, and
/// searched for X-Mailfleet-Id, then for the Message-ID. A server finds a text as a part of
/// longer ones, and one id may begin as another does: what it finds counts only when the
/// message's own header says the same. And servers are known that do not find what is there
/// (https://mskb.pkisolutions.com/kb/302965, an old Exchange): before a mail is said to be
/// missing the headers of the newest messages are read. "Not found" needs all that in full:
/// whatever is refused, missing, cut off or beyond a limit is a failure.
[[nodiscard]] std::unique_ptr<sent_search> make_sent_search(event_loop& loop, connector& connect,
                                                            random_source& random);

/// One look, as a coroutine; `most` is what all of it behind the greeting may take.
[[nodiscard]] boost::asio::awaitable<result<sent_answer>>
search_sent_folder(connector& connect, random_source& random, sent_query what,
                   std::chrono::milliseconds most);

} // namespace mailfleet::net
