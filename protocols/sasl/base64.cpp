#include "protocols/sasl/base64.hpp"

#include <openssl/evp.h>

#include <limits>

namespace mailfleet::sasl {

namespace {

// OpenSSL counts in int; what is near this size is refused long before.
constexpr std::size_t most_bytes = std::numeric_limits<int>::max() / 2;

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

} // namespace

std::string encode_base64(std::string_view bytes) {
  if (bytes.size() > most_bytes)
    return {};
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets(bytes),
                                static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  auto padding = text.ends_with("==") ? 2u : text.ends_with('=') ? 1u : 0u;
  // EVP_DecodeBlock trims white space and takes '=' anywhere: check first.
  if (text.size() % 4 != 0 || text.size() > most_bytes
      || text.substr(0, text.size() - padding).find_first_not_of(alphabet) != text.npos)
    return std::nullopt;
  if (text.empty())
    return std::string{};
  std::string bytes(text.size() / 4 * 3, '\0');
  auto length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), octets(text),
                                static_cast<int>(text.size()));
  if (length < 0)
    return std::nullopt;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

} // namespace mailfleet::sasl
