#include "web/door_bridge.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mutex>
#include <optional>

namespace mailfleet::web {

namespace asio = boost::asio;

/// Lets answers through while the io_context is known to live.
struct door_bridge::gate {
  explicit gate(asio::io_context& context) : io{context} {}

  std::mutex mutex;
  bool open = true;
  asio::io_context& io;
};

/// A coroutine that waits. It alone owns this: others hold it weakly, so that
/// the timer is never destroyed on a foreign thread.
struct door_bridge::pending {
  explicit pending(asio::io_context& io) : answered{io} {}

  std::optional<result<control_answer>> answer;
  asio::steady_timer answered;
};

door_bridge::door_bridge(asio::io_context& io, std::shared_ptr<control_door> door)
  : gate_{std::make_shared<gate>(io)}, door_{std::move(door)} {}

door_bridge::~door_bridge() {
  close();
}

void door_bridge::close() noexcept {
  auto lock = std::scoped_lock{gate_->mutex};
  gate_->open = false;
}

asio::awaitable<result<control_answer>> door_bridge::ask(std::string actor, control_command command,
                                                         std::chrono::milliseconds deadline) {
  auto waiting = std::make_shared<pending>(gate_->io);
  waiting->answered.expires_after(deadline);
  auto deliver = [through = gate_, to = std::weak_ptr{waiting}](result<control_answer> answer) {
    auto lock = std::scoped_lock{through->mutex};
    if (!through->open)
      return;
    asio::post(through->io, [to, answer = std::move(answer)]() mutable {
      if (auto coroutine = to.lock()) {
        coroutine->answer = std::move(answer);
        coroutine->answered.cancel();
      }
    });
  };
  door_->ask(std::move(actor), std::move(command), std::move(deliver));
  boost::system::error_code ignored;
  co_await waiting->answered.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!waiting->answer)
    co_return failure{errc::timed_out, "the runtime has not answered in time; the command may "
                                       "still be carried out"};
  co_return *std::move(waiting->answer);
}

} // namespace mailfleet::web
