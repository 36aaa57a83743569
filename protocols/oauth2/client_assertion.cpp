#include "protocols/oauth2/client_assertion.hpp"

#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/limits.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <ctime>
#include <utility>
#include <vector>

namespace mailfleet::oauth2 {

namespace {

struct freed {
  void operator()(BIO* bio) const noexcept {
    BIO_free(bio);
  }
  void operator()(PKCS12* container) const noexcept {
    PKCS12_free(container);
  }
  void operator()(STACK_OF(X509) * certificates) const noexcept {
    sk_X509_pop_free(certificates, X509_free);
  }
};
using bio_ptr = std::unique_ptr<BIO, freed>;
using pkcs12_ptr = std::unique_ptr<PKCS12, freed>;
using stack_ptr = std::unique_ptr<STACK_OF(X509), freed>;
using certificates = std::vector<certificate_ptr>;

/// A password as C wants it, overwritten when it goes.
class c_password {
public:
  explicit c_password(const secret& text) noexcept : size_{text.reveal().size()} {
    std::ranges::copy(text.reveal().substr(0, max_password_bytes), bytes_.begin());
  }
  c_password(const c_password&) = delete;
  c_password& operator=(const c_password&) = delete;
  ~c_password() {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
  }

  [[nodiscard]] const char* get() const noexcept {
    return bytes_.data();
  }

  /// PEM's callback. Without one OpenSSL would ask at the terminal.
  static int give(char* buffer, int size, int /*writing*/, void* self) {
    auto& asked = *static_cast<c_password*>(self);
    asked.was_asked = true;
    if (asked.size_ > static_cast<std::size_t>(size))
      return -1;
    std::copy_n(asked.bytes_.begin(), asked.size_, buffer);
    return static_cast<int>(asked.size_);
  }

  bool was_asked = false;

private:
  std::array<char, max_password_bytes + 1> bytes_{};
  std::size_t size_;
};

/// A text that a callback or a C string could not hold is refused before.
result<void> check_sizes(std::string_view field, const secret& bytes, const secret& password) {
  if (bytes.reveal().size() > max_credential_bytes)
    return bad_field(field, "is too long", "give one key and its certificate only");
  if (password.reveal().size() > max_password_bytes
      || password.reveal().find('\0') != std::string_view::npos)
    return bad_field("password", "is too long or holds a zero byte", "give another");
  return {};
}

bio_ptr reader_of(std::string_view bytes) {
  return bio_ptr{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))};
}

int last_reason() {
  return ERR_GET_REASON(ERR_peek_last_error());
}

failure no_key(std::string_view field) {
  return bad_field(field, "holds no private key",
                   "give the key too; a certificate alone cannot sign");
}

failure wrong_password(std::string_view field, const secret& password) {
  if (password.empty())
    return bad_field("password", "is missing: the " + std::string{field} + " is encrypted",
                     "give the password that it was made with");
  return bad_field("password", "does not open the " + std::string{field},
                   "give the one that it was made with");
}

/// Tries the key: OpenSSL reads one whose numbers do not belong together, too.
result<void> check_key(EVP_PKEY& key) {
  constexpr std::string_view text = "mailfleet";
  if (!is_usable(key))
    return bad_field("key", "is " + describe(key) + ", which no algorithm here signs with",
                     "make an RSA key of " + std::to_string(min_rsa_bits) + " to "
                         + std::to_string(max_rsa_bits) + " bits, or an EC key on P-256");
  auto by = fits(key, signature_algorithm::es256) ? signature_algorithm::es256
                                                  : signature_algorithm::ps256;
  auto signature = sign(key, by, text);
  if (!signature || !verifies(key, by, text, *signature))
    return bad_field("key", "is damaged: what it signs does not verify", "give it as it was made");
  return {};
}

wall_time end_of(const X509& certificate) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &fields) != 1)
    return {};
  return wall_time{std::chrono::seconds{::timegm(&fields)}};
}

