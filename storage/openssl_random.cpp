#include "storage/openssl_random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

namespace mailfleet::storage {

namespace {

void fill(std::span<char> into) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(into.data()), static_cast<int>(into.size())) != 1)
    std::abort();
}

/// What one call of the generator costs is that of a thousand bytes: nonces and jitter, which are
/// no secrets, come from a pool of the thread.
struct pool {
  std::array<char, 1020> bytes{};
  std::size_t used = bytes.size();

  void draw(std::span<char> into) {
    if (bytes.size() - used < into.size()) {
      fill(bytes);
      used = 0;
    }
    std::copy_n(bytes.data() + used, into.size(), into.data());
    used += into.size();
  }
};

/// A nonce. Keys and tokens are longer.
constexpr std::size_t longest_pooled = 12;

} // namespace

std::string openssl_random::bytes(std::size_t count) {
  thread_local pool small;
  std::string out(count, '\0');
  if (count <= longest_pooled)
    small.draw(out);
  else
    fill(out);
  return out;
}

} // namespace mailfleet::storage
