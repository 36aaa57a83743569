#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace mailfleet::test {

/// A certificate and its key in PEM form.
struct identity {
  std::string certificate;
  std::string key;
  /// SHA-256 of the DER form, lower-case hexadecimal.
  std::string sha256;
};

/// What a leaf says.
struct leaf {
  std::vector<std::string> dns_names = {"localhost"};
  /// Days from now; both negative: expired.
  int valid_from = -1;
  int valid_until = 1;
};

/// A CA of its own, in a folder that goes with it.
class test_authority {
public:
  test_authority();
  ~test_authority();
  test_authority(const test_authority&) = delete;
  test_authority& operator=(const test_authority&) = delete;

  /// A leaf signed by this CA. Names localhost and 127.0.0.1 unless told otherwise.
  [[nodiscard]] identity issue(const leaf& wanted = {}) const;

  /// Its PEM bundle.
  [[nodiscard]] std::string ca_file() const {
    return (folder_ / "ca.pem").string();
  }

private:
  struct key_deleter {
    void operator()(EVP_PKEY* key) const {
      EVP_PKEY_free(key);
    }
  };
  struct certificate_deleter {
    void operator()(X509* certificate) const {
      X509_free(certificate);
    }
  };

  std::filesystem::path folder_;
  std::unique_ptr<EVP_PKEY, key_deleter> key_;
  std::unique_ptr<X509, certificate_deleter> certificate_;
};

/// A certificate that signs itself.
[[nodiscard]] identity make_self_signed(const leaf& wanted = {});

/// A new folder under the temporary one.
[[nodiscard]] std::filesystem::path make_temporary_folder();

} // namespace mailfleet::test
