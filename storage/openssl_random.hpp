#pragma once

#include "messages/ports/random.hpp"

namespace mailfleet::storage {

/// OpenSSL's generator, which seeds itself from the kernel. The process ends if
/// it has no randomness to give: no key and no nonce may be made without.
class openssl_random final : public random_source {
public:
  [[nodiscard]] std::string bytes(std::size_t count) override;
};

} // namespace mailfleet::storage
