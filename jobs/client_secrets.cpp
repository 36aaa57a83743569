#include "jobs/client_secrets.hpp"

#include "jobs/secret_expiry.hpp"
#include "messages/values/time_text.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace mailfleet::jobs {

namespace {

using std::chrono::days;

bool is_good(const client_secret& which, const std::set<std::uint32_t>& refused, wall_time now) {
  return !is_expired(which, now) && !refused.contains(which.number);
}

std::uint32_t last_number(const provider_record& provider) {
  auto highest = provider.last_secret_number;
  for (const auto& held : provider.secrets)
    highest = std::max(highest, held.number);
  return highest;
}

} // namespace

std::optional<wall_time> end_of(const client_secret& which) {
  if (!which.expires_at || !which.listed_expires_at)
    return which.expires_at ? which.expires_at : which.listed_expires_at;
  return std::min(*which.expires_at, *which.listed_expires_at);
}

bool is_expired(const client_secret& which, wall_time now) {
  auto end = end_of(which);
  return end && now >= *end;
}

const client_secret* choose_secret(std::span<const client_secret> secrets,
                                   const std::set<std::uint32_t>& refused, wall_time now) {
  const client_secret* best = nullptr;
  auto rank = [now](const client_secret& which) {
    return std::tuple{!is_expired(which, now), which.added_at, which.number};
  };
  for (const auto& which : secrets)
    if (!refused.contains(which.number) && (!best || rank(which) > rank(*best)))
      best = &which;
  return best;
}

std::optional<wall_time> last_expiry(std::span<const client_secret> secrets,
                                     const std::set<std::uint32_t>& refused, wall_time now) {
  std::optional<wall_time> last;
  for (const auto& which : secrets) {
    if (!is_good(which, refused, now))
      continue;
    auto end = end_of(which);
    if (!end)
      return std::nullopt;
    last = std::max(last.value_or(*end), *end);
  }
  return last;
}

std::optional<int> expiry_warning(wall_time expires_at, wall_time now) {
  if (now >= expires_at)
    return std::nullopt;
  std::optional<int> warning;
  for (auto day : secret_warning_days)
    if (now >= expires_at - days{day})
      warning = day;
  return warning;
}

provider_state secrets_state(const provider_record& provider,
                             const std::set<std::uint32_t>& refused, wall_time now) {
  if (provider.auth == client_auth::none)
    return provider_state::ready;
  auto good = [&](const auto& which) { return is_good(which, refused, now); };
  if (std::ranges::none_of(provider.secrets, good)) {
    auto refused_too_early = [&](const auto& which) { return !is_expired(which, now); };
    return provider.secrets.empty() || std::ranges::any_of(provider.secrets, refused_too_early)
               ? provider_state::misconfigured
               : provider_state::secret_expired;
  }
  auto last = last_expiry(provider.secrets, refused, now);
  return last && expiry_warning(*last, now) ? provider_state::secret_expiring
                                            : provider_state::ready;
}

std::set<std::uint32_t> numbers_of(const secret_refusals& refused) {
  std::set<std::uint32_t> numbers;
  for (const auto& [number, at] : refused)
    numbers.insert(number);
  return numbers;
}

std::vector<secret_view> secret_views(const provider_record& provider,
                                      const secret_refusals& refused, wall_time now) {
  const auto* chosen = choose_secret(provider.secrets, numbers_of(refused), now);
  std::vector<secret_view> views;
  for (const auto& held : provider.secrets) {
    auto& view = views.emplace_back();
    view.number = held.number;
    // A certificate's key is no text to show; a short secret would be shown too much of.
    if (provider.auth != client_auth::private_key_jwt
        && held.value.reveal().size() >= secret_hint_least_bytes)
      view.hint = held.value.reveal().substr(0, secret_hint_characters);
    view.expires_at = end_of(held);
    view.given_expires_at = held.expires_at;
    view.listed_expires_at = held.listed_expires_at;
    view.expiries_differ = expiries_differ(held);
    view.added_at = held.added_at;
    view.added_by = held.added_by;
    if (auto when = refused.find(held.number); when != refused.end())
      view.refused_at = when->second;
    view.state = is_expired(held, now)           ? secret_state::expired
                 : refused.contains(held.number) ? secret_state::refused
                 : chosen->number == held.number ? secret_state::in_use
                                                 : secret_state::standby;
  }
  return views;
}