/// A key with its certificate, which is the one of `from` that has this key.
result<client_certificate> join(key_ptr key, certificates from) {
  if (auto checked = check_key(*key); !checked)
    return std::move(checked).error();
  client_certificate found;
  found.key = std::move(key);
  if (from.empty())
    return found;
  auto own = std::ranges::find_if(from, [&](const auto& one) {
    return X509_check_private_key(one.get(), found.key.get()) == 1;
  });
  if (own == from.end())
    return bad_field("key", "does not belong to the certificate",
                     "give the key that this certificate was made with");
  sha256_digest digest{};
  std::array<unsigned char, EVP_MAX_MD_SIZE> name{};
  unsigned int size = 0, name_size = 0;
  if (X509_digest(own->get(), EVP_sha256(), digest.data(), &size) != 1 || size != digest.size()
      || X509_digest(own->get(), EVP_sha1(), name.data(), &name_size) != 1)
    return failure{errc::internal, "OpenSSL makes no thumbprint of the certificate"};
  found.sha256 = digest;
  found.sha1.assign(name.begin(), name.begin() + name_size);
  found.not_after = end_of(**own);
  found.certificate = std::move(*own);
  return found;
}

result<key_ptr> read_key(const secret& pem, const secret& password) {
  c_password given{password};
  auto in = reader_of(pem.reveal());
  key_ptr key{in ? PEM_read_bio_PrivateKey(in.get(), nullptr, c_password::give, &given) : nullptr};
  if (key)
    return key;
  if (given.was_asked)
    return wrong_password("key", password);
  if (pem.reveal().find("PRIVATE KEY-----") == std::string_view::npos)
    return no_key("key");
  return bad_field("key", "cannot be read", "give it as PEM, whole and as it was made");
}

/// All certificates of a PEM text, of which there may be none.
result<certificates> read_certificates(std::string_view pem) {
  certificates found;
  auto in = reader_of(pem);
  while (in && found.size() < max_certificates) {
    certificate_ptr one{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)};
    if (!one && last_reason() == PEM_R_NO_START_LINE)
      return found;
    if (!one)
      return bad_field("certificate", "cannot be read", "give it as PEM, whole");
    found.push_back(std::move(one));
  }
  return bad_field("certificate", "is followed by too many others",
                   "give the client's own certificate only");
}

boost::json::object header_of(const client_certificate& certificate,
                              signature_algorithm algorithm) {
  boost::json::object header{{"alg", to_string(algorithm)}, {"typ", "JWT"}};
  if (certificate.sha256)
    header["x5t#S256"] = base64url(
        {reinterpret_cast<const char*>(certificate.sha256->data()), certificate.sha256->size()});
  if (!certificate.kid.empty())
    header["kid"] = certificate.kid;
  return header;
}

/// Encoded for a JWT.
std::string part_of(const boost::json::object& object) {
  return base64url(boost::json::serialize(object));
}

} // namespace

result<client_certificate> load_pem_certificate(const secret& key_pem,
                                                std::string_view certificate_pem,
                                                const secret& password) {
  if (auto checked = check_sizes("key", key_pem, password); !checked)
    return std::move(checked).error();
  if (certificate_pem.size() > max_credential_bytes)
    return bad_field("certificate", "is too long", "give the client's own certificate only");
  quiet_errors quiet;
  auto key = read_key(key_pem, password);
  if (!key)
    return std::move(key).error();
  auto found = read_certificates(certificate_pem.empty() ? key_pem.reveal() : certificate_pem);
  if (!found)
    return std::move(found).error();
  if (found->empty() && !certificate_pem.empty())
    return bad_field("certificate", "holds no certificate", "give it as PEM");
  return join(*std::move(key), *std::move(found));
}

