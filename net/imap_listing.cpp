#include "net/imap_session_core.hpp"
#include "protocols/imap/dates.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace mailfleet::net {

namespace limits = imap_limits;
using boost::asio::awaitable;

namespace {

constexpr auto last_possible_uid = std::numeric_limits<std::uint32_t>::max();

} // namespace

awaitable<result<void>> imap_session_core::list_window() {
  imap::uid_range window{next_window_, 0};
  auto beyond = connection_->next_uid;
  // Up to UIDNEXT in windows, the last one open for what has come since.
  last_window_ = beyond == 0 || next_window_ >= beyond || beyond - next_window_ <= window_width_;
  if (last_window_)
    connection_->unlisted = connection_->untold = false;
  else
    window.last = next_window_ + window_width_ - 1;
  auto listed = co_await list(window);
  if (!listed)
    co_return listed.error();
  bool few = listed->size() < limits::few_listed;
  if (!last_window_)
    next_window_ = window.last + 1;
  window_width_ = !few                                    ? limits::listed_uids
                  : window_width_ < last_possible_uid / 2 ? window_width_ * 2
                                                          : last_possible_uid;
  plan_ = fetch_plan{*std::move(listed)};
  if (plan_.last_uid() != 0 && plan_.last_uid() != last_possible_uid && beyond != 0)
    connection_->next_uid = std::max(beyond, plan_.last_uid() + 1);
  co_return result<void>{};
}

awaitable<result<std::vector<listed_message>>> imap_session_core::list(imap::uid_range window) {
  std::vector<listed_message> listed;
  bool too_many = false;
  auto take = [&](const imap::event& what) {
    const auto* fetched = std::get_if<imap::message_fetched>(&what);
    // `n:*` names the last message even if n is above it (RFC 9051 6.4.9).
    if (fetched == nullptr || fetched->message.uid < window.first
        || (window.last != 0 && fetched->message.uid > window.last))
      return;
    too_many = too_many || listed.size() >= limits::max_listed;
    if (!too_many)
      listed.push_back({fetched->message.uid, fetched->message.size.value_or(0)});
  };
  auto text = imap::list_command(window);
  auto command = co_await connection_->send(text);
  if (!command)
    co_return command.error();
  imap_connection::event_handler handler{take};
  auto answered = co_await connection_->finish(*command, "a listing", limits::listing_deadline,
                                               std::move(handler));
  if (!answered)
    co_return answered.error();
  if (answered->refused)
    co_return answered->refused->reason;
  if (too_many)
    co_return failure{errc::protocol_violation, "the server's listing has no end"};
  co_return listed;
}

awaitable<result<bool>> imap_session_core::still_there(std::uint32_t uid) {
  // A server must not tell of expunged messages in an answer to FETCH (RFC 9051 7.5.1).
  auto told = co_await connection_->run("NOOP", "NOOP");
  if (!told)
    co_return told.error();
  auto listed = co_await list({uid, uid});
  if (!listed)
    co_return listed.error();
  co_return !listed->empty();
}

awaitable<result<void>> imap_session_core::find_since(wall_time day) {
  std::uint32_t lowest = 0;
  imap_connection::event_handler take = [&lowest](const imap::event& what) {
    if (const auto* found = std::get_if<imap::search_found>(&what))
      for (auto number : found->numbers)
        lowest = lowest == 0 ? number : std::min(lowest, number);
  };
  // UIDs ascend with sequence numbers: the first window with a hit has the lowest.
  for (std::uint64_t first = 1; first <= connection_->exists && lowest == 0;
       first += limits::searched_messages) {
    auto went = connection_->expunged;
    auto last = std::min<std::uint64_t>(first + limits::searched_messages - 1, connection_->exists);
    auto text = "UID SEARCH " + std::to_string(first) + ":" + std::to_string(last) + " SINCE "
                + imap::write_date(day);
    auto command = co_await connection_->send(text);
    if (!command)
      co_return command.error();
    auto answered =
        co_await connection_->finish(*command, "SEARCH", limits::command_deadline, take);
    if (!answered)
      co_return answered.error();
    if (answered->refused)
      co_return answered->refused->reason;
    // What went meanwhile has moved the numbers behind it down.
    first -= std::min<std::uint64_t>(connection_->expunged - went, limits::searched_messages - 1);
  }
  if (lowest == 0)
    lowest = connection_->next_uid;
  report(start_found{lowest});
  co_return result<void>{};
}

awaitable<result<void>> imap_session_core::learn_next_uid() {
  if (connection_->next_uid != 0)
    co_return result<void>{};
  std::uint32_t highest = 0;
  if (connection_->exists > 0) {
    imap_connection::event_handler take = [&highest](const imap::event& what) {
      if (const auto* fetched = std::get_if<imap::message_fetched>(&what))
        highest = std::max(highest, fetched->message.uid);
    };
    auto command = co_await connection_->send("UID FETCH * (UID)");
    if (!command)
      co_return command.error();
    auto answered =
        co_await connection_->finish(*command, "a listing", limits::command_deadline, take);
    if (!answered)
      co_return answered.error();
    // A start at 1 would take all old mail.
    if (answered->refused || highest == 0)
      co_return failure{errc::protocol_violation,
                        "the server gives INBOX no UIDNEXT and does not name its last message"};
  }
  connection_->next_uid = highest == last_possible_uid ? highest : highest + 1;
  co_return result<void>{};
}

} // namespace mailfleet::net
