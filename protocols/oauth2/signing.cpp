#include "protocols/oauth2/signing.hpp"

#include "protocols/oauth2/limits.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace mailfleet::oauth2 {

namespace {

/// r and s of ES256: as long as the order of P-256.
constexpr int es256_half = 32;

constexpr std::array<std::pair<signature_algorithm, std::string_view>, 3> algorithms{{
    {signature_algorithm::rs256, "RS256"},
    {signature_algorithm::ps256, "PS256"},
    {signature_algorithm::es256, "ES256"},
}};

struct freed {
  void operator()(EVP_MD_CTX* context) const noexcept {
    EVP_MD_CTX_free(context);
  }
  void operator()(ECDSA_SIG* signature) const noexcept {
    ECDSA_SIG_free(signature);
  }
};
using digest_ptr = std::unique_ptr<EVP_MD_CTX, freed>;
using ecdsa_ptr = std::unique_ptr<ECDSA_SIG, freed>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

/// The name of an EC key's curve; empty for another key.
std::string curve_of(EVP_PKEY& key) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  if (EVP_PKEY_is_a(&key, "EC") != 1
      || EVP_PKEY_get_group_name(&key, name.data(), name.size(), &size) != 1)
    return {};
  return {name.data(), size};
}

bool pad(EVP_PKEY_CTX* context, signature_algorithm algorithm) {
  switch (algorithm) {
  case signature_algorithm::rs256:
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  case signature_algorithm::ps256:
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
           && EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1
           && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
  case signature_algorithm::es256: return true;
  }
  return false;
}

/// From OpenSSL's form of an ECDSA signature (DER) to that of a JWT.
std::optional<std::string> raw_of(std::string_view der) {
  const auto* at = bytes_of(der);
  ecdsa_ptr signature{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  std::string raw(2 * es256_half, '\0');
  auto* out = bytes_of(raw);
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, es256_half) != es256_half
      || BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + es256_half, es256_half)
             != es256_half)
    return std::nullopt;
  return raw;
}

/// The way back; nothing for any other length.
std::optional<std::string> der_of(std::string_view raw) {
  if (raw.size() != 2 * es256_half)
    return std::nullopt;
  ecdsa_ptr signature{ECDSA_SIG_new()};
  auto* r = BN_bin2bn(bytes_of(raw), es256_half, nullptr);
  auto* s = BN_bin2bn(bytes_of(raw) + es256_half, es256_half, nullptr);
  // Takes both over only if it succeeds.
  if (!signature || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return std::nullopt;
  }
  auto size = i2d_ECDSA_SIG(signature.get(), nullptr);
  std::string der(static_cast<std::size_t>(std::max(size, 0)), '\0');
  auto* at = bytes_of(der);
  if (size <= 0 || i2d_ECDSA_SIG(signature.get(), &at) != size)
    return std::nullopt;
  return der;
}

} // namespace

void freed_by_openssl::operator()(EVP_PKEY* key) const noexcept {
  EVP_PKEY_free(key);
}

void freed_by_openssl::operator()(X509* certificate) const noexcept {
  X509_free(certificate);
}

quiet_errors::quiet_errors() noexcept {
  ERR_set_mark();
}

quiet_errors::~quiet_errors() {
  ERR_pop_to_mark();
}

std::string_view to_string(signature_algorithm algorithm) noexcept {
  const auto* row = std::ranges::find(algorithms, algorithm, [](const auto& x) { return x.first; });
  return row == algorithms.end() ? "unknown" : row->second;
}

std::optional<signature_algorithm> signature_algorithm_of(std::string_view name) noexcept {
  const auto* row = std::ranges::find(algorithms, name, [](const auto& x) { return x.second; });
  return row == algorithms.end() ? std::nullopt : std::optional{row->first};
}

bool is_usable(EVP_PKEY& key) {
  quiet_errors quiet;
  if (EVP_PKEY_is_a(&key, "RSA") != 1)
    return curve_of(key) == "prime256v1";
  auto bits = EVP_PKEY_get_bits(&key);
  return bits >= min_rsa_bits && bits <= max_rsa_bits;
}

bool fits(EVP_PKEY& key, signature_algorithm algorithm) {
  bool wants_rsa = algorithm != signature_algorithm::es256;
  return is_usable(key) && (EVP_PKEY_is_a(&key, "RSA") == 1) == wants_rsa;
}

std::string describe(EVP_PKEY& key) {
  quiet_errors quiet;
  if (auto curve = curve_of(key); !curve.empty())
    return "EC on " + curve;
  const auto* kind = EVP_PKEY_get0_type_name(&key);
  return std::string{kind == nullptr ? "key" : kind} + " of "
         + std::to_string(EVP_PKEY_get_bits(&key)) + " bits";
}

std::optional<std::string> sign(EVP_PKEY& key, signature_algorithm algorithm,
                                std::string_view bytes) {
  quiet_errors quiet;
  digest_ptr context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* options = nullptr;
  std::size_t size = 0;
  if (!fits(key, algorithm) || !context
      || EVP_DigestSignInit_ex(context.get(), &options, "SHA256", nullptr, nullptr, &key, nullptr)
             != 1
      || !pad(options, algorithm)
      || EVP_DigestSign(context.get(), nullptr, &size, bytes_of(bytes), bytes.size()) != 1)
    return std::nullopt;
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(bytes), bytes.size()) != 1)
    return std::nullopt;
  signature.resize(size);
  return algorithm == signature_algorithm::es256 ? raw_of(signature) : signature;
}

bool verifies(EVP_PKEY& key, signature_algorithm algorithm, std::string_view bytes,
              std::string_view signature) {
  quiet_errors quiet;
  std::string der;
  if (algorithm == signature_algorithm::es256) {
    auto converted = der_of(signature);
    if (!converted)
      return false;
    der = *std::move(converted);
    signature = der;
  }
  digest_ptr context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* options = nullptr;
  return fits(key, algorithm) && context
         && EVP_DigestVerifyInit_ex(context.get(), &options, "SHA256", nullptr, nullptr, &key,
                                    nullptr)
                == 1
         && pad(options, algorithm)
         && EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes),
                             bytes.size())
                == 1;
}

} // namespace mailfleet::oauth2