result<client_certificate> load_pkcs12_certificate(const secret& bytes, const secret& password) {
  if (auto checked = check_sizes("pkcs12", bytes, password); !checked)
    return std::move(checked).error();
  quiet_errors quiet;
  c_password given{password};
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.reveal().data());
  pkcs12_ptr container{d2i_PKCS12(nullptr, &at, static_cast<long>(bytes.reveal().size()))};
  if (!container)
    return bad_field("pkcs12", "is no PKCS #12 file", "give the bytes of a .p12 or .pfx file");
  if (PKCS12_mac_present(container.get()) != 1)
    return bad_field("pkcs12", "has no MAC, so that a changed one could not be told",
                     "export it again with a MAC");
  EVP_PKEY* key = nullptr;
  X509* own = nullptr;
  STACK_OF(X509)* others = nullptr;
  bool opened = PKCS12_parse(container.get(), given.get(), &key, &own, &others) == 1;
  key_ptr owned_key{key};
  certificate_ptr owned_certificate{own};
  stack_ptr owned_others{others};
  if (!opened && last_reason() == PKCS12_R_MAC_VERIFY_FAILURE)
    return wrong_password("pkcs12", password);
  if (!opened)
    return bad_field("pkcs12",
                     "does not decrypt: it is damaged, or its cipher is one that"
                     " OpenSSL 3 does not have any more",
                     "give it as PEM: openssl pkcs12 -legacy -in OLD -out NEW");
  if (!owned_key)
    return no_key("pkcs12");
  certificates found;
  if (owned_certificate)
    found.push_back(std::move(owned_certificate));
  while (others != nullptr && sk_X509_num(others) > 0)
    found.emplace_back(sk_X509_pop(others));
  return join(std::move(owned_key), std::move(found));
}

result<secret> to_pem(const client_certificate& from) {
  // Memory that OpenSSL overwrites when it is freed.
  bio_ptr out{BIO_new(BIO_s_secmem())};
  bool written =
      out && from.key
      && PEM_write_bio_PKCS8PrivateKey(out.get(), from.key.get(), nullptr, nullptr, 0, nullptr,
                                       nullptr)
             == 1
      && (!from.certificate || PEM_write_bio_X509(out.get(), from.certificate.get()) == 1);
  if (!written)
    return failure{errc::internal, "OpenSSL does not write the key as PEM"};
  char* bytes = nullptr;
  auto size = BIO_get_mem_data(out.get(), &bytes);
  return secret{std::string{bytes, static_cast<std::size_t>(size)}};
}

result<secret> make_client_assertion(const client_certificate& certificate,
                                     std::string_view client_id, std::string_view audience,
                                     signature_algorithm algorithm, std::string_view jti,
                                     wall_time now) {
  if (!certificate.key)
    return no_key("key");
  if (!certificate.sha256 && certificate.kid.empty())
    return bad_field("certificate", "and kid are both missing",
                     "give the certificate, or the kid that the key is registered under");
  if (!fits(*certificate.key, algorithm))
    return bad_field("alg",
                     "is " + std::string{to_string(algorithm)} + ", but the key is "
                         + describe(*certificate.key),
                     "give PS256 or RS256 with an RSA key, ES256 with an EC key on P-256");
  auto seconds = now.time_since_epoch().count();
  boost::json::object claims{{"aud", audience},
                             {"iss", client_id},
                             {"sub", client_id},
                             {"jti", jti},
                             {"nbf", seconds},
                             {"iat", seconds},
                             {"exp", seconds + std::chrono::seconds{assertion_life}.count()}};
  auto jwt = part_of(header_of(certificate, algorithm)) + "." + part_of(claims);
  auto signature = sign(*certificate.key, algorithm, jwt);
  if (!signature)
    return failure{errc::internal, "OpenSSL refused to sign with " + describe(*certificate.key)};
  // Room for all at once: growing would leave a copy behind.
  std::string whole;
  auto encoded = base64url(*signature);
  whole.reserve(jwt.size() + 1 + encoded.size());
  whole.append(jwt).append(".").append(encoded);
  return secret{std::move(whole)};
}

} // namespace mailfleet::oauth2
