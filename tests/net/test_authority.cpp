#include "tests/net/test_authority.hpp"

#include "net/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace mailfleet::test {

namespace {

void require(bool held, const char* what) {
  if (!held)
    throw std::runtime_error{what};
}

std::string drained(BIO* bio) {
  char* bytes = nullptr;
  auto size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

/// An unsigned certificate with this subject and key.
X509* make_certificate(const std::string& subject, EVP_PKEY* key, int from, int until) {
  auto* made = X509_new();
  X509_set_version(made, 2);
  std::uint32_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "random");
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), serial);
  X509_gmtime_adj(X509_getm_notBefore(made), from * 86'400L);
  X509_gmtime_adj(X509_getm_notAfter(made), until * 86'400L);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0);
  X509_set_pubkey(made, key);
  return made;
}

identity finish(X509* made, X509* issuer, EVP_PKEY* key, EVP_PKEY* issuer_key, const leaf& wanted) {
  std::string names;
  for (const auto& name : wanted.dns_names)
    names.append(names.empty() ? "" : ",").append("DNS:").append(name);
  X509_set_issuer_name(made, X509_get_subject_name(issuer));
  add_extension(made, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(made, issuer, NID_subject_alt_name, names);
  require(X509_sign(made, issuer_key, EVP_sha256()) > 0, "signature");
  auto* certificate_out = BIO_new(BIO_s_mem());
  auto* key_out = BIO_new(BIO_s_mem());
  require(PEM_write_bio_X509(certificate_out, made) == 1, "certificate");
  require(PEM_write_bio_PrivateKey(key_out, key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "key");
  return {drained(certificate_out), drained(key_out), net::describe(*made).sha256};
}

} // namespace

std::filesystem::path make_temporary_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "mailfleet-net-XXXXXX").string();
  require(::mkdtemp(pattern.data()) != nullptr, "folder");
  return pattern;
}

test_authority::test_authority()
  : folder_{make_temporary_folder()},
    key_{EVP_EC_gen("P-256")},
    certificate_{make_certificate("CA of " + folder_.filename().string(), key_.get(), -30, 30)} {
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  add_extension(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate_.get(), certificate_.get(), NID_key_usage, "critical,keyCertSign");
  require(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0, "CA signature");
  auto* out = BIO_new(BIO_s_mem());
  require(PEM_write_bio_X509(out, certificate_.get()) == 1, "CA certificate");
  std::ofstream{ca_file()} << drained(out);
}

test_authority::~test_authority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

identity test_authority::issue(const leaf& wanted) const {
  std::unique_ptr<EVP_PKEY, key_deleter> key{EVP_EC_gen("P-256")};
  std::unique_ptr<X509, certificate_deleter> made{
      make_certificate("leaf", key.get(), wanted.valid_from, wanted.valid_until)};
  return finish(made.get(), certificate_.get(), key.get(), key_.get(), wanted);
}

identity make_self_signed(const leaf& wanted) {
  auto* key = EVP_EC_gen("P-256");
  auto* made = make_certificate("self", key, wanted.valid_from, wanted.valid_until);
  auto finished = finish(made, made, key, key, wanted);
  X509_free(made);
  EVP_PKEY_free(key);
  return finished;
}

} // namespace mailfleet::test
