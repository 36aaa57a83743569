#pragma once

#include "messages/values/byte_budget.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace mailfleet {

/// The size of one body chunk: big enough that its seal and key cost nothing
/// beside its bytes, small enough that a mailbox holds few of them in memory.
inline constexpr std::size_t max_chunk_bytes = 256 * 1024;

using sha256_digest = std::array<std::uint8_t, 32>;

/// Lower-case hexadecimal.
[[nodiscard]] std::string to_hex(const sha256_digest& digest);

/// Bytes of a body together with the credit they were read under.
struct body_bytes {
  std::string bytes;
  credit held;
};

/// Bodies travel by handle and are never copied through a message. The credit
/// is back when the last handle goes.
using body_handle = std::shared_ptr<const body_bytes>;

/// A handle on bytes that draw on no budget (tests, reads).
[[nodiscard]] inline body_handle make_body(std::string bytes, credit held = {}) {
  return std::make_shared<const body_bytes>(body_bytes{std::move(bytes), std::move(held)});
}

} // namespace mailfleet
