#include "storage/openssl_random.hpp"

#include <openssl/rand.h>

#include <cstdlib>

namespace mailfleet::storage {

std::string openssl_random::bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1)
    std::abort();
  return out;
}

} // namespace mailfleet::storage
