// Whatever an identity provider or a browser sends is read or refused, and what
// is taken keeps its limits.
#include "protocols/oauth2/app_listing.hpp"
#include "protocols/oauth2/discovery.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/id_token.hpp"
#include "protocols/oauth2/jwks.hpp"
#include "protocols/oauth2/limits.hpp"
#include "protocols/oauth2/responses.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>

using namespace mailfleet;
using namespace mailfleet::oauth2;

namespace {

void demand(bool holds) {
  if (!holds)
    std::abort();
}

void read_token_answer(std::string_view bytes) {
  auto answer = parse_token_answer(bytes);
  if (!answer)
    return demand(answer.error().code == errc::token_unavailable);
  demand(!answer->access_token.empty() && answer->access_token.reveal().size() <= max_token_bytes);
  demand(!answer->expires_in
         || (answer->expires_in->count() > 0 && *answer->expires_in <= max_token_life));
}

void read_error(std::string_view bytes) {
  constexpr std::size_t ellipsis = 3;
  // One character may reach beyond the cut.
  constexpr std::size_t overhang = 3;
  auto error = parse_token_error(bytes);
  demand(error.description.size() <= max_description_bytes + ellipsis + overhang);
  demand(error.error.size() <= max_word_bytes + ellipsis + overhang);
  demand(error.codes.size() <= max_error_codes);
}

void read_keys(std::string_view bytes) {
  // A public key of P-256 (RFC 7515 A.3) for whatever claims to be signed with it.
  static const auto known = parse_jwks(
      R"({"keys":[{"kty":"EC","crv":"P-256","kid":"k",
      "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
  demand(known && known->size() == 1);
  demand(!verify_id_token(bytes, *known));
  auto claims = base64url(R"({"iss":"i","sub":"s","exp":5})");
  demand(!verify_id_token(base64url(bytes) + "." + claims + ".x", *known));
  demand(!verify_id_token(base64url(R"({"alg":"ES256"})") + "." + claims + "." + base64url(bytes),
                          *known));
  if (auto keys = parse_jwks(bytes); keys)
    demand(keys->size() <= max_keys);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  read_token_answer(bytes);
  read_error(bytes);
  if (auto query = parse_callback(bytes); query)
    demand(query->code.empty() != query->error.empty() && !query->state.empty());
  std::ignore = parse_discovery(bytes, "https://id.example/.well-known/openid-configuration");
  if (auto claims = decode_id_token("e30." + base64url(bytes) + ".x"); claims)
    std::ignore = validate_id_token(*claims, {claims->issuer, "app", "n", ""}, wall_time{});
  std::ignore = decode_id_token(bytes);
  read_keys(bytes);
  if (auto listing = parse_app_listing(bytes); listing)
    for (const auto& entry : *listing)
      demand(entry.hint.size() <= max_word_bytes
             && entry.thumbprint.size() <= max_thumbprint_bytes);
  std::ignore = directory_words(bytes);
  if (auto device = parse_device_answer(bytes); device)
    demand(!device->device_code.empty() && !device->user_code.empty()
           && device->expires_in.count() > 0 && device->interval.count() > 0);
  if (auto wait = retry_after({{"retry-after", std::string{bytes}}}, wall_time{}); wait)
    demand(wait->count() > 0 && *wait <= max_retry_after);
  return 0;
}
