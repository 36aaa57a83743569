#include "messages/values/fail_point.hpp"
#include "net/imap_session_core.hpp"
#include "protocols/imap/folder_names.hpp"

#include <utility>

namespace mailfleet::net {

using boost::asio::awaitable;
using refusal = std::optional<failure>;

awaitable<result<void>> imap_session_core::act(carry_out what) {
  auto number = what.number;
  MAILFLEET_FAIL_POINT("before_server_action");
  auto done = co_await act_on_server(std::move(what));
  if (!done)
    co_return done.error();
  MAILFLEET_FAIL_POINT("after_server_action");
  report(action_finished{number, *std::move(done)});
  co_return result<void>{};
}

awaitable<result<refusal>> imap_session_core::act_on_server(carry_out what) {
  auto uid = std::to_string(what.number);
  switch (what.action) {
  case server_action::none: break;
  case server_action::seen:
    co_return co_await attempt("UID STORE " + uid + " +FLAGS.SILENT (\\Seen)", "STORE");
  case server_action::move: co_return co_await move(uid, std::move(what.target));
  case server_action::remove: co_return co_await expunge(uid);
  }
  co_return refusal{};
}

awaitable<result<refusal>> imap_session_core::attempt(std::string text, std::string_view doing) {
  auto answered = co_await connection_->run(std::move(text), doing);
  if (!answered)
    co_return answered.error();
  if (answered->refused)
    co_return refusal{std::move(answered->refused->reason)};
  co_return refusal{};
}

awaitable<result<refusal>> imap_session_core::expunge(std::string uid) {
  auto flagged = co_await attempt("UID STORE " + uid + " +FLAGS.SILENT (\\Deleted)", "STORE");
  // A plain EXPUNGE would take what other clients have flagged as well.
  if (!flagged || *flagged || !connection_->able.has("UIDPLUS"))
    co_return flagged;
  co_return co_await attempt("UID EXPUNGE " + uid, "EXPUNGE");
}

awaitable<result<refusal>> imap_session_core::move(std::string uid, std::string target) {
  auto folder = imap::quoted_mailbox(target);
  if (!folder)
    co_return refusal{folder.error()};
  if (connection_->able.has("MOVE"))
    co_return co_await attempt("UID MOVE " + uid + " " + *folder, "MOVE");
  auto copied = co_await attempt("UID COPY " + uid + " " + *folder, "COPY");
  if (!copied || *copied)
    co_return copied;
  co_return co_await expunge(uid);
}

} // namespace mailfleet::net
