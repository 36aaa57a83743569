#include "net/tls_admission.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <utility>

namespace mailfleet::net {

namespace {

using share = std::shared_ptr<tls_admission>;

void give_back(void*, void* kept, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<share*>(kept);
}

/// Where a context keeps its share.
int admission_slot() {
  static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, give_back);
  return slot;
}

share* kept_by(const SSL_CTX* context) {
  return static_cast<share*>(SSL_CTX_get_ex_data(context, admission_slot()));
}

} // namespace

tls_admission::tls_admission(admission_terms terms) : terms_{std::move(terms)} {}

std::shared_ptr<tls_admission> tls_admission::of(const SSL_CTX* context) {
  auto* kept = kept_by(context);
  return kept == nullptr ? nullptr : *kept;
}

std::shared_ptr<tls_admission> tls_admission::install(admission_terms terms, SSL_CTX* context) {
  auto made = std::make_shared<tls_admission>(std::move(terms));
  auto* store = made->terms_.store.get();
  // A certificate that came later in the connection would not be looked at.
  // Plaintext is overwritten once it is read: answers hold tokens.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &tls_admission::verify, made.get());
  SSL_CTX_set_info_callback(context, &tls_admission::on_event);
  auto kept = std::make_unique<share>(made);
  if (SSL_CTX_set_ex_data(context, admission_slot(), kept.get()) != 1)
    return nullptr;
  static_cast<void>(kept.release());
  made->handshake_ = progress::begun;
  if (store == nullptr || X509_STORE_up_ref(store) != 1)
    return nullptr;
  SSL_CTX_set_cert_store(context, store);
  return made;
}

void tls_admission::on_event(const SSL* connection, int where, int value) noexcept {
  auto& self = *kept_by(SSL_get_SSL_CTX(connection));
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
  if (X509_STORE_CTX_get0_store(context) != terms_.store.get())
    return "it was to be compared with another CA file";
  if (X509_verify_cert(context) != 1)
    return explain_verify_error(X509_STORE_CTX_get_error(context), *offered_);
  if (!names_host(leaf, terms_.host))
    return "it does not name the host " + terms_.host + " (subject " + offered_->subject + ")";
  return {};
}

int tls_admission::decide(X509_STORE_CTX* context) {
  auto* leaf = X509_STORE_CTX_get0_cert(context);
  if (leaf == nullptr)
    return 0;
  offered_ = describe(*leaf);
  offered_->trouble = trouble_with_chain(context, *leaf);
  bool admitted = false;
  switch (terms_.rule) {
  case admission_rule::by_ca:
    refusal_ = offered_->trouble;
    admitted = refusal_.empty();
    break;
  case admission_rule::by_pin:
    admitted = !terms_.pin.empty() && offered_->sha256 == terms_.pin;
    if (!admitted)
      refusal_ = "its SHA-256 is " + offered_->sha256 + ", not the pinned " + terms_.pin;
    break;
  case admission_rule::nobody: refusal_ = "it was only looked at"; break;
  }
  X509_STORE_CTX_set_error(context, admitted ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
  return admitted ? 1 : 0;
}

} // namespace mailfleet::net
