#include "storage/seal.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace mailfleet::storage {

namespace {

constexpr std::uint8_t seal_format = 1;
constexpr std::size_t value_header_bytes = 1 + 4 + 8;
constexpr std::string_view check_text = "mailfleet";

struct freed_by_openssl {
  void operator()(EVP_CIPHER* cipher) const noexcept {
    EVP_CIPHER_free(cipher);
  }
  void operator()(EVP_CIPHER_CTX* context) const noexcept {
    EVP_CIPHER_CTX_free(context);
  }
};
using cipher_ptr = std::unique_ptr<EVP_CIPHER, freed_by_openssl>;
using context_ptr = std::unique_ptr<EVP_CIPHER_CTX, freed_by_openssl>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

template <class Number>
void append_number(std::string& out, Number number) {
  for (auto shift = 8 * sizeof(Number); shift != 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<unsigned char>(number >> (shift - 8))));
}

template <class Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number = 0;
  for (auto byte : bytes.substr(at, sizeof(Number)))
    number = static_cast<Number>((number << 8) | static_cast<unsigned char>(byte));
  return number;
}

failure cannot_open() {
  return {errc::storage_corrupt,
          "a sealed value does not open: it was changed or moved, or is of another key"};
}

failure cannot_seal() {
  return {errc::storage_failed, "OpenSSL refused to encrypt with AES-256-GCM"};
}

failure unknown_format(std::string_view bytes) {
  if (!bytes.empty() && static_cast<unsigned char>(bytes.front()) > seal_format)
    return {errc::storage_newer_format, "a sealed value has a newer format than this program"
                                        " knows: run the newer program"};
  return {errc::storage_corrupt, "a sealed value is too short or has no format"};
}

/// What a value is bound to besides its key.
std::string associated_with(const data_key& key, value_place place, std::uint64_t version) {
  std::string bytes;
  bytes.reserve(64 + key.tenant.size() + place.key.size());
  append_number(bytes, seal_format);
  append_number(bytes, key.owner);
  append_number(bytes, key.number);
  append_number(bytes, static_cast<std::uint32_t>(key.tenant.size()));
  bytes.append(key.tenant);
  append_number(bytes, place.family);
  append_number(bytes, static_cast<std::uint32_t>(place.key.size()));
  bytes.append(place.key);
  append_number(bytes, version);
  return bytes;
}

std::string wrapping_for(std::string_view purpose, std::uint64_t owner, std::uint32_t number) {
  std::string bytes{purpose};
  append_number(bytes, seal_format);
  append_number(bytes, owner);
  append_number(bytes, number);
  return bytes;
}

std::string wrapping_for_key(std::uint64_t owner, std::uint32_t number) {
  return wrapping_for("mailfleet data key", owner, number);
}

std::string wrapping_for_check() {
  return wrapping_for("mailfleet check value", 0, 0);
}

result<std::string> wrap(gcm_cipher& cipher, random_source& random, const cipher_key& wrapping,
                         std::string_view associated,
                         std::initializer_list<std::string_view> parts) {
  std::string out;
  append_number(out, seal_format);
  auto nonce = random.bytes(nonce_bytes);
  out.append(nonce);
  if (auto sealed = cipher.seal(wrapping, nonce, associated, parts, out); !sealed)
    return sealed.error();
  return out;
}

result<std::string> unwrap(gcm_cipher& cipher, const cipher_key& wrapping,
                           std::string_view associated, std::string_view wrapped) {
  if (wrapped.size() < 1 + nonce_bytes + tag_bytes
      || static_cast<unsigned char>(wrapped.front()) != seal_format)
    return unknown_format(wrapped);
  return cipher.open(wrapping, wrapped.substr(1, nonce_bytes), associated,
                     wrapped.substr(1 + nonce_bytes));
}

} // namespace

// -- keys ---------------------------------------------------------------------

cipher_key::cipher_key(std::string_view bytes) noexcept {
  std::copy_n(bytes.data(), std::min(bytes.size(), bytes_.size()), bytes_.data());
}

cipher_key::~cipher_key() {
  ::explicit_bzero(bytes_.data(), bytes_.size());
}

std::string_view cipher_key::reveal() const noexcept {
  return {bytes_.data(), bytes_.size()};
}

// -- the cipher ---------------------------------------------------------------

/// One context a direction, each with the key it was last given: setting a key
/// costs as much as sealing some hundred bytes, setting a nonce nearly nothing.
struct gcm_cipher::contexts {
  struct direction {
    context_ptr context{EVP_CIPHER_CTX_new()};
    cipher_key key;
    bool keyed = false;
  };
  cipher_ptr cipher{EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)};
  direction sealing;
  direction opening;

  bool begin(direction& way, int encrypt, const cipher_key& key, std::string_view nonce) const {
    if (!cipher || !way.context || nonce.size() != nonce_bytes)
      return false;
    bool same = way.keyed && way.key == key;
    way.key = key;
    way.keyed = EVP_CipherInit_ex2(way.context.get(), same ? nullptr : cipher.get(),
                                   same ? nullptr : bytes_of(key.reveal()), bytes_of(nonce),
                                   encrypt, nullptr)
                == 1;
    return way.keyed;
  }

  /// Runs `text` through the cipher to `out`, or into the tag if `out` is null.
  static bool update(const direction& way, std::string_view text, char* out) {
    int written = 0;
    return EVP_CipherUpdate(way.context.get(), reinterpret_cast<unsigned char*>(out), &written,
                            bytes_of(text), static_cast<int>(text.size()))
           == 1;
  }

  static bool finish(const direction& way) {
    int written = 0;
    std::array<unsigned char, tag_bytes> none{};
    return EVP_CipherFinal_ex(way.context.get(), none.data(), &written) == 1;
  }
};

