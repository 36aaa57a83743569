#include "messages/values/byte_budget.hpp"

#include <atomic>

namespace mailfleet {

void credit::give_back() noexcept {
  if (budget_)
    budget_->give_back(bytes_);
  budget_.reset();
  bytes_ = 0;
}

std::shared_ptr<byte_budget> byte_budget::make(std::size_t limit,
                                               std::shared_ptr<byte_budget> parent) {
  return std::shared_ptr<byte_budget>{new byte_budget{limit, std::move(parent)}};
}

std::optional<credit> byte_budget::try_take(std::size_t bytes) {
  std::vector<byte_budget*> taken;
  for (auto* budget = this; budget != nullptr; budget = budget->parent_.get()) {
    if (!budget->take_here(bytes)) {
      for (auto* back : taken) {
        std::lock_guard guard{back->mutex_};
        back->used_ -= bytes;
      }
      return std::nullopt;
    }
    taken.push_back(budget);
  }
  return credit{shared_from_this(), bytes};
}

bool byte_budget::take_here(std::size_t bytes) {
  std::lock_guard guard{mutex_};
  if (used_ != 0 && (bytes > limit_ || used_ > limit_ - bytes))
    return false;
  used_ += bytes;
  return true;
}

void byte_budget::when_returned(std::function<void()> wake) {
  // Registered with the parents too: whichever returns bytes first wakes it once.
  struct waiter {
    std::function<void()> wake;
    std::atomic<bool> woken = false;
  };
  auto once = std::make_shared<waiter>();
  once->wake = std::move(wake);
  for (auto* budget = this; budget != nullptr; budget = budget->parent_.get()) {
    std::lock_guard guard{budget->mutex_};
    budget->waiting_.push_back([once] {
      if (!once->woken.exchange(true))
        once->wake();
    });
  }
}

std::size_t byte_budget::used() const {
  std::lock_guard guard{mutex_};
  return used_;
}

void byte_budget::give_back(std::size_t bytes) noexcept {
  std::vector<std::function<void()>> woken;
  {
    std::lock_guard guard{mutex_};
    used_ -= bytes;
    woken.swap(waiting_);
  }
  if (parent_)
    parent_->give_back(bytes);
  for (auto& wake : woken)
    wake();
}

} // namespace mailfleet
