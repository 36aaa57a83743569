#include "jobs/signed_in_account.hpp"

#include "jobs/provider_presets.hpp"

#include <algorithm>

namespace mailfleet::jobs {

namespace {

bool equal_without_case(std::string_view one, std::string_view other) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(one, other, {}, lower, lower);
}

bool is_address(std::string_view name) {
  return name.find('@') != std::string_view::npos;
}

} // namespace

std::optional<std::string> other_account(const account_claims& who, const mailbox_record& mailbox,
                                         std::string_view only_tenant) {
  const auto& wanted = signer_of(mailbox);
  auto is_wanted = [&](std::string_view name) {
    return is_address(name)
           && (equal_without_case(name, wanted) || equal_without_case(name, mailbox.address));
  };
  if (!is_address(who.preferred_username) && !is_address(who.email))
    return std::nullopt;
  if (is_wanted(who.preferred_username))
    return std::nullopt;
  bool email_counts =
      who.tenant.empty() || (!only_tenant.empty() && equal_without_case(who.tenant, only_tenant));
  if (email_counts && is_wanted(who.email))
    return std::nullopt;
  auto told =
      "'" + std::string{who.shown} + "' signed in, but '" + printable(wanted) + "' is wanted";
  if (is_wanted(who.email))
    told += "; the token's email claim alone proves nothing where several tenants may sign in";
  return told;
}

} // namespace mailfleet::jobs
