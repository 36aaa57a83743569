#include "protocols/oauth2/client_assertion.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/limits.hpp"
#include "tests/support/signing_keys.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <string>
#include <utility>

using namespace mailfleet;
using namespace mailfleet::oauth2;
using namespace std::chrono_literals;
using nlohmann::json;
using alg = signature_algorithm;

namespace {

const wall_time now{1'800'000'000s};
const wall_time end = now + 24h;
constexpr const char* audience = "https://login.microsoftonline.com/t/oauth2/v2.0/token";

EVP_PKEY& key_for(alg algorithm) {
  return algorithm == alg::es256 ? test::ec_key() : test::rsa_key();
}

std::string certificate_pem(EVP_PKEY& key) {
  return test::pem_of(*test::make_certificate(key, end));
}

client_certificate loaded(EVP_PKEY& key) {
  auto found = load_pem_certificate(secret{test::pem_of(key)}, certificate_pem(key));
  REQUIRE(found);
  return *std::move(found);
}

/// A JWT's parts, read without the code under test.
struct parts {
  json header;
  json claims;
  std::string_view content;
  std::string signature;
};

parts read(std::string_view jwt) {
  auto first = jwt.find('.');
  auto last = jwt.rfind('.');
  REQUIRE(first != last);
  return {json::parse(*decode_base64url(jwt.substr(0, first))),
          json::parse(*decode_base64url(jwt.substr(first + 1, last - first - 1))),
          jwt.substr(0, last), *decode_base64url(jwt.substr(last + 1))};
}

/// The detail of a refusal, which must name an argument as its first word.
template <class T>
std::string fault(const result<T>& refused, std::string_view field) {
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(refused.error().detail.starts_with(std::string{field} + " "));
  CHECK(ERR_peek_error() == 0);
  return refused.error().detail;
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

TEST_CASE("an assertion is signed and says who, for whom and how long", "[assertion]") {
  for (auto algorithm : {alg::rs256, alg::ps256, alg::es256}) {
    auto certificate = loaded(key_for(algorithm));
    auto jwt = make_client_assertion(certificate, "app", audience, algorithm, "once", now);
    REQUIRE(jwt);
    auto found = read(jwt->reveal());
    CHECK(verifies(key_for(algorithm), algorithm, found.content, found.signature));
    CHECK(found.header
          == json{{"alg", to_string(algorithm)},
                  {"typ", "JWT"},
                  {"x5t#S256", base64url({reinterpret_cast<const char*>(certificate.sha256->data()),
                                          certificate.sha256->size()})}});
    CHECK(found.claims
          == json{{"aud", audience},
                  {"iss", "app"},
                  {"sub", "app"},
                  {"jti", "once"},
                  {"nbf", 1'800'000'000},
                  {"iat", 1'800'000'000},
                  {"exp", 1'800'000'600}});
  }
}

TEST_CASE("a key without a certificate is named by its kid", "[assertion]") {
  auto certificate = load_pem_certificate(secret{test::pem_of(test::ec_key())});
  REQUIRE(certificate);
  CHECK_FALSE(certificate->sha256);
  CHECK(certificate->sha1.empty());
  CHECK_FALSE(certificate->not_after);
  fault(make_client_assertion(*certificate, "app", audience, alg::es256, "once", now),
        "certificate");
  certificate->kid = "k1";
  auto jwt = make_client_assertion(*certificate, "app", audience, alg::es256, "once", now);
  REQUIRE(jwt);
  CHECK(read(jwt->reveal()).header == json{{"alg", "ES256"}, {"typ", "JWT"}, {"kid", "k1"}});
}

TEST_CASE("a key signs with no algorithm of another kind", "[assertion]") {
  auto rsa = loaded(test::rsa_key());
  auto detail = fault(make_client_assertion(rsa, "app", audience, alg::es256, "once", now), "alg");
  CHECK(holds(detail, "is ES256, but the key is RSA of 2048 bits"));
  auto ec = loaded(test::ec_key());
  for (auto algorithm : {alg::rs256, alg::ps256})
    fault(make_client_assertion(ec, "app", audience, algorithm, "once", now), "alg");
}

TEST_CASE("names that are no UTF-8 do not throw", "[assertion]") {
  auto rsa = loaded(test::rsa_key());
  CHECK(make_client_assertion(rsa, "\xff", "\xff", alg::ps256, "\xff", now));
}

TEST_CASE("the thumbprint and the end of a certificate are read", "[assertion]") {
  auto made = test::make_certificate(test::rsa_key(), now - 48h);
  sha256_digest digest{};
  REQUIRE(X509_digest(made.get(), EVP_sha256(), digest.data(), nullptr) == 1);
  auto found = load_pem_certificate(secret{test::pem_of(test::rsa_key())}, test::pem_of(*made));
  REQUIRE(found);
  CHECK(found->sha256 == digest);
  std::array<unsigned char, 20> name{};
  REQUIRE(X509_digest(made.get(), EVP_sha1(), name.data(), nullptr) == 1);
  CHECK(found->sha1 == std::string{name.begin(), name.end()});
  // An ended one too: whoever uses it judges.
  CHECK(found->not_after == now - 48h);
}

TEST_CASE("a PEM key is read in each of its forms", "[assertion]") {
  for (auto* key : {&test::rsa_key(), &test::ec_key()}) {
    auto certificate = certificate_pem(*key);
    // What `openssl ecparam -genkey` puts in front.
    std::string parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                             "-----END EC PARAMETERS-----\n";
    for (const auto& pem : {test::pem_of(*key), test::traditional_pem_of(*key),
                            parameters + test::traditional_pem_of(*key)}) {
      auto beside = load_pem_certificate(secret{pem}, certificate);
      REQUIRE(beside);
      CHECK(EVP_PKEY_eq(beside->key.get(), key) == 1);
      CHECK(beside->sha256);
      auto behind = load_pem_certificate(secret{pem + certificate});
      REQUIRE(behind);
      CHECK(behind->sha256 == beside->sha256);
      auto before = load_pem_certificate(secret{"a comment\n" + certificate + pem});
      REQUIRE(before);
      CHECK(before->sha256 == beside->sha256);
    }
  }
}

TEST_CASE("an encrypted PEM key needs its password, and asks nobody", "[assertion]") {
  secret pem{test::pem_of(test::rsa_key(), "canary")};
  CHECK(load_pem_certificate(pem, {}, secret{"canary"}));
  CHECK(holds(fault(load_pem_certificate(pem), "password"), "is missing"));
  auto detail = fault(load_pem_certificate(pem, {}, secret{"canary2"}), "password");
  CHECK_FALSE(holds(detail, "canary"));
  fault(load_pem_certificate(pem, {}, secret{std::string(max_password_bytes, 'x')}), "password");
  fault(load_pem_certificate(pem, {}, secret{std::string(max_password_bytes + 1, 'x')}),
        "password");
  fault(load_pem_certificate(pem, {}, secret{std::string("canary\0x", 8)}), "password");
}

TEST_CASE("a password that is not needed does no harm", "[assertion]") {
  CHECK(load_pem_certificate(secret{test::pem_of(test::rsa_key())}, {}, secret{"x"}));
}

TEST_CASE("what is no PEM key or certificate is named", "[assertion]") {
  auto key = test::pem_of(test::rsa_key());
  auto certificate = certificate_pem(test::rsa_key());
  for (const auto& text : {std::string{}, std::string{"x"}, certificate})
    CHECK(holds(fault(load_pem_certificate(secret{text}), "key"), "holds no private key"));
  auto broken = key;
  broken.replace(100, 10, "AAAAAAAAAA");
  fault(load_pem_certificate(secret{broken}), "key");
  fault(load_pem_certificate(secret{key.substr(0, key.size() / 2)}), "key");
  fault(load_pem_certificate(secret{key}, "x"), "certificate");
  fault(load_pem_certificate(secret{key}, key), "certificate");
  auto bad = certificate;
  bad.replace(100, 10, "AAAAAAAAAA");
  fault(load_pem_certificate(secret{key}, bad), "certificate");
  fault(load_pem_certificate(secret{key}, certificate.substr(0, 200)), "certificate");
  fault(load_pem_certificate(secret{key + std::string(max_credential_bytes, '\n')}), "key");
  fault(load_pem_certificate(secret{key}, std::string(max_credential_bytes + 1, '\n')),
        "certificate");
}

TEST_CASE("a key must belong to its certificate", "[assertion]") {
  auto other = test::make_rsa_key();
  auto detail = fault(
      load_pem_certificate(secret{test::pem_of(test::rsa_key())}, certificate_pem(*other)), "key");
  CHECK(holds(detail, "does not belong to the certificate"));
  fault(
      load_pem_certificate(secret{test::pem_of(test::rsa_key())}, certificate_pem(test::ec_key())),
      "key");
}

TEST_CASE("of a chain the certificate with the key is taken, up to a limit", "[assertion]") {
  auto own = certificate_pem(test::rsa_key());
  auto other = certificate_pem(test::ec_key());
  secret key{test::pem_of(test::rsa_key())};
  auto alone = load_pem_certificate(key, own);
  REQUIRE(alone);
  for (const auto& chain : {own + other, other + own}) {
    auto found = load_pem_certificate(key, chain);
    REQUIRE(found);
    CHECK(found->sha256 == alone->sha256);
  }
  std::string many = own;
  for (std::size_t i = 1; i < max_certificates; ++i)
    many += other;
  fault(load_pem_certificate(key, many), "certificate");
}

TEST_CASE("a key of no use is refused when it is loaded", "[assertion]") {
  auto small = test::make_rsa_key(1'024);
  CHECK(
      holds(fault(load_pem_certificate(secret{test::pem_of(*small)}), "key"), "RSA of 1024 bits"));
  auto p384 = test::make_ec_key("P-384");
  fault(load_pem_certificate(secret{test::pem_of(*p384)}), "key");
  key_ptr ed{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
  fault(load_pem_certificate(secret{test::pem_of(*ed)}), "key");
}

TEST_CASE("a PKCS #12 file gives key and certificate", "[assertion]") {
  for (auto* key : {&test::rsa_key(), &test::ec_key()}) {
    auto made = test::make_certificate(*key, end);
    for (const auto* password : {"canary", ""}) {
      auto found = load_pkcs12_certificate(secret{test::pkcs12_of(key, made.get(), password)},
                                           secret{password});
      REQUIRE(found);
      CHECK(EVP_PKEY_eq(found->key.get(), key) == 1);
      CHECK(found->not_after == end);
      auto pem = load_pem_certificate(secret{test::pem_of(*key)}, test::pem_of(*made));
      CHECK(found->sha256 == pem->sha256);
    }
  }
}

TEST_CASE("a PKCS #12 file needs its password", "[assertion]") {
  auto made = test::make_certificate(test::rsa_key(), end);
  secret bytes{test::pkcs12_of(&test::rsa_key(), made.get(), "canary")};
  auto detail = fault(load_pkcs12_certificate(bytes, secret{"canary2"}), "password");
  CHECK(holds(detail, "does not open"));
  CHECK_FALSE(holds(detail, "canary"));
  CHECK(holds(fault(load_pkcs12_certificate(bytes, {}), "password"), "is missing"));
}

TEST_CASE("what is no PKCS #12 file, or lacks the key, is named", "[assertion]") {
  auto made = test::make_certificate(test::rsa_key(), end);
  auto whole = test::pkcs12_of(&test::rsa_key(), made.get(), "p");
  for (const auto& bytes :
       {std::string{}, std::string{"x"}, test::pem_of(test::rsa_key()),
        whole.substr(0, whole.size() / 2), std::string(max_credential_bytes + 1, '0')})
    fault(load_pkcs12_certificate(secret{bytes}, secret{"p"}), "pkcs12");
  CHECK(holds(
      fault(load_pkcs12_certificate(secret{test::pkcs12_of(nullptr, made.get(), "p")}, secret{"p"}),
            "pkcs12"),
      "holds no private key"));
}

TEST_CASE("a PKCS #12 file without a MAC is refused", "[assertion]") {
  auto made = test::make_certificate(test::rsa_key(), end);
  auto bytes = test::pkcs12_of(&test::rsa_key(), made.get(), "p", false);
  fault(load_pkcs12_certificate(secret{bytes}, secret{"p"}), "pkcs12");
}

TEST_CASE("a PKCS #12 file without a certificate gives a key", "[assertion]") {
  auto found =
      load_pkcs12_certificate(secret{test::pkcs12_of(&test::ec_key(), nullptr, "p")}, secret{"p"});
  REQUIRE(found);
  CHECK_FALSE(found->sha256);
}
