#pragma once

#include "messages/ports/commit_log.hpp"
#include "messages/ports/random.hpp"
#include "storage/open.hpp"

#include <cstdint>
#include <filesystem>
#include <future>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

/// What the storage tests share.
namespace mailfleet::storage::testing {

/// A folder of its own under the system's temporary one, removed at the end.
class temp_folder {
public:
  temp_folder();
  ~temp_folder();
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept {
    return path_;
  }
  [[nodiscard]] store_settings settings() const {
    return {path_ / "state", path_ / "key"};
  }

private:
  std::filesystem::path path_;
};

/// The same bytes for the same seed, from any thread.
class seeded_random final : public random_source {
public:
  explicit seeded_random(std::uint32_t seed) : engine_{seed} {}
  [[nodiscard]] std::string bytes(std::size_t count) override;

private:
  std::mutex mutex_;
  std::mt19937 engine_;
};

inline constexpr entity_id office{0x0102030405};
inline constexpr entity_id ann{0xa0b0c0d0e0f};
inline constexpr entity_id bob{0xa0b0c0d0e10};

/// One record of each type that a request can put, all of `owner`, every field
/// set, every text containing `mark`.
[[nodiscard]] std::vector<record> sample_puts(entity_id owner, const std::string& mark);

/// A mail on its way out, of the same kind.
[[nodiscard]] outbox_record sample_outgoing(entity_id owner, const std::string& mark);

/// An event draft and an audit record of the same kind.
[[nodiscard]] event_draft sample_event(entity_id about, const std::string& mark);
[[nodiscard]] audit_record sample_audit(const std::string& mark);

/// A small message with its body, as one bulk request.
[[nodiscard]] message_record small_message(entity_id mailbox, std::uint32_t number);
[[nodiscard]] body_chunk small_body(entity_id mailbox, std::uint32_t number, std::string bytes,
                                    std::uint32_t part = 0);
[[nodiscard]] cursor_record cursor_of(entity_id mailbox, std::uint64_t version,
                                      std::uint32_t high_water);

/// Records compare by what they hold, bodies by their bytes.
[[nodiscard]] bool same(const record& left, const record& right);

/// Asks for a page of a family.
[[nodiscard]] scan_request pages(family in, std::size_t limit = 1'000,
                                 std::optional<std::uint64_t> owner = {},
                                 std::optional<record_key> after = {});

/// Asks for one event.
[[nodiscard]] commit_request telling(entity_id about, const std::string& mark);

// -- the port, waited for

[[nodiscard]] result<commit_receipt> commit(commit_log& log, commit_request request);
[[nodiscard]] result<std::optional<record>> read(commit_log& log, const record_key& key);
[[nodiscard]] result<scan_page> scan(commit_log& log, const scan_request& request);

/// Opens what must open; a failure ends the test.
[[nodiscard]] std::unique_ptr<commit_log>
open_store(const store_settings& settings, random_source& random, fatal_callback fatal = {});

} // namespace mailfleet::storage::testing
