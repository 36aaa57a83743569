#include "jobs/token_lifecycle.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet::jobs {

namespace {

using std::chrono::seconds;

seconds margin_of(const grant_record& grant) {
  auto life = grant.access_expires_at - grant.access_granted_at;
  return std::min(token_margin, life / 4);
}

/// When, from its granting, a token of this life is refreshed ahead of need.
seconds refresh_after(const token_answer& answer, seconds life, double fraction) {
  if (answer.refresh_in && *answer.refresh_in < life)
    return std::max(*answer.refresh_in, refresh_wait_min);
  auto part = refresh_life_from + (refresh_life_to - refresh_life_from) * fraction;
  auto after = seconds{static_cast<seconds::rep>(static_cast<double>(life.count()) * part)};
  return std::max(after, refresh_wait_min);
}

void take_access_token(grant_record& grant, token_answer answer, wall_time now, double fraction) {
  auto life = answer.expires_in.value_or(assumed_token_life);
  grant.access_token = std::move(answer.access_token);
  grant.access_granted_at = now;
  grant.access_expires_at = now + life;
  grant.refresh_at = now + refresh_after(answer, life, fraction);
  if (!answer.scope.empty())
    grant.scope = std::move(answer.scope);
  grant.parked_reason.clear();
  grant.parked_at = {};
  ++grant.header.version;
}

} // namespace

bool is_usable(const grant_record& grant, wall_time now) {
  return !grant.access_token.empty() && now + margin_of(grant) < grant.access_expires_at;
}

bool can_refresh(const grant_record& grant) {
  return !grant.refresh_token.empty();
}

std::optional<wall_time> next_refresh(const grant_record& grant, bool in_use) {
  if (!can_refresh(grant) || !grant.parked_reason.empty())
    return std::nullopt;
  return in_use ? grant.refresh_at : grant.access_granted_at + keep_alive_interval;
}

std::optional<refresh_with> fall_back(const grant_record& grant, refresh_with failed) {
  if (failed == refresh_with::current && !grant.previous_refresh_token.empty())
    return refresh_with::previous;
  return std::nullopt;
}

const secret& refresh_token_of(const grant_record& grant, refresh_with which) {
  return which == refresh_with::current ? grant.refresh_token : grant.previous_refresh_token;
}

grant_record apply_answer(grant_record grant, token_answer answer, refresh_with used, wall_time now,
                          double fraction) {
  auto worked =
      std::move(used == refresh_with::current ? grant.refresh_token : grant.previous_refresh_token);
  bool rotated = !answer.refresh_token.empty() && answer.refresh_token != worked;
  if (rotated) {
    grant.refresh_token = std::move(answer.refresh_token);
    grant.previous_refresh_token = std::move(worked);
  } else {
    grant.refresh_token = std::move(worked);
    grant.previous_refresh_token = {};
  }
  take_access_token(grant, std::move(answer), now, fraction);
  return grant;
}

grant_record apply_sign_in(grant_record grant, token_answer answer, std::string subject,
                           std::string account, wall_time now, double fraction) {
  grant.refresh_token = std::move(answer.refresh_token);
  grant.previous_refresh_token = {};
  grant.scope.clear();
  grant.subject = std::move(subject);
  grant.account = std::move(account);
  take_access_token(grant, std::move(answer), now, fraction);
  return grant;
}

grant_record apply_mail_refusal(grant_record grant, wall_time refused) {
  if (grant.access_granted_at <= refused)
    grant.access_token = {};
  return grant;
}

grant_record park(grant_record grant, std::string_view diagnosis, wall_time now) {
  if (grant.parked_reason == diagnosis)
    return grant;
  if (grant.parked_reason.empty())
    grant.parked_at = now;
  grant.parked_reason = diagnosis;
  ++grant.header.version;
  return grant;
}

wall_time next_parked_try(const grant_record& parked, wall_time now) {
  auto passed = std::max<seconds>(now - parked.parked_at, seconds{0});
  auto interval = passed < parked_retry_period ? parked_retry_interval : parked_retry_period;
  return parked.parked_at + (passed / interval + 1) * interval;
}

} // namespace mailfleet::jobs
