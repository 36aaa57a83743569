#include "protocols/oauth2/client_assertion.hpp"
#include "tests/support/signing_keys.hpp"
#include "tests/web/temporary_folder.hpp"
#include "tools/mailfleet/pkcs12.hpp"

#include <catch2/catch.hpp>

using namespace mailfleet;
using namespace mailfleet::test;

namespace {

struct fixture {
  testing::temporary_folder folder;
  const wall_time end{std::chrono::seconds{4'000'000'000}};

  std::string file(EVP_PKEY* key, X509* certificate) const {
    return folder.file("app.p12", pkcs12_of(key, certificate, "open sesame"));
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a PKCS #12 file becomes what the daemon takes") {
  auto certificate = make_certificate(ec_key(), end);
  auto pem = tools::pem_of_pkcs12(file(&ec_key(), certificate.get()), secret{"open sesame"});
  REQUIRE(pem);
  auto loaded = oauth2::load_pem_certificate(*pem);
  REQUIRE(loaded);
  CHECK(loaded->not_after == end);
  CHECK(loaded->sha256);
}

TEST_CASE_METHOD(fixture, "a PKCS #12 file that is of no use says why") {
  auto certificate = make_certificate(ec_key(), end);
  auto refusal = [](const std::string& path, const char* password) {
    auto pem = tools::pem_of_pkcs12(path, secret{password});
    return pem ? std::string{} : pem.error().detail;
  };
  auto whole = file(&ec_key(), certificate.get());
  CHECK(refusal(whole, "wrong").find("password") != std::string::npos);
  CHECK(refusal("/nowhere", "x").find("cannot be read") != std::string::npos);
  CHECK(refusal(folder.file("text", "hello"), "x").find("no PKCS #12") != std::string::npos);
  CHECK(refusal(file(nullptr, certificate.get()), "open sesame").find("no private key")
        != std::string::npos);
}
