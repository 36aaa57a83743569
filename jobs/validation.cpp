#include "jobs/validation.hpp"

#include "jobs/limits.hpp"
#include "jobs/provider_presets.hpp"
#include "messages/values/url.hpp"

#include <algorithm>
#include <string>

namespace mailfleet::jobs {

namespace {

using check = result<void>;

/// Where the clock begins, and before any mail: whoever means earlier means all.
constexpr wall_time earliest_date = std::chrono::sys_days{std::chrono::year{1970} / 1 / 1};

check check_service(const provider_record& wanted) {
  const auto* preset = find_preset(wanted.service);
  if (!preset)
    return bad_field("service", "is unknown", "give one of: " + service_names());
  if (!wanted.type.empty() && wanted.type != preset->type)
    return bad_field("type", "does not belong to the service",
                     preset->type.empty() ? "leave it out" : "give " + std::string{preset->type});
  return {};
}

/// Where the identity provider is: by tenant, by discovery, or known.
check check_whereabouts(const provider_record& wanted, const provider_preset& preset) {
  if (!wanted.discovery_url.empty()) {
    if (auto checked = check_discovery_url("discovery_url", wanted.discovery_url); !checked)
      return checked;
  } else if (preset.token_endpoint.empty()) {
    return bad_field("discovery_url", "is empty",
                     "give the provider's address of its OpenID discovery document");
  }
  if (!preset.needs_tenant && !wanted.tenant_id.empty())
    return bad_field("tenant_id", "does not belong to this service", "leave it out");
  if (preset.needs_tenant && (wanted.discovery_url.empty() || !wanted.tenant_id.empty()))
    return check_tenant("tenant_id", wanted.tenant_id);
  return {};
}

check check_redirect(const provider_record& wanted, const provider_preset& preset) {
  // No browser comes back to an app that signs in as itself, but from a consent.
  if (wanted.flow == grant_flow::app_only && wanted.redirect_uri.empty())
    return {};
  if (auto checked = check_redirect_uri("redirect_uri", wanted.redirect_uri); !checked)
    return checked;
  if (wanted.redirect_uri.find_first_of(preset.redirect_refused) != std::string::npos)
    return bad_field("redirect_uri", "has a character that the service does not register",
                     "avoid all of " + std::string{preset.redirect_refused});
  auto address = parse_url(wanted.redirect_uri);
  if (preset.refuses_ipv6_loopback && address && address->host == "::1")
    return bad_field("redirect_uri", "names [::1], which Microsoft does not register",
                     "use http://localhost, or https:// and a host name (callback.public_url, if "
                     "it is made from that)");
  if (admits_personal_accounts(wanted.tenant_id)
      && wanted.redirect_uri.find('?') != std::string::npos)
    return bad_field("redirect_uri", "has a query",
                     "leave it out: an app for personal accounts cannot register one");
  return {};
}

check check_scopes(const provider_record& wanted, const provider_preset& preset) {
  if (wanted.scopes.size() > max_scopes)
    return bad_field("scopes", "are too many", "give at most " + std::to_string(max_scopes));
  for (const auto& scope : wanted.scopes) {
    if (auto checked = check_scope("scopes", scope); !checked)
      return checked;
    bool bare = scope.find("://") == std::string::npos;
    bool graph = scope.starts_with("https://graph.microsoft.com/");
    bool known = std::ranges::find(preset.bare_scopes, scope) != preset.bare_scopes.end();
    if (!preset.bare_scopes.empty() && ((bare && !known) || graph))
      return bad_field("scopes",
                       "hold '" + printable(scope) + "', which is none of the mail server's",
                       "write it with its resource, such as "
                       "https://outlook.office.com/IMAP.AccessAsUser.All");
  }
  return {};
}

/// One secret, or in its place the key and certificate of `private_key_jwt`.
check check_secret(std::string_view field, const client_secret& one, client_auth auth,
                   const provider_preset& preset, wall_time now) {
  auto text = one.value.reveal();
  if (auth == client_auth::private_key_jwt) {
    if (text.size() > max_certificate_bytes || text.find("PRIVATE KEY-----") == text.npos)
      return bad_field(field, "has no private key in PEM",
                       "give the text of key and certificate, at most "
                           + std::to_string(max_certificate_bytes) + " bytes");
  } else {
    if (auto checked = check_visible(field, text, max_secret_bytes); !checked)
      return checked;
    if (preset.guid_is_no_secret && is_guid(text))
      return bad_field(field, "has a secret's id where its value belongs",
                       "copy the column Value in the portal; it is shown only once");
  }
  if (one.expires_at && *one.expires_at <= now)
    return bad_field(field == "secrets" ? "secrets.expires_at" : "expires_at", "is over",
                     "give a secret that is valid, or its true end");
  return {};
}

check check_secrets(const provider_record& wanted, const provider_preset& preset, wall_time now) {
  if (wanted.auth == client_auth::none) {
    if (!wanted.secrets.empty())
      return bad_field("secrets", "are given, but auth is none",
                       "leave them out, or choose post or basic");
    return {};
  }
  if (wanted.auth < client_auth::secret_post || wanted.auth > client_auth::private_key_jwt)
    return bad_field("auth", "is unknown", "give post, basic, private_key_jwt or none");
  if (wanted.secrets.empty())
    return bad_field("secrets", "are empty", "give a client secret, or choose auth none");
  if (wanted.secrets.size() > max_secrets)
    return bad_field("secrets", "are too many", "give at most " + std::to_string(max_secrets));
  for (const auto& one : wanted.secrets)
    if (auto checked = check_secret("secrets", one, wanted.auth, preset, now); !checked)
      return checked;
  return {};
}

/// Who signs in: people, or the app.
check check_flow(const provider_record& wanted, const provider_preset& preset) {
  if (wanted.flow != grant_flow::app_only)
    return {};
  if (wanted.auth == client_auth::none)
    return bad_field("auth", "is none, but the flow is app_only",
                     "give the app a secret or a certificate: it signs in as itself");
  if (preset.app_scopes.empty() && preset.service != "generic")
    return bad_field("flow", "is not offered by this service", "leave it out");
  if (admits_personal_accounts(wanted.tenant_id))
    return bad_field("tenant_id", "names no tenant, but the flow is app_only",
                     "give the tenant's id or domain");
  return {};
}

/// One server of a provider or mailbox, under the rules of its service, if it has one.
check check_server(std::string_view field, const endpoint& server, const provider_preset* preset) {
  if (auto checked = check_endpoint(field, server); !checked)
    return checked;
  if (!server.pin_sha256.empty() && preset && !preset->unpinnable_domains.empty())
    return bad_field(std::string{field} + ".pin_sha256", "is refused for this service",
                     "leave it out: its certificates are trusted by their CA");
  return {};
}

check check_servers(const endpoint& imap, const endpoint& smtp, const endpoint& pop3,
                    const provider_preset* preset) {
  for (const auto& [field, server] :
       {std::pair{"imap", &imap}, std::pair{"smtp", &smtp}, std::pair{"pop3", &pop3}})
    if (auto checked = check_server(field, *server, preset); !checked)
      return checked;
  return {};
}

check check_provider_server(const provider_record& wanted, const provider_preset& preset) {
  if (auto checked = check_servers(wanted.imap, wanted.smtp, wanted.pop3, &preset); !checked)
    return checked;
  if (wanted.imap.host.empty() && preset.imap_host.empty())
    return bad_field("imap.host", "is empty", "give the host of the provider's IMAP server");
  if (auto checked = check_file("ca_file", wanted.ca_file); !checked)
    return checked;
  return check_proxy("proxy", wanted.proxy);
}

check check_first_contact(const fetch_from& from, wall_time now) {
  switch (from.what) {
  case fetch_from::kind::now:
  case fetch_from::kind::all: return {};
  case fetch_from::kind::date: break;
  default: return bad_field("from", "is unknown", "give now, a date, or all");
  }
  if (from.date < earliest_date)
    return bad_field("from", "is before 1970", "give a later date, or all");
  if (from.date > now)
    return bad_field("from", "lies in the future", "give a day up to today, or now");
  if (from.date != std::chrono::floor<std::chrono::days>(from.date))
    return bad_field("from", "is no whole day", "give a date such as 2026-01-31");
  return {};
}

check check_oauth2_mailbox(const add_mailbox& wanted, const provider_record* provider) {
  if (!provider)
    return bad_field("provider", "is empty", "name the provider that signs this mailbox in");
  if (!wanted.password.empty())
    return bad_field("password", "is given, but auth is oauth2",
                     "leave it out, or choose auth password");
  if (!wanted.wanted.delegate.empty()) {
    if (provider->flow == grant_flow::app_only)
      return bad_field("delegate", "is given, but the provider signs in as an app", "leave it out");
    if (auto checked = check_address("delegate", wanted.wanted.delegate); !checked)
      return checked;
  }
  if (!wanted.refresh_token.empty() && provider->flow == grant_flow::app_only)
    return bad_field("refresh_token", "is given, but the provider signs in as an app",
                     "leave it out");
  if (!wanted.refresh_token.empty())
    return check_visible("refresh_token", wanted.refresh_token.reveal(), max_token_field_bytes);
  return {};
}

check check_password_mailbox(const add_mailbox& wanted) {
  if (auto checked = check_password("password", wanted.password); !checked)
    return checked;
  if (!wanted.refresh_token.empty())
    return bad_field("refresh_token", "is given, but auth is password", "leave it out");
  if (!wanted.wanted.delegate.empty())
    return bad_field("delegate", "is given, but auth is password", "leave it out");
  return {};
}

template <class Record>
void add_ca_files(std::vector<named_ca_file>& files, const Record& wanted) {
  for (const auto& [field, server] :
       {std::pair{"imap", &wanted.imap}, std::pair{"smtp", &wanted.smtp},
        std::pair{"pop3", &wanted.pop3}})
    if (!server->ca_file.empty())
      files.push_back({std::string{field} + ".ca_file", server->ca_file});
}

check check_user(std::string_view user) {
  if (user.size() > max_user_bytes)
    return bad_field("user", "is too long",
                     "give at most " + std::to_string(max_user_bytes) + " bytes");
  // A byte 1 would end the field in XOAUTH2 and let the rest name another token.
  if (printable(user, max_user_bytes) != user)
    return bad_field("user", "has control characters or bytes that are not UTF-8",
                     "give the log-in name as the server knows it");
  return {};
}

check check_move_target(std::string_view target) {
  constexpr auto cure = "give the folder's name on the server, such as Processed";
  if (target.empty())
    return bad_field("move_target", "is empty, but action is move", cure);
  if (target.size() > max_folder_bytes)
    return bad_field("move_target", "is too long",
                     "give at most " + std::to_string(max_folder_bytes) + " bytes");
  if (printable(target, max_folder_bytes) != target)
    return bad_field("move_target", "has control characters or bytes that are not UTF-8", cure);
  auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  if (std::ranges::equal(target, std::string_view{"INBOX"}, {}, upper))
    return bad_field("move_target", "is INBOX, where the mail is already", "give another folder");
  return {};
}

check check_action(const mailbox_record& wanted) {
  switch (wanted.action) {
  case server_action::move: return check_move_target(wanted.move_target);
  case server_action::none:
  case server_action::seen:
  case server_action::remove: break;
  default: return bad_field("action", "is unknown", "give none, seen, move or remove");
  }
  if (!wanted.move_target.empty())
    return bad_field("move_target", "is given, but action is not move",
                     "leave it out, or choose action move");
  return {};
}

} // namespace

result<void> validate(const provider_record& wanted, wall_time now) {
  if (auto checked = check_name("name", wanted.name); !checked)
    return checked;
  if (auto checked = check_service(wanted); !checked)
    return checked;
  const auto& preset = *find_preset(wanted.service);
  if (auto checked = check_whereabouts(wanted, preset); !checked)
    return checked;
  if (auto checked = check_visible("client_id", wanted.client_id, max_client_id_bytes); !checked)
    return checked;
  if (auto checked = check_secrets(wanted, preset, now); !checked)
    return checked;
  if (auto checked = check_flow(wanted, preset); !checked)
    return checked;
  if (auto checked = check_redirect(wanted, preset); !checked)
    return checked;
  if (auto checked = check_scopes(wanted, preset); !checked)
    return checked;
  return check_provider_server(wanted, preset);
}

result<void> validate(const add_mailbox& wanted, const provider_record* provider, wall_time now) {
  const auto& record = wanted.wanted;
  if (auto checked = check_address("address", record.address); !checked)
    return checked;
  if (auto checked = check_user(record.user); !checked)
    return checked;
  if (record.auth != mailbox_auth::oauth2 && record.auth != mailbox_auth::password)
    return bad_field("auth", "is unknown", "give oauth2 or password");
  auto credential = record.auth == mailbox_auth::oauth2 ? check_oauth2_mailbox(wanted, provider)
                                                        : check_password_mailbox(wanted);
  if (!credential)
    return credential;
  if (auto checked = validate_servers(record, provider); !checked)
    return checked;
  if (auto checked = check_first_contact(record.from, now); !checked)
    return checked;
  return check_action(record);
}

mailbox_record with_servers(mailbox_record who, server_change wanted) {
  for (auto [server, into] :
       {std::pair{&wanted.imap, &who.imap}, std::pair{&wanted.smtp, &who.smtp},
        std::pair{&wanted.pop3, &who.pop3}})
    if (*server) {
      // The proxy of the IMAP server is that of the others too, and its password is shown nowhere.
      if (server->value().proxy == proxy_settings{})
        server->value().proxy = into->proxy;
      *into = *std::move(*server);
    }
  return who;
}

result<void> check_same_store(const mailbox_record& before, const mailbox_record& after,
                              const provider_record* provider) {
  auto host = imap_endpoint(before, provider).host;
  if (imap_endpoint(after, provider).host == host)
    return {};
  return bad_field("imap.host", "is another than " + host,
                   "give " + host
                       + ", or add the mailbox anew: at another server its mail has "
                         "other numbers");
}

result<void> validate_servers(const mailbox_record& who, const provider_record* provider) {
  const auto* preset = provider ? find_preset(provider->service) : nullptr;
  if (auto checked = check_servers(who.imap, who.smtp, who.pop3, preset); !checked)
    return checked;
  if (imap_endpoint(who, provider).host.empty())
    return bad_field("imap.host", "is empty", "give the host of the mailbox's IMAP server");
  return {};
}

std::vector<named_ca_file> ca_files_of(const provider_record& wanted) {
  std::vector<named_ca_file> files;
  if (!wanted.ca_file.empty())
    files.push_back({"ca_file", wanted.ca_file});
  add_ca_files(files, wanted);
  return files;
}

std::vector<named_ca_file> ca_files_of(const mailbox_record& wanted) {
  std::vector<named_ca_file> files;
  add_ca_files(files, wanted);
  return files;
}

failure ca_file_fault(const named_ca_file& named, const failure& found) {
  constexpr std::string_view plain = "ca_file ";
  auto words = std::string_view{found.detail};
  if (words.starts_with(plain))
    words.remove_prefix(plain.size());
  return {errc::invalid_argument, named.field + ' ' + std::string{words}};
}

result<void> validate_secret(const client_secret& added, const provider_record& provider,
                             wall_time now) {
  const auto* preset = find_preset(provider.service);
  if (!preset)
    return bad_field("service", "is unknown", "give one of: " + service_names());
  return check_secret("value", added, provider.auth, *preset, now);
}

result<void> validate(const show_certificate& wanted) {
  if (wanted.server.host.empty())
    return bad_field("host", "is empty", "give the host of an IMAP server");
  return check_endpoint("imap", wanted.server);
}

} // namespace mailfleet::jobs
