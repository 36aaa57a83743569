#include "net/tls_admission.hpp"

#include <openssl/ssl.h>

#include <utility>

namespace mailfleet::net {

namespace {

/// Where a context keeps the address of its admission.
int admission_slot() {
  static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

} // namespace

tls_admission::tls_admission(admission_rule rule, std::string host, ca_store store, std::string pin)
  : rule_{rule}, host_{std::move(host)}, store_{std::move(store)}, pin_{std::move(pin)} {}

bool tls_admission::install(SSL_CTX* context) {
  // A certificate that came later in the connection would not be looked at.
  // Plaintext is overwritten once it is read: answers hold tokens.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &tls_admission::verify, this);
  SSL_CTX_set_info_callback(context, &tls_admission::on_event);
  if (SSL_CTX_set_ex_data(context, admission_slot(), this) != 1)
    return false;
  handshake_ = progress::begun;
  if (!store_ || X509_STORE_up_ref(store_.get()) != 1)
    return false;
  SSL_CTX_set_cert_store(context, store_.get());
  return true;
}

void tls_admission::on_event(const SSL* connection, int where, int value) noexcept {
  auto* self = static_cast<tls_admission*>(
      SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), admission_slot()));
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0)
    self->handshake_ = progress::done;
  // The low byte is the alert's description.
  if (where == SSL_CB_READ_ALERT && (value & 0xFF) == SSL_AD_CLOSE_NOTIFY)
    self->ended_in_order_ = true;
}

int tls_admission::verify(X509_STORE_CTX* context, void* self) noexcept {
  try {
    return static_cast<tls_admission*>(self)->decide(context);
  } catch (...) {
    // No memory for the words: whoever is not admitted is refused.
    X509_STORE_CTX_set_error(context, X509_V_ERR_OUT_OF_MEM);
    return 0;
  }
}

std::string tls_admission::trouble_with_chain(X509_STORE_CTX* context, X509& leaf) const {
  // libcurl caches stores by file name, and ours have none: were one of
  // another CA file ever put in our store's place, nobody must be let in.
  if (X509_STORE_CTX_get0_store(context) != store_.get())
    return "it was to be compared with another CA file";
  if (X509_verify_cert(context) != 1)
    return explain_verify_error(X509_STORE_CTX_get_error(context), *offered_);
  if (!names_host(leaf, host_))
    return "it does not name the host " + host_ + " (subject " + offered_->subject + ")";
  return {};
}

int tls_admission::decide(X509_STORE_CTX* context) {
  auto* leaf = X509_STORE_CTX_get0_cert(context);
  if (leaf == nullptr)
    return 0;
  offered_ = describe(*leaf);
  offered_->trouble = trouble_with_chain(context, *leaf);
  bool admitted = false;
  switch (rule_) {
  case admission_rule::by_ca:
    refusal_ = offered_->trouble;
    admitted = refusal_.empty();
    break;
  case admission_rule::by_pin:
    admitted = !pin_.empty() && offered_->sha256 == pin_;
    if (!admitted)
      refusal_ = "its SHA-256 is " + offered_->sha256 + ", not the pinned " + pin_;
    break;
  case admission_rule::nobody: refusal_ = "it was only looked at"; break;
  }
  X509_STORE_CTX_set_error(context, admitted ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
  return admitted ? 1 : 0;
}

} // namespace mailfleet::net
