// Goal: no challenge of a server crashes an exchange, makes it repeat the
// credential, or lets it go on without end.
#include "protocols/sasl/base64.hpp"
#include "protocols/sasl/exchange.hpp"
#include "protocols/sasl/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace mailfleet;

void try_exchange(sasl::mechanism which, std::string_view challenge) {
  sasl::exchange talk{which, {"user", secret{"credential"}, "host.example.test", 993}};
  static_cast<void>(talk.initial_response());
  int answers = 0;
  while (talk.answer(challenge))
    if (++answers > sasl::max_challenges)
      std::abort();
  if (talk.refusal())
    for (auto c : talk.refusal()->status + talk.refusal()->scope)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto text = sasl::encode_base64(bytes);
  if (sasl::decode_base64(text) != bytes)
    std::abort();
  // As it is, and as what base64 carries: JSON is found at once that way.
  for (auto challenge : {std::string{bytes}, text})
    for (auto which : {sasl::mechanism::xoauth2, sasl::mechanism::oauthbearer,
                       sasl::mechanism::plain, sasl::mechanism::login})
      try_exchange(which, challenge);
  return 0;
}
