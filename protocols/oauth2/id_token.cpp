#include "protocols/oauth2/id_token.hpp"

#include "protocols/oauth2/bounded_json.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/limits.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace mailfleet::oauth2 {

namespace {

constexpr std::string_view tenant_placeholder = "{tenantid}";
/// The largest `exp` that is taken for a time: the year 9999.
constexpr std::int64_t max_time = 253'402'300'799;

failure no_id_token(std::string_view why) {
  return {errc::token_unavailable, "the id_token " + std::string{why}};
}

failure refused(std::string detail) {
  return {errc::sign_in_required, std::move(detail)};
}

/// The part between the two dots of a signed JWT.
std::optional<std::string_view> payload_of(std::string_view jwt) {
  auto first = jwt.find('.');
  auto last = jwt.rfind('.');
  if (first == std::string_view::npos || first == last)
    return std::nullopt;
  auto payload = jwt.substr(first + 1, last - first - 1);
  if (payload.find('.') != std::string_view::npos)
    return std::nullopt;
  return payload;
}

/// `aud` is a string or an array of strings.
std::vector<std::string> audience_of(const boost::json::object& claims) {
  std::vector<std::string> audience;
  const auto* member = claims.if_contains("aud");
  if (member == nullptr)
    return audience;
  if (const auto* one = member->if_string())
    audience.emplace_back(*one);
  if (const auto* several = member->if_array())
    for (const auto& each : *several)
      if (const auto* one = each.if_string())
        audience.emplace_back(*one);
  return audience;
}

std::optional<wall_time> time_of(const boost::json::object& claims, const char* name) {
  const auto* member = claims.if_contains(name);
  if (member == nullptr || !member->is_number())
    return std::nullopt;
  auto seconds = member->to_number<double>();
  if (!(seconds >= 0 && seconds <= static_cast<double>(max_time)))
    return std::nullopt;
  return wall_time{std::chrono::seconds{static_cast<std::int64_t>(seconds)}};
}

/// OpenID Connect Core 3.1.3.7, items 3 to 5.
result<void> check_audience(const id_claims& claims, const id_expectation& expected) {
  if (std::ranges::find(claims.audience, expected.client_id) == claims.audience.end())
    return refused("the id_token was made for another client: its aud is not our client id");
  bool needs_party = claims.audience.size() > 1;
  if ((needs_party || !claims.authorized_party.empty())
      && claims.authorized_party != expected.client_id)
    return refused("the id_token was made for another client: its azp is not our client id");
  return {};
}

} // namespace

std::optional<std::string> issuer_for(std::string issuer, std::string_view tenant) {
  auto at = issuer.find(tenant_placeholder);
  if (at == std::string::npos)
    return issuer;
  auto is_word = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  if (tenant.empty() || !std::ranges::all_of(tenant, is_word))
    return std::nullopt;
  return issuer.replace(at, tenant_placeholder.size(), tenant);
}

result<id_claims> decode_id_token(std::string_view jwt) {
  if (jwt.size() > max_token_bytes)
    return no_id_token("is too long");
  auto payload = payload_of(jwt);
  if (!payload)
    return no_id_token("is no signed JWT");
  auto bytes = decode_base64url(*payload);
  auto claims = bytes ? parse_object(*bytes) : parsed_object{};
  if (!claims)
    return no_id_token("holds no JSON object");
  auto expires_at = time_of(*claims, "exp");
  if (!expires_at)
    return no_id_token("has no exp");
  id_claims found;
  auto text = [&](const char* name) { return text_member(*claims, name, max_text_bytes); };
  found.issuer = text("iss");
  found.subject = text("sub");
  found.audience = audience_of(*claims);
  found.authorized_party = text("azp");
  found.nonce = text("nonce");
  found.expires_at = *expires_at;
  found.tenant = text("tid");
  found.object_id = text("oid");
  found.preferred_username = text("preferred_username");
  found.email = text("email");
  if (found.issuer.empty() || found.subject.empty())
    return no_id_token("has no iss or no sub");
  return found;
}

result<void> validate_id_token(const id_claims& claims, const id_expectation& expected,
                               wall_time now) {
  auto issuer = issuer_for(expected.issuer, claims.tenant);
  if (!issuer || claims.issuer != *issuer)
    return refused("the id_token's iss '" + printable(claims.issuer)
                   + "' is not the provider's issuer '" + printable(expected.issuer) + "'");
  if (auto checked = check_audience(claims, expected); !checked)
    return checked;
  if (expected.nonce && (expected.nonce->empty() || claims.nonce != *expected.nonce))
    return refused("the id_token's nonce is not the one of this sign-in");
  if (now >= claims.expires_at + id_token_skew)
    return refused("the id_token has expired; check the clock of this machine");
  if (!expected.tenant.empty() && !equal_without_case(claims.tenant, expected.tenant))
    return refused("the account belongs to tenant '" + printable(claims.tenant)
                   + "', but the provider is set to '" + printable(expected.tenant) + "'");
  return {};
}

bool is_issuer_of_form(std::string_view named, std::string_view form) {
  auto at = form.find(tenant_placeholder);
  if (at == std::string_view::npos)
    return named == form;
  auto front = form.substr(0, at);
  auto back = form.substr(at + tenant_placeholder.size());
  return named.size() > front.size() + back.size() && named.starts_with(front)
         && named.ends_with(back)
         && named.substr(front.size(), named.size() - front.size() - back.size()).find('/')
                == std::string_view::npos;
}

std::string account_name(const id_claims& claims) {
  for (const auto* name :
       {&claims.preferred_username, &claims.email, &claims.object_id, &claims.subject})
    if (!name->empty())
      return printable(*name);
  return {};
}

} // namespace mailfleet::oauth2
