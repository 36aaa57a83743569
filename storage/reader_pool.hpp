#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mailfleet::storage {

/// A few threads that carry out jobs in the order they came.
class reader_pool {
public:
  enum class taken { yes, full, stopped };

  reader_pool(std::size_t threads, std::size_t most_waiting);

  /// `stop`.
  ~reader_pool();
  reader_pool(const reader_pool&) = delete;
  reader_pool& operator=(const reader_pool&) = delete;

  /// Queues a job, unless too many wait or the pool stops. The job must not
  /// throw. Any thread.
  [[nodiscard]] taken submit(std::function<void()> job);

  /// Takes no more, finishes what was taken, ends the threads. Any thread but
  /// the pool's own.
  void stop();

private:
  void run();

  const std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable something_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace mailfleet::storage
