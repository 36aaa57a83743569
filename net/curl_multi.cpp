#include "net/curl_multi.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace mailfleet::net {

/// A socket of libcurl's that Asio waits on. It is released, never closed, by us.
struct curl_multi::watch {
  watch(const boost::asio::any_io_executor& executor, curl_socket_t socket)
    : descriptor{executor, socket} {}
  ~watch() {
    drop();
  }
  watch(const watch&) = delete;
  watch& operator=(const watch&) = delete;

  void drop() noexcept {
    if (descriptor.is_open())
      static_cast<void>(descriptor.release());
  }

  boost::asio::posix::stream_descriptor descriptor;
  /// CURL_POLL_IN, CURL_POLL_OUT: what libcurl wants, and what is waited for.
  int wanted = 0;
  int waiting = 0;
};

curl_multi::curl_multi(boost::asio::any_io_executor executor)
  : executor_{std::move(executor)}, timer_{executor_}, multi_{curl_multi_init()} {}

result<std::shared_ptr<curl_multi>> curl_multi::make(boost::asio::any_io_executor executor,
                                                     long max_kept) {
  if (auto prepared = prepare_curl(); !prepared)
    return prepared.error();
  std::shared_ptr<curl_multi> made{new curl_multi{std::move(executor)}};
  auto* multi = made->multi_.get();
  if (multi == nullptr || curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK
      || curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, made.get()) != CURLM_OK
      || curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK
      || curl_multi_setopt(multi, CURLMOPT_TIMERDATA, made.get()) != CURLM_OK
      || curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, max_kept) != CURLM_OK)
    return failure{errc::internal, "libcurl has no memory for a group of connections"};
  return made;
}

curl_multi::~curl_multi() {
  for (auto& [easy, done] : transfers_)
    curl_multi_remove_handle(multi_.get(), easy);
  // Before the watches: closing connections still calls back.
  multi_.reset();
}

result<void> curl_multi::add(CURL* easy, std::function<void(CURLcode)> done) {
  transfers_.insert_or_assign(easy, std::move(done));
  if (auto code = curl_multi_add_handle(multi_.get(), easy); code != CURLM_OK) {
    transfers_.erase(easy);
    return failure{errc::internal,
                   std::string{"libcurl refused a connection: "} + curl_multi_strerror(code)};
  }
  return {};
}

void curl_multi::remove(CURL* easy) noexcept {
  if (transfers_.erase(easy) > 0)
    curl_multi_remove_handle(multi_.get(), easy);
}

int curl_multi::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept {
  try {
    static_cast<curl_multi*>(self)->watch_socket(socket, what);
  } catch (...) {
    // It cannot be waited on, and its transfer runs into its deadline. To say
    // so would make libcurl end all transfers of the multi handle.
  }
  return 0;
}

int curl_multi::on_timer(CURLM*, long timeout_ms, void* self) noexcept {
  try {
    static_cast<curl_multi*>(self)->set_timer(timeout_ms);
    return 0;
  } catch (...) {
    return -1;
  }
}

void curl_multi::watch_socket(curl_socket_t socket, int what) {
  if (what == CURL_POLL_REMOVE) {
    if (auto found = watches_.find(socket); found != watches_.end()) {
      found->second->drop();
      watches_.erase(found);
    }
    return;
  }
  auto& watched = watches_[socket];
  if (!watched)
    watched = std::make_shared<watch>(executor_, socket);
  watched->wanted = what;
  wait(watched, CURL_POLL_IN);
  wait(watched, CURL_POLL_OUT);
}

void curl_multi::wait(const std::shared_ptr<watch>& watched, int direction) {
  if ((watched->wanted & direction) == 0 || (watched->waiting & direction) != 0)
    return;
  watched->waiting |= direction;
  auto kind = direction == CURL_POLL_IN ? boost::asio::posix::descriptor_base::wait_read
                                        : boost::asio::posix::descriptor_base::wait_write;
  watched->descriptor.async_wait(
      kind, [weak = weak_from_this(), watched, direction](boost::system::error_code error) {
        watched->waiting &= ~direction;
        auto self = weak.lock();
        if (!self || !watched->descriptor.is_open())
          return;
        // What libcurl no longer wants must not wake it again and again.
        if ((watched->wanted & direction) == 0)
          return;
        auto socket = watched->descriptor.native_handle();
        self->act(socket, error                       ? CURL_CSELECT_ERR
                          : direction == CURL_POLL_IN ? CURL_CSELECT_IN
                                                      : CURL_CSELECT_OUT);
        if (watched->descriptor.is_open())
          self->wait(watched, direction);
      });
}

void curl_multi::set_timer(long timeout_ms) {
  due_ = steady_time::max();
  if (timeout_ms == 0)
    return boost::asio::post(executor_, [weak = weak_from_this()] {
      if (auto self = weak.lock())
        self->act(CURL_SOCKET_TIMEOUT, 0);
    });
  if (timeout_ms < 0)
    return;
  due_ = std::chrono::steady_clock::now() + std::chrono::milliseconds{timeout_ms};
  if (due_ < armed_)
    arm();
}

/// libcurl moves its timer with every step of a transfer, mostly to later: a system call
/// each. So the timer is left as it is, and looks again when it fires too early.
void curl_multi::arm() {
  armed_ = due_;
  timer_.expires_at(armed_);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    auto self = weak.lock();
    if (!self || error)
      return;
    self->armed_ = steady_time::max();
    if (self->due_ == steady_time::max())
      return;
    if (std::chrono::steady_clock::now() < self->due_)
      return self->arm();
    self->due_ = steady_time::max();
    self->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void curl_multi::act(curl_socket_t socket, int events) {
  int running = 0;
  static_cast<void>(curl_multi_socket_action(multi_.get(), socket, events, &running));
  report_finished();
}

void curl_multi::report_finished() {
  int left = 0;
  while (auto* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    // The message dies with the next call into libcurl.
    auto code = message->data.result;
    auto found = transfers_.find(message->easy_handle);
    if (found == transfers_.end() || !found->second)
      continue;
    std::exchange(found->second, nullptr)(code);
  }
}

} // namespace mailfleet::net
