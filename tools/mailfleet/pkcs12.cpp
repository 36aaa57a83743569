#include "tools/mailfleet/pkcs12.hpp"

#include "protocols/oauth2/signing.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <memory>

namespace mailfleet::tools {

namespace {

struct freed_by_openssl {
  void operator()(BIO* bio) const noexcept {
    BIO_free(bio);
  }
  void operator()(PKCS12* bag) const noexcept {
    PKCS12_free(bag);
  }
};
template <class T>
using handle = std::unique_ptr<T, freed_by_openssl>;

failure refused(std::string_view what, std::string_view cure) {
  ERR_clear_error();
  return bad_field("pkcs12", what, cure);
}

/// What was written, out of memory that OpenSSL overwrites when it is freed.
secret text_of(BIO& bio) {
  char* bytes = nullptr;
  auto size = BIO_get_mem_data(&bio, &bytes);
  return secret{std::string{bytes, static_cast<std::size_t>(size)}};
}

} // namespace

result<secret> pem_of_pkcs12(const std::string& file, const secret& password) {
  handle<BIO> in{BIO_new_file(file.c_str(), "rb")};
  if (!in)
    return refused(file + " cannot be read", "give a file that can");
  handle<PKCS12> bag{d2i_PKCS12_bio(in.get(), nullptr)};
  if (!bag)
    return refused(file + " is no PKCS #12 file", "give a .p12 or .pfx file");
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  std::string words{password.reveal()};
  int parsed = PKCS12_parse(bag.get(), words.c_str(), &key, &certificate, nullptr);
  OPENSSL_cleanse(words.data(), words.size());
  oauth2::key_ptr held_key{key};
  oauth2::certificate_ptr held_certificate{certificate};
  if (parsed != 1)
    return refused("cannot be opened with this password",
                   "give the right one; a file in an old cipher is made anew with `openssl pkcs12 "
                   "-export`");
  if (!held_key || !held_certificate)
    return refused("holds no key, or no certificate for it", "export both into one file");
  handle<BIO> out{BIO_new(BIO_s_secmem())};
  bool written =
      out
      && PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1
      && PEM_write_bio_X509(out.get(), certificate) == 1;
  if (!written)
    return refused("cannot be turned into PEM", "convert it with `openssl pkcs12 -nodes`");
  return text_of(*out);
}

} // namespace mailfleet::tools
