#pragma once

#include "jobs/limits.hpp"
#include "jobs/oauth_faults.hpp"
#include "messages/values/errors.hpp"

#include <chrono>
#include <optional>

/// When something that failed is tried again. `failures` counts the failures in a
/// row, this one included, so it begins at 1. `fraction` is random, in [0, 1).
namespace mailfleet::jobs {

/// Temporary trouble: anywhere up to `retry_wait_first`, doubled with each failure
/// up to `retry_wait_max` (full jitter, so that a fleet does not come back as one).
[[nodiscard]] std::chrono::milliseconds temporary_wait(unsigned failures, double fraction);

/// A refused credential: at least `refused_wait_first`, doubled with each refusal
/// up to `refused_wait_max`, and up to a quarter more.
[[nodiscard]] std::chrono::milliseconds refused_wait(unsigned refusals, double fraction);

/// What a server asked for, cut at `server_wait_max`, and up to a fifth more,
/// never less.
[[nodiscard]] std::chrono::milliseconds server_wait(std::chrono::milliseconds asked,
                                                    double fraction);

/// After a session at a mail server ended with `reason`. The server's own wait
/// counts where it is longer than ours.
[[nodiscard]] std::chrono::milliseconds
connection_wait(errc reason, unsigned failures, std::optional<std::chrono::milliseconds> asked,
                double fraction);

/// After a token request failed with `fault`.
[[nodiscard]] std::chrono::milliseconds token_wait(const token_fault& fault, unsigned failures,
                                                   double fraction);

} // namespace mailfleet::jobs
