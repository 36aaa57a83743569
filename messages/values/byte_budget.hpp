#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace mailfleet {

class byte_budget;

/// Bytes taken from a budget (and from its parents). Move-only; gives them back
/// when it goes, on whatever path: committed, dropped, its actor dead.
class credit {
public:
  credit() = default;
  credit(credit&& other) noexcept
    : budget_{std::move(other.budget_)}, bytes_{std::exchange(other.bytes_, 0)} {}
  credit& operator=(credit&& other) noexcept {
    if (this != &other) {
      give_back();
      budget_ = std::move(other.budget_);
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  credit(const credit&) = delete;
  credit& operator=(const credit&) = delete;
  ~credit() {
    give_back();
  }

  [[nodiscard]] std::size_t bytes() const noexcept {
    return bytes_;
  }

private:
  friend class byte_budget;
  credit(std::shared_ptr<byte_budget> budget, std::size_t bytes)
    : budget_{std::move(budget)}, bytes_{bytes} {}
  void give_back() noexcept;

  std::shared_ptr<byte_budget> budget_;
  std::size_t bytes_ = 0;
};

/// How many bytes of mail may be between the socket and the disk. One budget a
/// mailbox, each a child of the process's. All functions may be called from any
/// thread.
class byte_budget : public std::enable_shared_from_this<byte_budget> {
public:
  /// A budget of `limit` bytes that also draws on `parent`, if there is one.
  [[nodiscard]] static std::shared_ptr<byte_budget>
  make(std::size_t limit, std::shared_ptr<byte_budget> parent = nullptr);

  /// Takes `bytes`, or nothing if the budget or a parent lacks them. An amount
  /// above the limit is granted when nothing else is out, so that no single
  /// chunk can wait forever.
  [[nodiscard]] std::optional<credit> try_take(std::size_t bytes);

  /// Calls `wake` once, after bytes came back to this budget or to a parent,
  /// on the thread that gave them back. Retry `try_take` then; it may fail
  /// again. Bytes that came back before the call wake nobody: register first,
  /// then try once more. `wake` must not block and must not call into the budget.
  void when_returned(std::function<void()> wake);

  /// Bytes out now.
  [[nodiscard]] std::size_t used() const;
  [[nodiscard]] std::size_t limit() const noexcept {
    return limit_;
  }

private:
  friend class credit;
  byte_budget(std::size_t limit, std::shared_ptr<byte_budget> parent)
    : limit_{limit}, parent_{std::move(parent)} {}
  bool take_here(std::size_t bytes);
  void give_back(std::size_t bytes) noexcept;

  const std::size_t limit_;
  const std::shared_ptr<byte_budget> parent_;
  mutable std::mutex mutex_;
  std::size_t used_ = 0;
  std::vector<std::function<void()>> waiting_;
};

} // namespace mailfleet
