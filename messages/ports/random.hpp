#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mailfleet {

/// Randomness. The real one is cryptographic (OpenSSL); tests give a seeded
/// one. Callable from any thread.
class random_source {
public:
  virtual ~random_source() = default;

  /// `count` random bytes.
  [[nodiscard]] virtual std::string bytes(std::size_t count) = 0;

  /// A number in [0, 1), for jitter.
  [[nodiscard]] double fraction() {
    std::uint64_t value = 0;
    for (auto byte : bytes(sizeof value))
      value = (value << 8) | static_cast<unsigned char>(byte);
    return static_cast<double>(value >> 11) * 0x1.0p-53;
  }
};

} // namespace mailfleet
