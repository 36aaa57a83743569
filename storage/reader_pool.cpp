#include "storage/reader_pool.hpp"

#include <utility>

namespace mailfleet::storage {

reader_pool::reader_pool(std::size_t threads, std::size_t most_waiting)
  : most_waiting_{most_waiting} {
  for (std::size_t count = 0; count < threads; ++count)
    threads_.emplace_back([this] { run(); });
}

reader_pool::~reader_pool() {
  stop();
}

reader_pool::taken reader_pool::submit(std::function<void()> job) {
  {
    std::lock_guard guard{mutex_};
    if (stopping_)
      return taken::stopped;
    if (jobs_.size() >= most_waiting_)
      return taken::full;
    jobs_.push_back(std::move(job));
  }
  something_.notify_one();
  return taken::yes;
}

void reader_pool::stop() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  something_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable())
      thread.join();
}

void reader_pool::run() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock{mutex_};
      something_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty())
        return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

} // namespace mailfleet::storage
