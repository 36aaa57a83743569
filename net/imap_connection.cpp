#include "net/imap_connection.hpp"

#include "net/imap_limits.hpp"
#include "protocols/imap/tokens.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::net {

namespace limits = imap_limits;
using boost::asio::awaitable;
using std::chrono::milliseconds;

namespace {

failure stopping() {
  return {errc::shutting_down, "the session is being closed"};
}

failure silent(std::string_view doing) {
  return {errc::timed_out, "the server did not finish " + std::string{doing} + " in time"};
}

} // namespace

imap_connection::imap_connection(std::unique_ptr<byte_stream> stream, random_source& random)
  : buffer_bytes{limits::idle_buffer_bytes},
    stream_{std::move(stream)},
    engine_{[&random](std::size_t count) { return random.bytes(count); }} {}

// -- sending ------------------------------------------------------------------

awaitable<result<std::uint32_t>> imap_connection::send(std::string_view text) {
  auto started = engine_.start(text);
  auto sent = co_await stream_->write_all(started.bytes, limits::command_deadline);
  if (!sent)
    co_return sent.error();
  co_return started.command;
}

awaitable<result<std::uint32_t>> imap_connection::send_secret(const secret& text) {
  auto started = engine_.start_secret(text);
  auto sent = co_await stream_->write_all(started.bytes.reveal(), limits::login_deadline);
  if (!sent)
    co_return sent.error();
  co_return started.command;
}

awaitable<result<std::uint32_t>>
imap_connection::send_authenticate(std::string_view mechanism,
                                   std::optional<secret> initial_response) {
  auto started = engine_.start_authenticate(mechanism, initial_response);
  auto sent = co_await stream_->write_all(started.bytes.reveal(), limits::login_deadline);
  if (!sent)
    co_return sent.error();
  co_return started.command;
}

awaitable<result<void>> imap_connection::send_line(secret line) {
  auto sent = co_await stream_->write_all(line.reveal(), limits::login_deadline);
  if (!sent)
    co_return sent;
  co_return co_await stream_->write_all("\r\n", limits::login_deadline);
}

// -- receiving ----------------------------------------------------------------

awaitable<result<imap_connection::filled>> imap_connection::fill(milliseconds deadline) {
  if (interrupted_)
    co_return stopping();
  if (buffer_size_ != buffer_bytes) {
    buffer_ = std::make_unique_for_overwrite<char[]>(buffer_bytes);
    buffer_size_ = buffer_bytes;
  }
  auto read = co_await stream_->read_some({buffer_.get(), buffer_size_}, deadline);
  if (interrupted_)
    co_return stopping();
  if (!read)
    co_return read.error();
  if (read->woken)
    co_return filled::woken;
  if (read->bytes == 0)
    co_return failure{errc::connection_lost, "the server closed the connection without a word"};
  bytes_read += read->bytes;
  engine_.feed({buffer_.get(), read->bytes});
  co_return filled::data;
}

std::optional<failure> imap_connection::fault_in(const imap::event& what) {
  if (const auto* broken = std::get_if<imap::broken>(&what))
    return failure{errc::protocol_violation, std::string{broken->why}};
  if (const auto* count = std::get_if<imap::message_count>(&what)) {
    if (count->count > exists)
      unlisted = untold = true;
    exists = count->count;
  } else if (std::holds_alternative<imap::message_expunged>(what)) {
    exists -= exists > 0 ? 1 : 0;
    ++expunged;
  } else if (const auto* list = std::get_if<imap::capability_list>(&what)) {
    able = imap::capabilities{list->names};
  } else if (const auto* said = std::get_if<imap::untagged_status>(&what)) {
    if (said->what == imap::status::bye)
      return end_with(imap::judge(said->what, said->text, at, ""));
    keep_code(said->text);
  }
  return std::nullopt;
}

void imap_connection::keep_code(const imap::response_text& text) {
  if (text.code == imap::response_code::capability)
    able = imap::capabilities{text.arguments};
  else if (at != imap::stage::selecting)
    // A later UIDNEXT counts messages that no listing of ours has named.
    return;
  else if (text.code == imap::response_code::uid_validity)
    validity = imap::read_number(text.arguments).value_or(0);
  else if (text.code == imap::response_code::uid_next)
    next_uid = imap::read_number(text.arguments).value_or(0);
}

awaitable<result<imap_connection::reply>> imap_connection::finish(std::uint32_t command,
                                                                  std::string_view doing,
                                                                  milliseconds deadline,
                                                                  event_handler handler) {
  step_clock step{deadline};
  for (;;) {
    auto what = engine_.next();
    if (std::holds_alternative<imap::need_input>(what)) {
      auto read = co_await fill(step.left());
      // Not one conditional expression: g++ 12 destroys its temporaries twice.
      if (read ? step.over() : read.error().code == errc::timed_out)
        co_return silent(doing);
      if (!read)
        co_return read.error();
      continue;
    }
    if (auto fault = fault_in(what))
      co_return *fault;
    if (std::holds_alternative<imap::continuation>(what))
      co_return failure{errc::protocol_violation,
                        "the server waits for more of " + std::string{doing}};
    const auto* done = std::get_if<imap::command_done>(&what);
    if (done != nullptr && done->command == command)
      co_return conclude(*done, doing);
    if (handler)
      handler(what);
  }
}

awaitable<result<imap_connection::reply>> imap_connection::run(std::string text,
                                                               std::string_view doing) {
  auto command = co_await send(text);
  if (!command)
    co_return command.error();
  event_handler nobody;
  co_return co_await finish(*command, doing, limits::command_deadline, std::move(nobody));
}

result<imap_connection::reply> imap_connection::conclude(const imap::command_done& done,
                                                         std::string_view doing) {
  if (done.answered == imap::status::ok) {
    keep_code(done.text);
    return reply{};
  }
  auto refusal = imap::judge(done.answered, done.text, at, doing);
  if (imap::ends_session(refusal))
    return end_with(std::move(refusal));
  return reply{std::move(refusal)};
}

failure imap_connection::end_with(imap::refusal what) {
  ended_by = std::move(what);
  return ended_by->reason;
}

awaitable<void> imap_connection::log_out() {
  // Behind other commands the server may have megabytes to send first.
  if (engine_.outstanding() > (idling ? 1u : 0u))
    co_return;
  interrupted_ = false;
  auto logout = engine_.start("LOGOUT");
  auto bytes = (idling ? "DONE\r\n" : "") + logout.bytes;
  auto sent = co_await stream_->write_all(bytes, limits::logout_deadline);
  if (!sent)
    co_return;
  // BYE comes first and ends the wait as well as the completion does.
  event_handler nobody;
  [[maybe_unused]] auto answered =
      co_await finish(logout.command, "LOGOUT", limits::logout_deadline, std::move(nobody));
}

} // namespace mailfleet::net
