#include "jobs/secret_expiry.hpp"

#include "jobs/client_secrets.hpp"
#include "jobs/diagnosis.hpp"
#include "jobs/limits.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::jobs {

namespace {

using std::chrono::seconds;

/// Whether two secrets would stand in a listing under the same mark.
bool look_alike(const client_secret& one, const client_secret& other) {
  auto start = [](const client_secret& of) {
    return of.value.reveal().substr(0, secret_hint_characters);
  };
  return start(one) == start(other) && one.value.reveal() != other.value.reveal();
}

bool is_entry_of(const app_credential& entry, const client_secret& held,
                 const std::vector<std::string>* prints) {
  if (prints)
    return entry.what == app_credential::kind::certificate && !entry.thumbprint.empty()
           && std::ranges::find(*prints, entry.thumbprint) != prints->end();
  return entry.what == app_credential::kind::secret && entry.hint.size() == secret_hint_characters
         && held.value.reveal().starts_with(entry.hint);
}

seconds scaled(seconds wait, double factor) {
  return seconds{static_cast<seconds::rep>(static_cast<double>(wait.count()) * factor)};
}

} // namespace

std::optional<failure> expiry_obstacle(const provider_record& provider,
                                       const resolved_provider& where) {
  if (where.graph_host.empty())
    return bad_field("service", "has no directory that tells when a secret ends",
                     "give the end when a secret is added: --expires");
  if (provider.auth == client_auth::none)
    return bad_field("auth", "is none: the provider has no secret that could end",
                     "there is "
                     "nothing to do");
  if (admits_personal_accounts(provider.tenant_id))
    return bad_field("tenant_id", "names no directory that an app could read (AADSTS9001023)",
                     "add the provider with the id of the tenant where the app is registered, or "
                     "give the end when a secret is added: --expires");
  return std::nullopt;
}

// -- what is listed ---------------------------------------------------------

std::vector<listed_secret> find_listed(const provider_record& provider,
                                       const certificate_prints& prints,
                                       std::span<const app_credential> listing) {
  std::vector<listed_secret> found;
  for (const auto& held : provider.secrets) {
    auto own = prints.find(held.number);
    const auto* digests = own == prints.end() ? nullptr : &own->second;
    auto is_it = [&](const app_credential& entry) { return is_entry_of(entry, held, digests); };
    auto& here = found.emplace_back();
    here.number = held.number;
    auto count = std::ranges::count_if(listing, is_it);
    bool has_twin = !digests && std::ranges::any_of(provider.secrets, [&](const auto& other) {
      return look_alike(held, other);
    });
    if (count > 1 || (count == 1 && has_twin))
      here.how = listed::several;
    if (count != 1 || has_twin)
      continue;
    here.how = listed::once;
    here.ends_at = std::ranges::find_if(listing, is_it)->ends_at;
  }
  return found;
}

std::optional<provider_record> with_listed(provider_record provider,
                                           std::span<const listed_secret> found) {
  bool changed = false;
  for (const auto& here : found) {
    auto held = std::ranges::find(provider.secrets, here.number, &client_secret::number);
    if (held == provider.secrets.end() || !here.ends_at || held->listed_expires_at == here.ends_at)
      continue;
    auto had = end_of(*held);
    held->listed_expires_at = here.ends_at;
    if (end_of(*held) != had)
      held->warned_days.reset();
    changed = true;
  }
  if (!changed)
    return std::nullopt;
  ++provider.header.version;
  return provider;
}

bool expiries_differ(const client_secret& which) {
  if (!which.expires_at || !which.listed_expires_at)
    return false;
  auto apart = std::chrono::abs(*which.expires_at - *which.listed_expires_at);
  return apart > same_expiry_most_apart;
}

// -- when it cannot be read -------------------------------------------------

expiry_fault directory_refusal(int status, std::string words,
                               std::optional<std::chrono::seconds> retry_after) {
  auto evidence = "HTTP status " + std::to_string(status);
  if (!words.empty())
    evidence.append(", ").append(words);
  switch (status) {
  case 403:
    return {errc::consent_required, "secret.expiry_not_permitted", std::move(evidence), {}, true};
  case 404:
    return {errc::provider_misconfigured, "secret.app_not_listed", std::move(evidence), {}, true};
  case 429:
    return {errc::token_throttled, "secret.expiry_unread", std::move(evidence), retry_after, false};
  default:
    return {errc::token_unavailable, "secret.expiry_unread", std::move(evidence), retry_after,
            false};
  }
}

expiry_fault no_listing(const failure& why) {
  return {why.code, "secret.expiry_unread", printable(why.detail, max_evidence_bytes), {}, false};
}

/// The tenant that does not know the app, or gives it nothing, says so here.
expiry_fault no_directory_token(const token_fault& why) {
  bool is_ours = why.code == errc::consent_required || why.code == errc::provider_misconfigured
                 || why.code == errc::sign_in_required;
  return {why.code, is_ours ? "secret.expiry_not_permitted" : "secret.expiry_unread", why.evidence,
          why.retry_after, is_ours};
}

failure as_failure(const expiry_fault& what, std::string_view provider) {
  auto told =
      diagnose(what.diagnosis, what.evidence, {.mailbox = {}, .provider = provider}, {}, {});
  return {what.code, told.code + ": " + told.what + " (" + told.evidence + "); " + told.cure};
}

seconds expiry_wait(const std::optional<expiry_fault>& ended, unsigned failures, double fraction) {
  seconds wait = expiry_look_interval;
  if (ended && ended->needs_person)
    wait = expiry_refused_interval;
  else if (ended)
    for (wait = expiry_retry_first; failures > 1 && wait < expiry_look_interval; --failures)
      wait *= 2;
  if (!ended || ended->needs_person)
    return scaled(wait, 1 - expiry_jitter + 2 * expiry_jitter * fraction);
  wait = std::min<seconds>(wait, expiry_look_interval);
  wait = std::max(wait, ended->retry_after.value_or(seconds{0}));
  return scaled(wait, 1 + expiry_jitter * fraction);
}

seconds first_expiry_wait(double fraction) {
  return expiry_first_from + scaled(expiry_first_to - expiry_first_from, fraction);
}

} // namespace mailfleet::jobs
