#include "net/event_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <algorithm>
#include <thread>

namespace mailfleet::net {

struct event_loop::worker {
  /// One thread runs it, so Asio may leave out its own locks around the queue
  /// only as far as posting from other threads allows: the hint is 1.
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  std::thread thread;
};

event_loop::event_loop(std::size_t threads)
  : workers_{std::make_unique<worker[]>(std::max<std::size_t>(threads, 1))},
    size_{std::max<std::size_t>(threads, 1)} {
  for (std::size_t i = 0; i < size_; ++i)
    workers_[i].thread = std::thread{[&context = workers_[i].context] { context.run(); }};
}

event_loop::~event_loop() {
  stop();
}

boost::asio::io_context& event_loop::next() noexcept {
  return at(turn_.fetch_add(1, std::memory_order_relaxed) % size_);
}

std::size_t event_loop::size() const noexcept {
  return size_;
}

boost::asio::io_context& event_loop::at(std::size_t index) noexcept {
  return workers_[index].context;
}

void event_loop::stop() {
  for (std::size_t i = 0; i < size_; ++i)
    workers_[i].context.stop();
  for (std::size_t i = 0; i < size_; ++i)
    if (workers_[i].thread.joinable())
      workers_[i].thread.join();
}

} // namespace mailfleet::net
