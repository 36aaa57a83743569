#pragma once

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <memory>

namespace mailfleet::net {

/// The network's threads: each runs one io_context, so that what was spawned on
/// a context never meets another thread and needs no strand or lock.
class event_loop {
public:
  /// Starts `threads` threads (at least 1; at most one a core is useful).
  explicit event_loop(std::size_t threads);

  /// `stop`, then joins.
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// The contexts in turn. Any thread.
  [[nodiscard]] boost::asio::io_context& next() noexcept;

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] boost::asio::io_context& at(std::size_t index) noexcept;

  /// Ends all loops at once; handlers that have not run are destroyed. Any
  /// thread but a loop's own.
  void stop();

private:
  struct worker;
  std::unique_ptr<worker[]> workers_;
  std::size_t size_;
  std::atomic<std::size_t> turn_ = 0;
};

} // namespace mailfleet::net
