#include "jobs/examination.hpp"

#include "jobs/client_secrets.hpp"
#include "jobs/diagnosis.hpp"
#include "jobs/secret_expiry.hpp"
#include "messages/values/time_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

namespace mailfleet::jobs {

namespace {

using enum verdict;

finding good(std::string check, std::string what) {
  return {std::move(check), green, std::move(what), {}, {}};
}

finding of_diagnosis(std::string check, verdict how, const diagnosis& trouble) {
  auto what = trouble.what;
  if (!trouble.evidence.empty())
    what.append(" (").append(trouble.evidence).append(")");
  return {std::move(check), how, std::move(what), trouble.code, trouble.cure};
}

bool is_granted(std::string_view granted, std::string_view scope) {
  for (auto rest = granted; !rest.empty();) {
    auto end = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, end) == scope)
      return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

finding examine_scopes(const grant_record& grant, const resolved_provider& where,
                       std::string_view address) {
  std::string lacking;
  for (const auto& scope : where.scopes) {
    bool of_resource = scope.find("://") != std::string::npos;
    if (of_resource && !scope.ends_with("/.default") && !is_granted(grant.scope, scope))
      lacking.append(lacking.empty() ? "" : ", ").append(scope);
  }
  if (grant.scope.empty())
    return good("scopes", "the provider did not say what it granted");
  if (lacking.empty())
    return good("scopes", "what is needed was granted");
  return {"scopes", red, "not granted: " + lacking, "token.permissions_mismatch",
          "add the permissions to the app, then `mailfleet mailbox sign-in " + std::string{address}
              + "`"};
}

} // namespace

finding examine_discovery(const resolved_provider& where, const std::optional<failure>& unreached,
                          std::string_view provider) {
  if (unreached)
    return of_diagnosis("addresses", red,
                        diagnose(*unreached, {.mailbox = {}, .provider = provider}, {}, {}));
  return good("addresses", where.discovery_url.empty() ? "are those of the service"
                                                       : "were found at " + where.discovery_url);
}

finding examine_credential(const std::optional<token_fault>& ended, std::string_view provider) {
  bool is_taken = !ended || ended->code == errc::sign_in_required;
  if (is_taken)
    return good("client credential", "the identity provider takes it");
  auto how = is_temporary(ended->code) ? yellow : red;
  return of_diagnosis("client credential", how,
                      diagnose(*ended, {.mailbox = {}, .provider = provider}, {}, {}));
}

finding examine_clock(std::optional<std::chrono::seconds> ahead) {
  if (!ahead)
    return {"clock", yellow, "the identity provider did not say what time it is", {}, {}};
  auto off = std::abs(ahead->count());
  auto words = std::to_string(off) + " s " + (ahead->count() > 0 ? "ahead of" : "behind")
               + " the identity provider's";
  if (*ahead <= max_clock_skew && *ahead >= -max_clock_skew)
    return good("clock", "is " + words);
  return {"clock", red, "is " + words, "clock.skewed",
          "set this machine's clock: `timedatectl` shows whether it is synchronised"};
}

finding examine_redirect(const provider_record& provider, std::string_view public_origin) {
  const auto& uri = provider.redirect_uri;
  if (uri.empty())
    return good("redirect URI", "none is needed: the app signs in as itself");
  if (public_origin.empty())
    return {"redirect URI",
            yellow,
            "no browser that " + uri + " sends on comes back: callback.listen is not set",
            {},
            "set callback.listen, and callback.public_url to the address that browsers reach this "
            "daemon at, and start it again"};
  bool is_ours =
      uri.starts_with(public_origin) && uri.substr(public_origin.size()).starts_with('/');
  if (is_ours)
    return good("redirect URI", uri + " leads to this daemon; register it to the letter");
  return {"redirect URI",
          yellow,
          uri + " does not begin with this daemon's public address, " + std::string{public_origin},
          {},
          "let the host there pass the callback's query on, or set callback.public_url to the "
          "address that browsers reach this daemon at"};
}

finding examine_secrets(const provider_record& provider, const secret_refusals& refused,
                        wall_time now) {
  if (provider.auth == client_auth::none)
    return good("client secrets", "none is needed: a public client");
  auto state = secrets_state(provider, numbers_of(refused), now);
  auto evidence = secrets_evidence(provider, refused);
  auto code = secrets_trouble(state);
  if (!code)
    return good("client secrets", evidence);
  return of_diagnosis(
      "client secrets", state == provider_state::secret_expiring ? yellow : red,
      diagnose(*code, evidence, {.mailbox = {}, .provider = provider.name}, {}, {}));
}

std::vector<finding> examine_expiries(const provider_record& provider) {
  std::vector<finding> found;
  for (const auto& held : provider.secrets) {
    if (!expiries_differ(held))
      continue;
    auto number = std::to_string(held.number);
    auto listed = to_iso8601_date(*held.listed_expires_at);
    auto trouble =
        diagnose("secret.expiry_differs", {}, {.mailbox = {}, .provider = provider.name}, {}, {});
    found.push_back(
        {"end of secret " + number, yellow,
         to_iso8601_date(*held.expires_at) + " was given, the directory lists " + listed,
         trouble.code,
         trouble.cure + ". Where " + listed
             + " is right, this warning ends when the same secret is added with it "
               "(--expires "
             + listed + ") and secret " + number + " is retired"});
  }
  return found;
}

finding late_finding(std::string check, std::chrono::milliseconds waited) {
  auto seconds = std::chrono::ceil<std::chrono::seconds>(waited).count();
  return {std::move(check), red,
          "the identity provider did not answer in time, " + std::to_string(seconds) + " s",
          "network.timed_out",
          "look again; if it lasts, check the way from this machine to it: name look-up, network, "
          "proxy"};
}

std::vector<finding> findings_of(const mailbox_view& shown, const grant_record* grant,
                                 const resolved_provider* where) {
  std::vector<finding> found;
  if (where && grant && !grant->access_token.empty())
    found.push_back(examine_scopes(*grant, *where, shown.record.address));
  switch (shown.state) {
  case mailbox_state::watching:
  case mailbox_state::syncing:
    found.push_back(good("IMAP", "logged in, and the mailbox is open"));
    break;
  case mailbox_state::paused:
    found.push_back({"IMAP",
                     yellow,
                     "the mailbox is paused",
                     {},
                     "mailfleet mailbox resume " + shown.record.address});
    break;
  default:
    if (shown.trouble)
      found.push_back(of_diagnosis("IMAP", shown.state == mailbox_state::backing_off ? yellow : red,
                                   *shown.trouble));
    else
      found.push_back({"IMAP", yellow, "is connecting", {}, "look again in a minute"});
  }
  return found;
}

} // namespace mailfleet::jobs
