#include "actors/limits.hpp"
#include "actors/token_endpoint.hpp"
#include "jobs/client_secrets.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/responses.hpp"

#include <algorithm>
#include <utility>

/// How we prove ourselves to the provider, and how it proves itself to us.
namespace mailfleet {

namespace {

result<oauth2::jwk_set> read_keys(const result<http_response>& outcome) {
  if (!outcome)
    return outcome.error();
  if (outcome->status != 200)
    return failure{errc::token_unavailable,
                   "the address of the issuer's keys answered with HTTP status "
                       + std::to_string(outcome->status)};
  return oauth2::parse_jwks(outcome->body);
}

} // namespace

// -- our client --------------------------------------------------------------

/// A refusal may have been the server's mistake, or be mended at the server: it
/// holds for a while.
const client_secret* token_endpoint::choose_secret() {
  auto now = outside_.clock->now();
  bool is_old = now >= refused_at_ + refused_secret_memory || now < refused_at_;
  if (is_old)
    refused_.clear();
  return jobs::choose_secret(provider_.secrets, jobs::numbers_of(refused_), now);
}

/// Whether another secret is to be tried: many requests may be under way with the one
/// that is refused, and each goes on with the next.
bool token_endpoint::note_refused(std::uint32_t number, const jobs::token_fault& fault) {
  if (number == 0)
    return false;
  // A request may come back whose secret was retired meanwhile: that is no news.
  if (std::ranges::find(provider_.secrets, number, &client_secret::number)
      == provider_.secrets.end())
    return choose_secret() != nullptr;
  auto now = outside_.clock->now();
  if (refused_.emplace(number, now).second)
    refused_at_ = now;
  if (told_of_refused_.insert(number).second)
    tell_of_refused_(number, fault);
  const auto* next = choose_secret();
  return next && next->number != number;
}

result<const oauth2::client_certificate*>
token_endpoint::certificate_of(const client_secret& held) {
  auto known = certificates_.find(held.number);
  if (known == certificates_.end()) {
    auto loaded = oauth2::load_pem_certificate(held.value);
    if (!loaded)
      return loaded.error();
    loaded->kid = held.key_id;
    known = certificates_.emplace(held.number, *std::move(loaded)).first;
  }
  return &known->second;
}

jobs::certificate_prints token_endpoint::prints() {
  jobs::certificate_prints found;
  if (provider_.auth != client_auth::private_key_jwt)
    return found;
  for (const auto& held : provider_.secrets) {
    auto& names = found[held.number];
    auto certificate = certificate_of(held);
    if (!certificate || !(*certificate)->sha256)
      continue;
    names.push_back((*certificate)->sha1);
    names.emplace_back((*certificate)->sha256->begin(), (*certificate)->sha256->end());
  }
  return found;
}

/// How the client proves itself with this secret, or with the key in its place.
result<oauth2::client_identity> token_endpoint::identify(const client_secret* chosen) {
  oauth2::client_identity client{provider_.client_id, provider_.auth, {}, {}};
  if (!chosen)
    return client;
  if (provider_.auth != client_auth::private_key_jwt) {
    client.client_secret = chosen->value;
    return client;
  }
  auto held = certificate_of(*chosen);
  if (!held)
    return held.error();
  const auto& certificate = **held;
  using enum oauth2::signature_algorithm;
  auto for_rsa = where_.signs_with_pss ? ps256 : rs256;
  auto algorithm = oauth2::fits(*certificate.key, es256) ? es256 : for_rsa;
  auto assertion = oauth2::make_client_assertion(
      certificate, provider_.client_id, where_.token_endpoint, algorithm,
      oauth2::base64url(outside_.random->bytes(assertion_id_bytes)), outside_.clock->now());
  if (!assertion)
    return assertion.error();
  client.client_assertion = *std::move(assertion);
  return client;
}

void token_endpoint::renew(const provider_record& provider) {
  provider_.secrets = provider.secrets;
  certificates_.clear();
  auto is_retired = [&](std::uint32_t number) {
    return std::ranges::find(provider.secrets, number, &client_secret::number)
           == provider.secrets.end();
  };
  std::erase_if(refused_, [&](const auto& one) { return is_retired(one.first); });
  std::erase_if(told_of_refused_, is_retired);
}

std::optional<std::chrono::seconds> token_endpoint::clock_ahead() const {
  auto theirs = oauth2::answered_at(last_headers_);
  return theirs ? std::optional{last_answer_at_ - *theirs} : std::nullopt;
}

// -- signatures --------------------------------------------------------------

void token_endpoint::verify(secret id_token, std::function<void(result<void>)> then) {
  if (where_.jwks_uri.empty())
    return then({});
  auto age = outside_.clock->now() - keys_fetched_at_;
  auto genuine = oauth2::verify_id_token(id_token.reveal(), keys_);
  bool may_look = keys_.empty() || age >= keys_least_age || age < age.zero();
  bool is_good = genuine && !keys_.empty() && age < keys_most_age && age >= age.zero();
  if (is_good || !may_look)
    return then(genuine);
  fetch_keys(
      [this, id_token = std::move(id_token), then = std::move(then)](const result<void>& fetched) {
        then(fetched ? oauth2::verify_id_token(id_token.reveal(), keys_) : fetched);
      });
}

/// A code is good once: one lost connection to the keys must not cost a sign-in.
void token_endpoint::fetch_keys(std::function<void(result<void>)> then, unsigned attempt) {
  http_request request;
  request.url = where_.jwks_uri;
  send(std::move(request), [this, attempt, then = std::move(then)](result<http_response>& outcome) {
    auto found = read_keys(outcome);
    if (found) {
      keys_ = *std::move(found);
      keys_fetched_at_ = outside_.clock->now();
      return then({});
    }
    if (attempt >= key_fetch_attempts)
      return then(found.error());
    later(redeemed_retry, [this, attempt, then] { fetch_keys(then, attempt + 1); });
  });
}

} // namespace mailfleet
