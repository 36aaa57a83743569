#include "jobs/provider_presets.hpp"

#include "jobs/addresses.hpp"

#include <algorithm>
#include <array>

namespace mailfleet::jobs {

namespace {

using namespace std::string_view_literals;

constexpr std::array openid_scopes{"offline_access"sv, "openid"sv, "email"sv, "profile"sv};

// The mail server's own resource: a Graph token is refused by IMAP.
constexpr std::array microsoft_scopes{"offline_access"sv, "openid"sv, "email"sv, "profile"sv,
                                      "https://outlook.office.com/IMAP.AccessAsUser.All"sv};
constexpr std::array microsoft_app{"https://outlook.office365.com/.default"sv};
// Consent to IMAP and POP3 for an app itself is asked for under another name.
// https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
constexpr std::array microsoft_app_consent{"https://ps.outlook.com/.default"sv};
constexpr std::array us_scopes{"offline_access"sv, "openid"sv, "email"sv, "profile"sv,
                               "https://outlook.office365.us/IMAP.AccessAsUser.All"sv};
constexpr std::array us_app{"https://outlook.office365.us/.default"sv};
constexpr std::array china_scopes{"offline_access"sv, "openid"sv, "email"sv, "profile"sv,
                                  "https://partner.outlook.cn/IMAP.AccessAsUser.All"sv};
constexpr std::array china_app{"https://partner.outlook.cn/.default"sv};
constexpr std::array microsoft_mail{"office365.com"sv, "office365.us"sv, "office.com"sv,
                                    "outlook.com"sv,   "outlook.cn"sv,   "microsoft.com"sv,
                                    "hotmail.com"sv,   "live.com"sv};

// One restricted scope covers IMAP, POP3 and SMTP.
constexpr std::array google_scopes{"openid"sv, "email"sv, "https://mail.google.com/"sv};
constexpr std::array google_mail{"gmail.com"sv, "googlemail.com"sv, "google.com"sv};
// Google gives a refresh token for these two only.
constexpr std::array google_extra{std::pair{"access_type"sv, "offline"sv},
                                  std::pair{"prompt"sv, "consent"sv}};

constexpr std::array generic_scopes{"openid"sv, "email"sv, "offline_access"sv};

/// One of Microsoft's clouds: the same addresses at another host. An app is registered
/// in each by itself.
/// https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
/// https://learn.microsoft.com/graph/deployments
constexpr provider_preset microsoft_cloud(std::string_view service, std::string_view login_host,
                                          std::span<const std::string_view> scopes,
                                          std::span<const std::string_view> app_scopes,
                                          std::span<const std::string_view> app_consent_scopes,
                                          std::string_view imap_host, std::string_view smtp_host,
                                          std::string_view graph_host) {
  return {
      .service = service,
      .type = "Outlook365",
      .login_host = login_host,
      .authorization_endpoint = "https://{login}/{tenant}/oauth2/v2.0/authorize",
      .token_endpoint = "https://{login}/{tenant}/oauth2/v2.0/token",
      .device_endpoint = "https://{login}/{tenant}/oauth2/v2.0/devicecode",
      .consent_endpoint = "https://{login}/{tenant}/v2.0/adminconsent",
      .jwks_uri = "https://{login}/{tenant}/discovery/v2.0/keys",
      .issuer = "https://{login}/{tenantid}/v2.0",
      .needs_tenant = true,
      .scopes = scopes,
      .app_scopes = app_scopes,
      .app_consent_scopes = app_consent_scopes,
      .bare_scopes = openid_scopes,
      .authorize_extra = {},
      .redirect_refused = "!$'(),;",
      // https://learn.microsoft.com/entra/identity-platform/reply-url
      .refuses_ipv6_loopback = true,
      .guid_is_no_secret = true,
      .signs_with_pss = true,
      .imap_host = imap_host,
      .imap_port = 993,
      // Port 465 is not served.
      // https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365
      .smtp_host = smtp_host,
      .smtp_port = 587,
      .smtp_tls = tls_mode::starttls,
      .pop3_host = imap_host,
      .graph_host = graph_host,
      .unpinnable_domains = microsoft_mail,
  };
}

constexpr std::array presets{
    microsoft_cloud("microsoft", "login.microsoftonline.com", microsoft_scopes, microsoft_app,
                    microsoft_app_consent, "outlook.office365.com", "smtp.office365.com",
                    "graph.microsoft.com"),
    microsoft_cloud("microsoft-gcc-high", "login.microsoftonline.us", us_scopes, us_app, {},
                    "outlook.office365.us", "smtp.office365.us", "graph.microsoft.us"),
    microsoft_cloud("microsoft-dod", "login.microsoftonline.us", us_scopes, us_app, {},
                    "outlook-dod.office365.us", "outlook-dod.office365.us",
                    "dod-graph.microsoft.us"),
    microsoft_cloud("microsoft-china", "login.partner.microsoftonline.cn", china_scopes, china_app,
                    {}, "partner.outlook.cn", "partner.outlook.cn",
                    "microsoftgraph.chinacloudapi.cn"),
    provider_preset{
        .service = "google",
        .type = {},
        .login_host = {},
        .authorization_endpoint = "https://accounts.google.com/o/oauth2/v2/auth",
        .token_endpoint = "https://oauth2.googleapis.com/token",
        // Its device flow does not grant the mail scope.
        .device_endpoint = {},
        .consent_endpoint = {},
        .jwks_uri = "https://www.googleapis.com/oauth2/v3/certs",
        .issuer = "https://accounts.google.com",
        .needs_tenant = false,
        .scopes = google_scopes,
        .app_scopes = {},
        .app_consent_scopes = {},
        .bare_scopes = {},
        .authorize_extra = google_extra,
        .redirect_refused = {},
        .refuses_ipv6_loopback = false,
        .guid_is_no_secret = false,
        .signs_with_pss = false,
        .imap_host = "imap.gmail.com",
        .imap_port = 993,
        .smtp_host = "smtp.gmail.com",
        .smtp_port = 465,
        .smtp_tls = tls_mode::implicit,
        .pop3_host = "pop.gmail.com",
        .graph_host = {},
        .unpinnable_domains = google_mail,
    },
    provider_preset{
        .service = "generic",
        .type = {},
        .login_host = {},
        .authorization_endpoint = {},
        .token_endpoint = {},
        .device_endpoint = {},
        .consent_endpoint = {},
        .jwks_uri = {},
        .issuer = {},
        .needs_tenant = false,
        .scopes = generic_scopes,
        .app_scopes = {},
        .app_consent_scopes = {},
        .bare_scopes = {},
        .authorize_extra = {},
        .redirect_refused = {},
        .refuses_ipv6_loopback = false,
        .guid_is_no_secret = false,
        .signs_with_pss = false,
        .imap_host = {},
        .imap_port = 0,
        .smtp_host = {},
        .smtp_port = 0,
        .smtp_tls = tls_mode::implicit,
        .pop3_host = {},
        .graph_host = {},
        .unpinnable_domains = {},
    },
};

constexpr std::string_view consumer_tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The usual ports of a protocol: with implicit TLS, and with STARTTLS.
struct usual_ports {
  std::uint16_t implicit;
  std::uint16_t starttls;
};

constexpr usual_ports imap_ports{993, 143}; // RFC 8314 7.1
constexpr usual_ports smtp_ports{465, 587}; // RFC 8314 7.3, RFC 6409 3.1
constexpr usual_ports pop3_ports{995, 110}; // RFC 8314 7.2

/// An address of the table with the service's host and the record's tenant.
std::string filled(std::string_view form, const provider_preset& preset, std::string_view tenant) {
  std::string text{form};
  for (const auto& [placeholder, value] :
       {std::pair{"{login}"sv, preset.login_host}, std::pair{"{tenant}"sv, tenant}})
    if (auto at = text.find(placeholder); at != std::string::npos)
      text.replace(at, placeholder.size(), value);
  return text;
}

std::string lower(std::string_view text) {
  std::string copy{text};
  std::ranges::transform(copy, copy.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return copy;
}

std::string only_tenant(const provider_preset& preset, std::string_view tenant) {
  if (!preset.needs_tenant)
    return {};
  if (tenant == "consumers")
    return std::string{consumer_tenant};
  return is_guid(tenant) ? lower(tenant) : std::string{};
}

void fill_port(endpoint& server, usual_ports ports) {
  if (server.port == 0 && !server.host.empty())
    server.port = server.tls == tls_mode::implicit ? ports.implicit : ports.starttls;
}

/// The service's server where the record names no host of its own.
struct preset_server {
  std::string_view host;
  std::uint16_t port = 0;
  tls_mode tls = tls_mode::implicit;
};

endpoint provider_server(const endpoint& own, const preset_server& preset,
                         const proxy_settings& outer, usual_ports ports) {
  auto found = own;
  if (found.host.empty()) {
    found.host = preset.host;
    found.port = preset.port;
    found.tls = preset.tls;
  }
  if (found.proxy.url.empty())
    found.proxy = outer;
  fill_port(found, ports);
  return found;
}

/// A mailbox's own server, or else its provider's.
endpoint mailbox_server(endpoint own, endpoint outer, usual_ports ports) {
  if (own.host.empty()) {
    if (!own.proxy.url.empty())
      outer.proxy = std::move(own.proxy);
    return outer;
  }
  if (own.proxy.url.empty())
    own.proxy = std::move(outer.proxy);
  fill_port(own, ports);
  return own;
}

resolved_provider resolved_or_nothing(const provider_record* provider) {
  auto found = provider ? resolve(*provider) : result<resolved_provider>{resolved_provider{}};
  return found ? *std::move(found) : resolved_provider{};
}

/// A server of a mailbox beside its IMAP server, whose proxy it shares.
endpoint server_beside_imap(endpoint own, const mailbox_record& mailbox, endpoint outer,
                            usual_ports ports) {
  if (own.proxy.url.empty())
    own.proxy = mailbox.imap.proxy;
  return mailbox_server(std::move(own), std::move(outer), ports);
}

} // namespace

std::span<const provider_preset> provider_presets() {
  return presets;
}

std::string service_names() {
  std::string names;
  for (const auto& preset : presets)
    names.append(names.empty() ? "" : ", ").append(preset.service);
  return names;
}

const provider_preset* find_preset(std::string_view service) {
  auto row = std::ranges::find(presets, service, &provider_preset::service);
  return row == presets.end() ? nullptr : &*row;
}

bool is_guid(std::string_view text) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(text, form, [](char c, char wanted) {
    bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    return wanted == '-' ? c == '-' : hex;
  });
}

bool pin_refused(std::string_view host) {
  auto name = lower(host);
  auto is_in = [&](std::string_view domain) {
    return name == domain
           || (name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.');
  };
  return std::ranges::any_of(presets, [&](const auto& preset) {
    return std::ranges::any_of(preset.unpinnable_domains, is_in);
  });
}

result<resolved_provider> resolve(const provider_record& record) {
  const auto* preset = find_preset(record.service);
  if (!preset)
    return bad_field("service", "is unknown", "give one of: " + service_names());
  resolved_provider found;
  found.discovery_url = record.discovery_url;
  if (found.discovery_url.empty()) {
    auto fill = [&](std::string_view form) { return filled(form, *preset, record.tenant_id); };
    found.authorization_endpoint = fill(preset->authorization_endpoint);
    found.token_endpoint = fill(preset->token_endpoint);
    found.device_endpoint = fill(preset->device_endpoint);
    found.consent_endpoint = fill(preset->consent_endpoint);
    found.jwks_uri = fill(preset->jwks_uri);
    found.issuer = fill(preset->issuer);
    found.graph_host = preset->graph_host;
  }
  found.scopes = record.scopes;
  auto usual = record.flow == grant_flow::app_only ? preset->app_scopes : preset->scopes;
  if (found.scopes.empty())
    found.scopes.assign(usual.begin(), usual.end());
  found.consent_scopes = found.scopes;
  if (record.flow == grant_flow::app_only && !preset->app_consent_scopes.empty()
      && std::ranges::equal(found.scopes, usual))
    found.consent_scopes.assign(preset->app_consent_scopes.begin(),
                                preset->app_consent_scopes.end());
  for (const auto& scope : preset->bare_scopes)
    if (std::ranges::find(found.scopes, scope) != found.scopes.end())
      found.standing_scopes.emplace_back(scope);
  for (const auto& [name, value] : preset->authorize_extra)
    found.authorize_extra.emplace_back(name, value);
  found.imap = provider_server(record.imap, {preset->imap_host, preset->imap_port}, record.proxy,
                               imap_ports);
  found.smtp =
      provider_server(record.smtp, {preset->smtp_host, preset->smtp_port, preset->smtp_tls},
                      record.proxy, smtp_ports);
  found.pop3 = provider_server(record.pop3, {preset->pop3_host}, record.proxy, pop3_ports);
  found.signs_with_pss = preset->signs_with_pss;
  found.only_tenant = only_tenant(*preset, record.tenant_id);
  return found;
}

bool admits_personal_accounts(std::string_view tenant) {
  return tenant == "common" || tenant == "consumers";
}

std::string redirect_uri_of(std::string_view service, std::string_view public_origin) {
  if (public_origin.empty())
    return {};
  const auto* preset = find_preset(service);
  auto kind = preset && !preset->type.empty() ? preset->type : service;
  std::string uri{public_origin};
  return uri.append("/api/cloudProviders/oauth2/").append(kind).append("/callback");
}

std::string consent_endpoint_beside(std::string_view authorization_endpoint) {
  constexpr std::string_view authorize = "/oauth2/v2.0/authorize";
  if (!authorization_endpoint.ends_with(authorize))
    return {};
  authorization_endpoint.remove_suffix(authorize.size());
  return std::string{authorization_endpoint} + "/v2.0/adminconsent";
}

const std::string& signer_of(const mailbox_record& mailbox) {
  if (!mailbox.delegate.empty())
    return mailbox.delegate;
  return mailbox.user.empty() ? mailbox.address : mailbox.user;
}

endpoint imap_endpoint(const mailbox_record& mailbox, const provider_record* provider) {
  return mailbox_server(mailbox.imap, resolved_or_nothing(provider).imap, imap_ports);
}

endpoint smtp_endpoint(const mailbox_record& mailbox, const provider_record* provider) {
  return server_beside_imap(mailbox.smtp, mailbox, resolved_or_nothing(provider).smtp, smtp_ports);
}

endpoint pop3_endpoint(const mailbox_record& mailbox, const provider_record* provider) {
  return server_beside_imap(mailbox.pop3, mailbox, resolved_or_nothing(provider).pop3, pop3_ports);
}

bool keeps_copies_of_sent(const mailbox_record& mailbox, const provider_record* provider) {
  const auto* preset = provider != nullptr ? find_preset(provider->service) : nullptr;
  return preset != nullptr && !preset->smtp_host.empty()
         && same_address(smtp_endpoint(mailbox, provider).host, preset->smtp_host);
}

} // namespace mailfleet::jobs
