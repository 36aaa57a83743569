#pragma once

#include "messages/values/result.hpp"
#include "storage/database.hpp"

#include <cstddef>

namespace mailfleet::storage {

/// Removes the body chunks of messages that never got their index row, because
/// the process ended in between. Looks only at the marks that the writer left,
/// so the work is bounded by what was in flight; chunks of a message that has
/// its row are never touched. Returns how many messages' chunks it removed.
/// Before the writer starts.
[[nodiscard]] result<std::size_t> sweep_unfinished_bodies(database& db);

} // namespace mailfleet::storage
