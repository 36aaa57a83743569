#pragma once

#include "messages/ports/control_door.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace mailfleet::web {

/// Asks the control door from coroutines of one io_context, which one thread
/// runs. Close it before that io_context goes; the door may answer later still.
class door_bridge {
public:
  door_bridge(boost::asio::io_context& io, std::shared_ptr<control_door> door);
  ~door_bridge();
  door_bridge(const door_bridge&) = delete;
  door_bridge& operator=(const door_bridge&) = delete;

  /// The door's answer, or `timed_out` after the deadline. Whoever stops
  /// waiting undoes nothing: the command runs to its end, and its answer is dropped.
  [[nodiscard]] boost::asio::awaitable<result<control_answer>>
  ask(std::string actor, control_command command, std::chrono::milliseconds deadline);

  /// From here on answers are dropped. Any thread.
  void close() noexcept;

private:
  struct gate;
  struct pending;

  std::shared_ptr<gate> gate_;
  std::shared_ptr<control_door> door_;
};

} // namespace mailfleet::web
