#pragma once

#include "messages/ports/commit_log.hpp"
#include "storage/store_health.hpp"

#include <cstdint>
#include <memory>

namespace mailfleet::storage {

/// What a memory log keeps: give it to the next log, and that one has been
/// "reopened".
class memory_disk;

/// An empty one.
[[nodiscard]] std::shared_ptr<memory_disk> make_memory_disk();

/// Lets the write after `writes` more fail, and with it its log for good.
void fail_write_after(memory_disk& disk, std::uint64_t writes);

/// Where a memory log answers.
enum class answering : std::uint8_t {
  own_threads = 1, ///< As the RocksDB log does.
  within_call = 2, ///< Before the call returns: deterministic, for virtual time.
};

/// The commit port in memory, which nothing survives but its disk. It holds
/// copies of bodies, so that no credit is kept.
[[nodiscard]] std::unique_ptr<commit_log>
make_memory_commit_log(answering where = answering::own_threads,
                       std::shared_ptr<memory_disk> disk = make_memory_disk(),
                       fatal_callback fatal = {});

} // namespace mailfleet::storage