gcm_cipher::gcm_cipher() : contexts_{std::make_unique<contexts>()} {}
gcm_cipher::~gcm_cipher() = default;
gcm_cipher::gcm_cipher(gcm_cipher&&) noexcept = default;
gcm_cipher& gcm_cipher::operator=(gcm_cipher&&) noexcept = default;

result<void> gcm_cipher::seal(const cipher_key& key, std::string_view nonce,
                              std::string_view associated,
                              std::initializer_list<std::string_view> parts, std::string& out) {
  auto& way = contexts_->sealing;
  bool good = contexts_->begin(way, 1, key, nonce) && contexts::update(way, associated, nullptr);
  auto at = out.size();
  auto total = tag_bytes;
  for (auto part : parts)
    total += part.size();
  out.resize(at + total);
  for (auto part : parts) {
    good = good && (part.empty() || contexts::update(way, part, out.data() + at));
    at += part.size();
  }
  good =
      good && contexts::finish(way)
      && EVP_CIPHER_CTX_ctrl(way.context.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, out.data() + at)
             == 1;
  if (!good)
    return cannot_seal();
  return {};
}

result<std::string> gcm_cipher::open(const cipher_key& key, std::string_view nonce,
                                     std::string_view associated, std::string_view sealed) {
  if (sealed.size() < tag_bytes)
    return cannot_open();
  auto& way = contexts_->opening;
  auto text = sealed.substr(0, sealed.size() - tag_bytes);
  std::string tag{sealed.substr(text.size())};
  std::string out(text.size(), '\0');
  bool good =
      contexts_->begin(way, 0, key, nonce) && contexts::update(way, associated, nullptr)
      && (text.empty() || contexts::update(way, text, out.data()))
      && EVP_CIPHER_CTX_ctrl(way.context.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1
      && contexts::finish(way);
  if (good)
    return out;
  ::explicit_bzero(out.data(), out.size());
  return cannot_open();
}

// -- values -------------------------------------------------------------------

result<void> seal_value(gcm_cipher& cipher, random_source& random, const data_key& key,
                        value_place place, std::uint64_t version, std::string_view head,
                        std::string_view body, std::string& out) {
  out.clear();
  out.reserve(value_header_bytes + nonce_bytes + head.size() + body.size() + tag_bytes);
  append_number(out, seal_format);
  append_number(out, key.number);
  append_number(out, version);
  auto nonce = random.bytes(nonce_bytes);
  out.append(nonce);
  return cipher.seal(key.key, nonce, associated_with(key, place, version), {head, body}, out);
}

result<value_header> read_value_header(std::string_view sealed) {
  if (sealed.size() < value_header_bytes + nonce_bytes + tag_bytes
      || static_cast<unsigned char>(sealed.front()) != seal_format)
    return unknown_format(sealed);
  return value_header{number_at<std::uint32_t>(sealed, 1), number_at<std::uint64_t>(sealed, 5)};
}

result<std::string> open_value(gcm_cipher& cipher, const data_key& key, value_place place,
                               std::string_view sealed) {
  auto header = read_value_header(sealed);
  if (!header)
    return header.error();
  if (header->key_number != key.number)
    return cannot_open();
  return cipher.open(key.key, sealed.substr(value_header_bytes, nonce_bytes),
                     associated_with(key, place, header->version),
                     sealed.substr(value_header_bytes + nonce_bytes));
}

// -- wrapped keys -------------------------------------------------------------

result<std::string> wrap_key(gcm_cipher& cipher, random_source& random, const cipher_key& wrapping,
                             const data_key& key) {
  return wrap(cipher, random, wrapping, wrapping_for_key(key.owner, key.number),
              {key.key.reveal(), key.tenant});
}

result<data_key> unwrap_key(gcm_cipher& cipher, const cipher_key& wrapping, std::uint64_t owner,
                            std::uint32_t number, std::string_view wrapped) {
  auto text = unwrap(cipher, wrapping, wrapping_for_key(owner, number), wrapped);
  if (!text)
    return text.error();
  if (text->size() < key_bytes)
    return cannot_open();
  data_key key{owner, number, text->substr(key_bytes),
               cipher_key{std::string_view{*text}.substr(0, key_bytes)}};
  ::explicit_bzero(text->data(), text->size());
  return key;
}

result<std::string> make_check_value(gcm_cipher& cipher, random_source& random,
                                     const cipher_key& wrapping) {
  return wrap(cipher, random, wrapping, wrapping_for_check(), {check_text});
}

bool opens_check_value(gcm_cipher& cipher, const cipher_key& wrapping, std::string_view check) {
  auto text = unwrap(cipher, wrapping, wrapping_for_check(), check);
  return text && *text == check_text;
}

} // namespace mailfleet::storage
