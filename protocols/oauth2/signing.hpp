#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Signatures of JSON Web Tokens (RFC 7515, RFC 7518 3), and OpenSSL's handles.
namespace mailfleet::oauth2 {

/// Frees OpenSSL's handles; of a private key it overwrites the memory.
struct freed_by_openssl {
  void operator()(EVP_PKEY* key) const noexcept;
  void operator()(X509* certificate) const noexcept;
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by_openssl>;
using certificate_ptr = std::unique_ptr<X509, freed_by_openssl>;

/// Keeps what fails in OpenSSL out of the thread's error queue, where the next
/// user of the library would take it for its own.
class quiet_errors {
public:
  quiet_errors() noexcept;
  ~quiet_errors();
  quiet_errors(const quiet_errors&) = delete;
  quiet_errors& operator=(const quiet_errors&) = delete;
};

/// The algorithms taken and made. `none` and those with a shared secret are not
/// among them: with these whoever knows the public key could sign.
enum class signature_algorithm : std::uint8_t {
  rs256 = 1, ///< RSA, PKCS #1 v1.5, SHA-256.
  ps256 = 2, ///< RSA, PSS with a salt as long as the hash, SHA-256.
  es256 = 3, ///< ECDSA on P-256, SHA-256.
};

/// `RS256`, `PS256`, `ES256`: the value of a header's `alg`.
[[nodiscard]] std::string_view to_string(signature_algorithm algorithm) noexcept;

/// The algorithm of that name, case-sensitive; none for any other.
[[nodiscard]] std::optional<signature_algorithm>
signature_algorithm_of(std::string_view name) noexcept;

/// Whether a key is an RSA key of `min_rsa_bits` to `max_rsa_bits`, or one on
/// P-256: no other key is of use here.
[[nodiscard]] bool is_usable(EVP_PKEY& key);

/// Whether a key is of the kind that an algorithm needs.
[[nodiscard]] bool fits(EVP_PKEY& key, signature_algorithm algorithm);

/// What a key is, for a person: `RSA of 2048 bits`.
[[nodiscard]] std::string describe(EVP_PKEY& key);

/// Signs as a JWT wants it: with ES256 r and s of 32 bytes each (RFC 7518 3.4).
/// Nothing if the key does not fit or OpenSSL refuses.
[[nodiscard]] std::optional<std::string> sign(EVP_PKEY& key, signature_algorithm algorithm,
                                              std::string_view bytes);

/// Whether `signature` is the key's over `bytes`. Total: any bytes may be given.
[[nodiscard]] bool verifies(EVP_PKEY& key, signature_algorithm algorithm, std::string_view bytes,
                            std::string_view signature);

} // namespace mailfleet::oauth2
