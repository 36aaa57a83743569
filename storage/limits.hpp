#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every limit of the store, with its reason.
namespace mailfleet::storage {

inline constexpr std::size_t kibibyte = 1024;
inline constexpr std::size_t mebibyte = 1024 * kibibyte;

// -- the writer -------------------------------------------------------------

/// One synced batch. Past this size a sync gains nothing more per message, and
/// a control record behind the batch would wait noticeably longer.
inline constexpr std::size_t max_batch_bytes = 4 * mebibyte;

/// Between two syncs, while several ask at a time.
inline constexpr std::chrono::milliseconds sync_spacing{8};

/// Versions that the writer remembers: some 100 bytes each, and many times the records that are
/// being changed at one time.
inline constexpr std::size_t max_known_versions = 32'768;

/// Requests that wait for the writer. Bodies are bounded by their credit; this
/// bounds everything else (each mailbox has a few requests open at most).
inline constexpr std::size_t max_waiting_commits = 100'000;

/// What a request is counted with beside its bodies: keys, seals, small records.
inline constexpr std::size_t request_overhead_bytes = kibibyte;

// -- the readers ------------------------------------------------------------

/// Enough to keep a disk busy; more would take the cores from the actors.
inline constexpr std::size_t reader_threads = 2;

/// Reads and scans that wait for a reader: every mailbox may have one open.
inline constexpr std::size_t max_waiting_reads = 20'000;

/// A page of a scan: what one message between threads should hold at most.
inline constexpr std::size_t max_scan_records = 10'000;
inline constexpr std::size_t max_scan_bytes = 4 * mebibyte;

// -- the making of mails ----------------------------------------------------

/// One makes a mail while the other waits for the disk.
inline constexpr std::size_t compose_threads = 2;

/// Mails that wait to be made, each with up to a request's content, 1 MiB: twice as many as the
/// control server has connections.
inline constexpr std::size_t max_waiting_mails = 128;

/// A mail that is held as a whole until it is committed together with its record: a text with a
/// picture or two, in one sync. Larger ones are made durable chunk by chunk before.
inline constexpr std::size_t max_held_mail_bytes = mebibyte;

// -- RocksDB ----------------------------------------------------------------

/// All write buffers together; reaching it starts flushes.
inline constexpr std::size_t write_buffers_bytes = 96 * mebibyte;

/// Blocks with index and filter blocks inside, so that this is all of them.
inline constexpr std::size_t block_cache_bytes = 64 * mebibyte;

/// The log on disk; bounds what a start has to replay.
inline constexpr std::uint64_t total_wal_bytes = 256 * mebibyte;

/// Table and blob files held open: a fraction of the usual 1,024 descriptors.
inline constexpr int max_open_files = 512;

/// One write buffer of the bodies, and of each other family. Two of each may
/// exist (`max_write_buffer_number`).
inline constexpr std::size_t body_write_buffer_bytes = 32 * mebibyte;
inline constexpr std::size_t write_buffer_bytes = 8 * mebibyte;

/// Write buffers on the disk before they are merged with what is below, which is written anew
/// each time. A read looks into each of them by their filters, a scan into all.
inline constexpr int files_before_compaction = 8;
inline constexpr int body_files_before_compaction = 4;

/// Values from this size on stand in blob files, which compaction does not
/// rewrite; smaller ones cost less beside their key.
inline constexpr std::uint64_t min_blob_bytes = 4 * kibibyte;

/// Small enough that garbage collection frees space in reasonable steps.
inline constexpr std::uint64_t blob_file_bytes = 64 * mebibyte;

/// RocksDB's own log, which names files and options only.
inline constexpr std::size_t info_log_bytes = mebibyte;
inline constexpr std::size_t info_logs_kept = 3;

/// The list of files is begun anew at this size, which bounds its replay.
inline constexpr std::uint64_t manifest_bytes = 16 * mebibyte;

// -- start-up ---------------------------------------------------------------

/// Unfinished bodies removed in one batch at start.
inline constexpr std::size_t max_swept_per_batch = 1'000;

/// Data keys wrapped anew in one atomic batch. 100 bytes each: past this number
/// the batch would be more memory than a rotation should take.
inline constexpr std::size_t max_rewrapped_keys = 1'000'000;

/// A key file, format file or lock file is far smaller.
inline constexpr std::size_t max_small_file_bytes = 4 * kibibyte;

} // namespace mailfleet::storage
