#pragma once

#include "messages/values/records.hpp"
#include "protocols/oauth2/signing.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

/// Keys made at run time, and tokens signed with them.
namespace mailfleet::test {

/// Fresh keys; throw if OpenSSL refuses.
[[nodiscard]] oauth2::key_ptr make_rsa_key(unsigned int bits = 2'048);
[[nodiscard]] oauth2::key_ptr make_ec_key(const char* curve = "P-256");

/// One RSA and one P-256 key for all tests: an RSA key takes a while.
[[nodiscard]] EVP_PKEY& rsa_key();
[[nodiscard]] EVP_PKEY& ec_key();

/// The public half as a JSON Web Key.
[[nodiscard]] nlohmann::json jwk_of(EVP_PKEY& key, std::string_view kid);

/// A number of a key (`OSSL_PKEY_PARAM_RSA_N`, ...), base64url, at least `bytes` long.
[[nodiscard]] std::string number_of(EVP_PKEY& key, const char* name, int bytes = 0);

/// A compact JWT; `alg` of the header is the algorithm's name unless it is given.
[[nodiscard]] std::string signed_jwt(EVP_PKEY& key, oauth2::signature_algorithm algorithm,
                                     nlohmann::json header, const nlohmann::json& claims);

/// A self-signed certificate that ends at `until`.
[[nodiscard]] oauth2::certificate_ptr make_certificate(EVP_PKEY& key, wall_time until);

[[nodiscard]] std::string pem_of(X509& certificate);

/// PKCS #8; encrypted unless `password` is empty.
[[nodiscard]] std::string pem_of(EVP_PKEY& key, const std::string& password = {});

/// The form that OpenSSL wrote before PKCS #8: PKCS #1 or SEC 1.
[[nodiscard]] std::string traditional_pem_of(EVP_PKEY& key);

/// A PKCS #12 file of what is given; a null is left out.
[[nodiscard]] std::string pkcs12_of(EVP_PKEY* key, X509* certificate, const std::string& password,
                                    bool with_mac = true);

} // namespace mailfleet::test
