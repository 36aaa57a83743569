#include "actors/questions.hpp"

#include <utility>
#include <vector>

namespace mailfleet {

namespace {

/// What the asking side throws is its own matter: others are to be answered all the same, by
/// actors that an exception would end.
void tell(const questions::answer& done, result<control_answer> how) noexcept {
  try {
    done(std::move(how));
  } catch (...) {
    return;
  }
}

} // namespace

std::optional<std::uint64_t> questions::add(answer done, time_point asked_at) {
  std::optional<failure> closed;
  {
    std::lock_guard guard{mutex_};
    if (!closed_) {
      open_.emplace(++last_, question{std::move(done), asked_at});
      return last_;
    }
    closed = closed_;
  }
  tell(done, *std::move(closed));
  return std::nullopt;
}

void questions::settle(std::uint64_t number, result<control_answer> how) {
  decltype(open_)::node_type one;
  {
    std::lock_guard guard{mutex_};
    one = open_.extract(number);
  }
  if (!one.empty())
    tell(one.mapped().done, std::move(how));
}

void questions::expire(time_point asked_before) {
  std::vector<question> late;
  {
    std::lock_guard guard{mutex_};
    while (!open_.empty() && open_.begin()->second.asked_at < asked_before)
      late.push_back(std::move(open_.extract(open_.begin()).mapped()));
  }
  for (auto& one : late)
    tell(one.done, failure{errc::timed_out, "an actor did not answer in time"});
}

void questions::settle_for_good(failure why) {
  decltype(open_) all;
  {
    std::lock_guard guard{mutex_};
    closed_ = why;
    all.swap(open_);
  }
  for (auto& [number, one] : all)
    tell(one.done, why);
}

} // namespace mailfleet
