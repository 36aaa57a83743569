#pragma once

#include "messages/ports/commit_log.hpp"

#include <cstdint>
#include <vector>

namespace mailfleet::storage::testing {

/// The commits that the fixture of a format holds, in order. What they put must
/// not change: every later program has to find it in the committed folder.
[[nodiscard]] std::vector<commit_request> fixture_commits();

/// The commit of that number in the crash test: a message with its body, a
/// cursor, a token and two events, all naming the number.
[[nodiscard]] commit_request numbered_commit(std::uint32_t number);

} // namespace mailfleet::storage::testing
