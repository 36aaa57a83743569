#include "net/curl_stream.hpp"

#include "net/limits.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace mailfleet::net {

namespace {

std::chrono::steady_clock::time_point later_by(std::chrono::milliseconds deadline) {
  return std::chrono::steady_clock::now()
         + std::min(deadline, std::chrono::milliseconds{longest_wait});
}

} // namespace

/// The wait under way. Shared with its timer's handler, which may run when the
/// wait is over and even when the stream is gone.
struct curl_stream::waiting {
  curl_stream* stream = nullptr;
  std::uint64_t number = 0;
  bool late = false;
};

curl_stream::curl_stream(std::unique_ptr<curl_session> session,
                         const boost::asio::any_io_executor& executor)
  : session_{std::move(session)},
    descriptor_{executor},
    timer_{executor},
    waiting_{std::make_shared<waiting>()} {}

curl_stream::~curl_stream() {
  waiting_->stream = nullptr;
  // libcurl closes it with the session.
  if (descriptor_.is_open())
    static_cast<void>(descriptor_.release());
}

result<std::unique_ptr<byte_stream>>
curl_stream::take_over(std::unique_ptr<curl_session> session,
                       const boost::asio::any_io_executor& executor) {
  std::unique_ptr<curl_stream> stream{new curl_stream{std::move(session), executor}};
  if (auto touched = stream->touch(); !touched)
    return touched.error();
  auto socket = stream->session_->socket();
  if (!socket)
    return socket.error();
  boost::system::error_code error;
  stream->descriptor_.assign(*socket, error);
  if (error)
    return failure{errc::internal, stream->session_->transport().where()
                                       + " cannot be waited on: " + error.message() + "."};
  return std::unique_ptr<byte_stream>{std::move(stream)};
}

result<void> curl_stream::touch() {
  // A connection that nobody has read from may be closed by libcurl when
  // another one is opened.
  std::array<char, 4096> bytes{};
  std::size_t count = 0;
  auto code = curl_easy_recv(session_->transport().easy(), bytes.data(), bytes.size(), &count);
  if (code != CURLE_OK && code != CURLE_AGAIN)
    return lost("taking it over");
  early_.assign(bytes.data(), count);
  return {};
}

failure curl_stream::lost(std::string_view doing) const {
  return {errc::connection_lost, "The connection to " + session_->transport().where()
                                     + " broke while " + std::string{doing} + "."};
}

failure curl_stream::late(std::string_view doing) const {
  return {errc::timed_out,
          session_->transport().where() + " passed the deadline of " + std::string{doing} + "."};
}

boost::asio::awaitable<curl_stream::wait_end>
curl_stream::wait(boost::asio::posix::descriptor_base::wait_type kind,
                  std::chrono::steady_clock::time_point until) {
  auto number = ++waiting_->number;
  waiting_->stream = this;
  waiting_->late = false;
  timer_.expires_at(until);
  timer_.async_wait([shared = waiting_, number](boost::system::error_code error) {
    if (error || shared->stream == nullptr || shared->number != number)
      return;
    shared->late = true;
    shared->stream->wake_wait();
  });
  auto [error] =
      co_await descriptor_.async_wait(kind, boost::asio::as_tuple(boost::asio::use_awaitable));
  ++waiting_->number;
  waiting_->stream = nullptr;
  timer_.cancel();
  if (!error)
    co_return wait_end::ready;
  co_return waiting_->late ? wait_end::late : wait_end::woken;
}

boost::asio::awaitable<result<read_outcome>>
curl_stream::read_some(std::span<char> into, std::chrono::milliseconds deadline) {
  if (into.empty())
    co_return failure{errc::internal, "A read needs room for a byte."};
  if (broken_)
    co_return lost("reading");
  // Bytes that keep coming must not keep the loop from its other sessions.
  if (++served_at_once_ % reads_before_yield == 0)
    co_await boost::asio::post(descriptor_.get_executor(), boost::asio::use_awaitable);
  auto until = later_by(deadline);
  for (;;) {
    if (std::exchange(woken_, false))
      co_return read_outcome{0, true};
    if (!early_.empty()) {
      auto size = early_.copy(into.data(), into.size());
      early_.erase(0, size);
      co_return read_outcome{size, false};
    }
    // TLS may hold bytes that no descriptor tells of: read before waiting.
    std::size_t count = 0;
    auto code = curl_easy_recv(session_->transport().easy(), into.data(), into.size(), &count);
    if (code == CURLE_OK && count > 0)
      co_return read_outcome{count, false};
    if (code == CURLE_OK && session_->transport().admission().ended_in_order())
      co_return read_outcome{};
    if (code != CURLE_AGAIN) {
      broken_ = true;
      co_return lost("reading");
    }
    served_at_once_ = 0;
    if (co_await wait(boost::asio::posix::descriptor_base::wait_read, until) == wait_end::late)
      co_return late("a read");
  }
}

boost::asio::awaitable<result<void>> curl_stream::write_all(std::string_view bytes,
                                                            std::chrono::milliseconds deadline) {
  auto until = later_by(deadline);
  while (!bytes.empty()) {
    if (broken_)
      co_return lost("writing");
    std::size_t count = 0;
    auto code = curl_easy_send(session_->transport().easy(), bytes.data(), bytes.size(), &count);
    if (code == CURLE_OK) {
      bytes.remove_prefix(count);
      continue;
    }
    if (code != CURLE_AGAIN) {
      broken_ = true;
      co_return lost("writing");
    }
    // TLS demands the same bytes again: `bytes` has not moved.
    if (co_await wait(boost::asio::posix::descriptor_base::wait_write, until) == wait_end::late) {
      broken_ = true;
      co_return late("a write");
    }
  }
  co_return result<void>{};
}

void curl_stream::wake() noexcept {
  // A write that waits only waits once more.
  woken_ = true;
  wake_wait();
}

void curl_stream::wake_wait() noexcept {
  boost::system::error_code ignored;
  descriptor_.cancel(ignored);
}

std::string_view curl_stream::peer_certificate_sha256() const noexcept {
  const auto& offered = session_->transport().admission().offered();
  return offered ? std::string_view{offered->sha256} : std::string_view{};
}

} // namespace mailfleet::net
