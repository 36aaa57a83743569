#pragma once

#include "jobs/limits.hpp"
#include "jobs/restart_policy.hpp"

#include <chrono>
#include <cstddef>

/// Many things that must not happen at once. `fraction` is random, in [0, 1).
namespace mailfleet::jobs {

/// When the `index`-th (from 0) of many is due, so that about `per_second` begin in
/// each second: its slot, and a random part of one slot.
[[nodiscard]] std::chrono::milliseconds spread(std::size_t index, double per_second,
                                               double fraction);

/// When the `index`-th mailbox connects after the start of the program.
[[nodiscard]] std::chrono::milliseconds start_delay(std::size_t index, double fraction);

/// When one of `count` mailboxes that waited for the same provider resumes:
/// anywhere within the time that all of them need. Needs no order among them.
[[nodiscard]] std::chrono::milliseconds resume_delay(std::size_t count, double fraction);

/// `wait`, made longer by less than `tick` so that it ends on a tick that all share;
/// what is due at once stays so.
[[nodiscard]] std::chrono::milliseconds
to_next_tick(steady_time now, std::chrono::milliseconds wait, std::chrono::milliseconds tick);

} // namespace mailfleet::jobs
