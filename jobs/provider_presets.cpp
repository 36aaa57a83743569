#include "jobs/provider_presets.hpp"

#include <algorithm>
#include <array>

namespace mailfleet::jobs {

namespace {

using namespace std::string_view_literals;

constexpr std::array openid_scopes{"offline_access"sv, "openid"sv, "email"sv, "profile"sv};

// The mail server's own resource: a Graph token is refused by IMAP.
constexpr std::array microsoft_scopes{"offline_access"sv, "openid"sv, "email"sv, "profile"sv,
                                      "https://outlook.office.com/IMAP.AccessAsUser.All"sv};
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

constexpr std::array presets{
    provider_preset{
        .service = "microsoft",
        .type = "Outlook365",
        .authorization_endpoint =
            "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
        .token_endpoint = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        .issuer = "https://login.microsoftonline.com/{tenantid}/v2.0",
        .needs_tenant = true,
        .scopes = microsoft_scopes,
        .bare_scopes = openid_scopes,
        .authorize_extra = {},
        .redirect_refused = "!$'(),;",
        .guid_is_no_secret = true,
        .imap_host = "outlook.office365.com",
        .imap_port = 993,
        .unpinnable_domains = microsoft_mail,
    },
    provider_preset{
        .service = "google",
        .type = {},
        .authorization_endpoint = "https://accounts.google.com/o/oauth2/v2/auth",
        .token_endpoint = "https://oauth2.googleapis.com/token",
        .issuer = "https://accounts.google.com",
        .needs_tenant = false,
        .scopes = google_scopes,
        .bare_scopes = {},
        .authorize_extra = google_extra,
        .redirect_refused = {},
        .guid_is_no_secret = false,
        .imap_host = "imap.gmail.com",
        .imap_port = 993,
        .unpinnable_domains = google_mail,
    },
    provider_preset{
        .service = "generic",
        .type = {},
        .authorization_endpoint = {},
        .token_endpoint = {},
        .issuer = {},
        .needs_tenant = false,
        .scopes = generic_scopes,
        .bare_scopes = {},
        .authorize_extra = {},
        .redirect_refused = {},
        .guid_is_no_secret = false,
        .imap_host = {},
        .imap_port = 0,
        .unpinnable_domains = {},
    },
};

constexpr std::string_view consumer_tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";
constexpr std::uint16_t imaps_port = 993; // RFC 8314 7.1
constexpr std::uint16_t imap_port = 143;

std::string with_tenant(std::string_view form, std::string_view tenant) {
  constexpr std::string_view placeholder = "{tenant}";
  std::string text{form};
  if (auto at = text.find(placeholder); at != std::string::npos)
    text.replace(at, placeholder.size(), tenant);
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

void fill_port(endpoint& server) {
  if (server.port == 0)
    server.port = server.tls == tls_mode::implicit ? imaps_port : imap_port;
}

} // namespace

std::span<const provider_preset> provider_presets() {
  return presets;
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
    return bad_field("service", "is unknown", "give microsoft, google or generic");
  resolved_provider found;
  found.discovery_url = record.discovery_url;
  if (found.discovery_url.empty()) {
    found.authorization_endpoint = with_tenant(preset->authorization_endpoint, record.tenant_id);
    found.token_endpoint = with_tenant(preset->token_endpoint, record.tenant_id);
    found.issuer = preset->issuer;
  }
  found.scopes = record.scopes;
  if (found.scopes.empty())
    found.scopes.assign(preset->scopes.begin(), preset->scopes.end());
  for (const auto& [name, value] : preset->authorize_extra)
    found.authorize_extra.emplace_back(name, value);
  found.imap = record.imap;
  if (found.imap.host.empty()) {
    found.imap.host = preset->imap_host;
    found.imap.port = preset->imap_port;
  }
  if (found.imap.proxy.url.empty())
    found.imap.proxy = record.proxy;
  fill_port(found.imap);
  found.only_tenant = only_tenant(*preset, record.tenant_id);
  return found;
}

endpoint imap_endpoint(const mailbox_record& mailbox, const provider_record* provider) {
  auto resolved = provider ? resolve(*provider) : result<resolved_provider>{resolved_provider{}};
  auto outer = resolved ? std::move(resolved->imap) : endpoint{};
  if (mailbox.imap.host.empty()) {
    if (!mailbox.imap.proxy.url.empty())
      outer.proxy = mailbox.imap.proxy;
    return outer;
  }
  auto own = mailbox.imap;
  if (own.proxy.url.empty())
    own.proxy = std::move(outer.proxy);
  fill_port(own);
  return own;
}

} // namespace mailfleet::jobs