secret_refusals refused_of(std::span<const secret_view> shown) {
  secret_refusals refused;
  for (const auto& view : shown)
    if (view.refused_at)
      refused.emplace(view.number, *view.refused_at);
  return refused;
}

std::vector<secret_notice> take_notices(provider_record& provider,
                                        const std::set<std::uint32_t>& refused, wall_time now) {
  auto last = last_expiry(provider.secrets, refused, now);
  std::vector<secret_notice> notices;
  auto tell = [&](client_secret& held, int days) {
    if (held.warned_days && *held.warned_days <= days)
      return;
    held.warned_days = static_cast<std::uint16_t>(days);
    notices.push_back({held.number, *held.warned_days, *end_of(held)});
  };
  for (auto& held : provider.secrets) {
    if (is_expired(held, now))
      tell(held, 0);
    else if (last && end_of(held) == last && !refused.contains(held.number))
      if (auto days = expiry_warning(*last, now))
        tell(held, *days);
  }
  return notices;
}

result<provider_record> with_secret(provider_record provider, client_secret added) {
  if (provider.auth == client_auth::none)
    return bad_field("value", "is not wanted: the provider authenticates without a secret",
                     "remove the provider and add it with auth post or basic");
  if (provider.secrets.size() >= max_secrets)
    return bad_field("value", "is one too many",
                     "retire one of the " + std::to_string(max_secrets)
                         + " that are there: `mailfleet provider secret retire`");
  added.number = provider.last_secret_number = last_number(provider) + 1;
  provider.secrets.push_back(std::move(added));
  ++provider.header.version;
  return provider;
}

result<provider_record> without_secret(provider_record provider, std::uint32_t number,
                                       std::span<const secret_view> shown) {
  auto is_good = [](const secret_view& view) {
    return view.state == secret_state::in_use || view.state == secret_state::standby;
  };
  auto found = std::ranges::find(provider.secrets, number, &client_secret::number);
  if (found == provider.secrets.end())
    return failure{errc::not_found, "the provider has no secret " + std::to_string(number)
                                        + "; `mailfleet provider secret list` shows those it has"};
  bool is_last = std::ranges::none_of(
      shown, [&](const auto& view) { return view.number != number && is_good(view); });
  bool is_used = std::ranges::any_of(
      shown, [&](const auto& view) { return view.number == number && is_good(view); });
  if (provider.secrets.size() == 1 || (is_last && is_used))
    return failure{errc::in_use, "secret " + std::to_string(number)
                                     + " is the last one; add another first: `mailfleet provider "
                                       "secret add`"};
  provider.last_secret_number = last_number(provider);
  provider.secrets.erase(found);
  ++provider.header.version;
  return provider;
}

std::optional<std::string_view> secrets_trouble(provider_state state) {
  switch (state) {
  case provider_state::secret_expiring: return "secret.expiring";
  case provider_state::secret_expired: return "secret.expired";
  case provider_state::misconfigured: return "secret.none_accepted";
  default: return std::nullopt;
  }
}

std::string secrets_evidence(const provider_record& provider, const secret_refusals& refused) {
  std::string text;
  for (const auto& held : provider.secrets) {
    auto end = end_of(held);
    text.append(text.empty() ? "" : ", ").append("secret ").append(std::to_string(held.number));
    text.append(end ? " until " + to_iso8601_date(*end) : " without a known end");
    if (auto when = refused.find(held.number); when != refused.end())
      text.append(" (refused at ").append(to_iso8601(when->second)).append(")");
  }
  return text;
}

std::optional<wall_time> next_secret_change(std::span<const client_secret> secrets, wall_time now) {
  std::optional<wall_time> next;
  auto consider = [&](wall_time at) {
    if (at > now)
      next = std::min(next.value_or(at), at);
  };
  for (const auto& which : secrets) {
    auto end = end_of(which);
    if (!end)
      continue;
    consider(*end);
    for (auto day : secret_warning_days)
      consider(*end - days{day});
  }
  return next;
}

} // namespace mailfleet::jobs
