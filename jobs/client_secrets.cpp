#include "jobs/client_secrets.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace mailfleet::jobs {

namespace {

using std::chrono::days;

bool is_good(const client_secret& which, const std::set<std::uint32_t>& refused, wall_time now) {
  return !is_expired(which, now) && !refused.contains(which.number);
}

} // namespace

bool is_expired(const client_secret& which, wall_time now) {
  return which.expires_at && now >= *which.expires_at;
}

const client_secret* choose_secret(std::span<const client_secret> secrets,
                                   const std::set<std::uint32_t>& refused, wall_time now) {
  const client_secret* best = nullptr;
  auto age = [](const client_secret& which) { return std::tuple{which.added_at, which.number}; };
  for (const auto& which : secrets)
    if (is_good(which, refused, now) && (!best || age(which) > age(*best)))
      best = &which;
  return best;
}

std::optional<wall_time> last_expiry(std::span<const client_secret> secrets,
                                     const std::set<std::uint32_t>& refused, wall_time now) {
  std::optional<wall_time> last;
  for (const auto& which : secrets) {
    if (!is_good(which, refused, now))
      continue;
    if (!which.expires_at)
      return std::nullopt;
    last = std::max(last.value_or(*which.expires_at), *which.expires_at);
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
  if (!choose_secret(provider.secrets, refused, now)) {
    auto refused_too_early = [&](const auto& which) { return !is_expired(which, now); };
    return provider.secrets.empty() || std::ranges::any_of(provider.secrets, refused_too_early)
               ? provider_state::misconfigured
               : provider_state::secret_expired;
  }
  auto last = last_expiry(provider.secrets, refused, now);
  return last && expiry_warning(*last, now) ? provider_state::secret_expiring
                                            : provider_state::ready;
}

std::optional<wall_time> next_secret_change(std::span<const client_secret> secrets, wall_time now) {
  std::optional<wall_time> next;
  auto consider = [&](wall_time at) {
    if (at > now)
      next = std::min(next.value_or(at), at);
  };
  for (const auto& which : secrets) {
    if (!which.expires_at)
      continue;
    consider(*which.expires_at);
    for (auto day : secret_warning_days)
      consider(*which.expires_at - days{day});
  }
  return next;
}

} // namespace mailfleet::jobs
