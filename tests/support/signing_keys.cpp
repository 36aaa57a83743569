#include "tests/support/signing_keys.hpp"

#include "protocols/oauth2/encoding.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <stdexcept>

namespace mailfleet::test {

namespace {

oauth2::key_ptr made(EVP_PKEY* key) {
  if (key == nullptr)
    throw std::runtime_error{"OpenSSL made no key"};
  return oauth2::key_ptr{key};
}

void require(bool held, const char* what) {
  if (!held)
    throw std::runtime_error{what};
}

/// What `write` puts into a memory BIO.
std::string written(auto write) {
  auto* out = BIO_new(BIO_s_mem());
  require(out != nullptr && write(out) == 1, "OpenSSL writes nothing");
  char* bytes = nullptr;
  auto size = BIO_get_mem_data(out, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(out);
  return text;
}

} // namespace

oauth2::key_ptr make_rsa_key(unsigned int bits) {
  return made(EVP_RSA_gen(bits));
}

oauth2::key_ptr make_ec_key(const char* curve) {
  return made(EVP_EC_gen(curve));
}

EVP_PKEY& rsa_key() {
  static auto key = make_rsa_key();
  return *key;
}

EVP_PKEY& ec_key() {
  static auto key = make_ec_key();
  return *key;
}

std::string number_of(EVP_PKEY& key, const char* name, int bytes) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(&key, name, &number) != 1)
    throw std::runtime_error{"the key has no such number"};
  std::string text(static_cast<std::size_t>(std::max(bytes, BN_num_bytes(number))), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()),
               static_cast<int>(text.size()));
  BN_free(number);
  return oauth2::base64url(text);
}

nlohmann::json jwk_of(EVP_PKEY& key, std::string_view kid) {
  if (EVP_PKEY_is_a(&key, "RSA") == 1)
    return {{"kty", "RSA"},
            {"kid", kid},
            {"n", number_of(key, OSSL_PKEY_PARAM_RSA_N)},
            {"e", number_of(key, OSSL_PKEY_PARAM_RSA_E)}};
  return {{"kty", "EC"},
          {"kid", kid},
          {"crv", "P-256"},
          {"x", number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, 32)},
          {"y", number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)}};
}

std::string signed_jwt(EVP_PKEY& key, oauth2::signature_algorithm algorithm, nlohmann::json header,
                       const nlohmann::json& claims) {
  if (!header.contains("alg"))
    header["alg"] = oauth2::to_string(algorithm);
  auto content = oauth2::base64url(header.dump()) + "." + oauth2::base64url(claims.dump());
  auto signature = oauth2::sign(key, algorithm, content);
  if (!signature)
    throw std::runtime_error{"the key signs nothing with this algorithm"};
  return content + "." + oauth2::base64url(*signature);
}

oauth2::certificate_ptr make_certificate(EVP_PKEY& key, wall_time until) {
  oauth2::certificate_ptr made{X509_new()};
  require(made != nullptr, "no certificate");
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -86'400);
  ASN1_TIME_set(X509_getm_notAfter(made.get()), until.time_since_epoch().count());
  auto* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("client"), -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  X509_set_pubkey(made.get(), &key);
  require(X509_sign(made.get(), &key, EVP_sha256()) > 0, "no signature");
  return made;
}

std::string pem_of(X509& certificate) {
  return written([&](BIO* out) { return PEM_write_bio_X509(out, &certificate); });
}

std::string pem_of(EVP_PKEY& key, const std::string& password) {
  return written([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, &key, password.empty() ? nullptr : EVP_aes_256_cbc(),
                                         password.data(), static_cast<int>(password.size()),
                                         nullptr, nullptr);
  });
}

std::string traditional_pem_of(EVP_PKEY& key) {
  return written([&](BIO* out) {
    return PEM_write_bio_PrivateKey_traditional(out, &key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string pkcs12_of(EVP_PKEY* key, X509* certificate, const std::string& password,
                      bool with_mac) {
  auto* made = PKCS12_create(password.c_str(), "client", key, certificate, nullptr, 0, 0, 0,
                             with_mac ? 0 : -1, 0);
  require(made != nullptr, "no PKCS #12");
  auto bytes = written([&](BIO* out) { return i2d_PKCS12_bio(out, made); });
  PKCS12_free(made);
  return bytes;
}

} // namespace mailfleet::test
