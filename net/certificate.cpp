#include "net/certificate.hpp"

#include "messages/values/errors.hpp"
#include "messages/values/mail.hpp"
#include "messages/values/time_text.hpp"
#include "net/limits.hpp"

#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>

namespace mailfleet::net {

namespace {

struct bio_deleter {
  void operator()(BIO* bio) const noexcept {
    BIO_free(bio);
  }
};

std::string printed_name(const X509_NAME* name) {
  std::unique_ptr<BIO, bio_deleter> out{BIO_new(BIO_s_mem())};
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
    return {};
  std::array<char, 512> text{};
  auto size = BIO_read(out.get(), text.data(), static_cast<int>(text.size()));
  return size > 0 ? printable({text.data(), static_cast<std::size_t>(size)}, max_quoted_words)
                  : std::string{};
}

wall_time to_wall_time(const ASN1_TIME* time) {
  std::tm fields{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1)
    return {};
  return wall_time{std::chrono::seconds{::timegm(&fields)}};
}

} // namespace

offered_certificate describe(X509& certificate) {
  offered_certificate facts;
  sha256_digest digest{};
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) == 1 && size == digest.size())
    facts.sha256 = to_hex(digest);
  facts.subject = printed_name(X509_get_subject_name(&certificate));
  facts.issuer = printed_name(X509_get_issuer_name(&certificate));
  facts.not_after = to_wall_time(X509_get0_notAfter(&certificate));
  return facts;
}

bool names_host(X509& certificate, const std::string& host) {
  return X509_check_ip_asc(&certificate, host.c_str(), 0) == 1
         || X509_check_host(&certificate, host.data(), host.size(),
                            X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr)
                == 1;
}

std::string explain_verify_error(int code, const offered_certificate& offered) {
  switch (code) {
  case X509_V_ERR_CERT_HAS_EXPIRED: return "it expired on " + to_iso8601_date(offered.not_after);
  case X509_V_ERR_CERT_NOT_YET_VALID: return "it is not valid yet";
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return "it is self-signed";
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    return "its CA is unknown (issuer " + offered.issuer + ")";
  default: return X509_verify_cert_error_string(code);
  }
}

} // namespace mailfleet::net
