#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mailfleet::protocols {

/// What stands before the first CR, LF or NUL; all of it if there is none. Every byte of every
/// mail passes here several times: sixteen at once, which GCC and Clang do on every machine.
[[nodiscard]] inline std::string_view plain_run(std::string_view bytes) noexcept {
  using block = unsigned char __attribute__((vector_size(16)));
  constexpr std::size_t half_bits = 64;
  std::size_t at = 0;
  for (; bytes.size() - at >= sizeof(block); at += sizeof(block)) {
    block these;
    std::memcpy(&these, bytes.data() + at, sizeof these);
    auto hits = (these == '\r') | (these == '\n') | (these == '\0');
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), &hits, sizeof hits);
    if ((halves[0] | halves[1]) == 0)
      continue;
    // The byte that comes first in memory is the lowest of its half, or the highest.
    auto first_bit = [](std::uint64_t half) {
      return static_cast<std::size_t>(std::endian::native == std::endian::little
                                          ? std::countr_zero(half)
                                          : std::countl_zero(half));
    };
    auto bit = halves[0] != 0 ? first_bit(halves[0]) : half_bits + first_bit(halves[1]);
    return bytes.substr(0, at + bit / 8);
  }
  while (at < bytes.size() && bytes[at] != '\r' && bytes[at] != '\n' && bytes[at] != '\0')
    ++at;
  return bytes.substr(0, at);
}

} // namespace mailfleet::protocols
