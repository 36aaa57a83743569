#pragma once

#include "messages/values/records.hpp"
#include "messages/values/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailfleet::jobs {

/// What the program knows of one cloud service. A new service is a new row.
struct provider_preset {
  /// `microsoft`; what `provider_record::service` names.
  std::string_view service;
  /// `Outlook365`; what `provider_record::type` names. Empty: no type.
  std::string_view type;
  /// Stands for `{login}` in the addresses below.
  std::string_view login_host;
  /// With `{tenant}` where the tenant belongs. Empty: found by discovery.
  std::string_view authorization_endpoint;
  std::string_view token_endpoint;
  /// RFC 8628; empty: there is none for mail.
  std::string_view device_endpoint;
  /// Where an administrator consents for a tenant; empty: nowhere.
  std::string_view consent_endpoint;
  std::string_view jwks_uri;
  /// `{tenantid}` stands for the id_token's `tid`.
  std::string_view issuer;
  bool needs_tenant = false;
  /// Asked for unless the record names its own.
  std::span<const std::string_view> scopes;
  /// The same for `grant_flow::app_only`; empty: the service has no such flow, or the
  /// record must name its own.
  std::span<const std::string_view> app_scopes;
  /// What an administrator's consent names in place of `app_scopes`; empty: the same.
  std::span<const std::string_view> app_consent_scopes;
  /// The only scopes that may lack a resource; any other without one would mean
  /// another resource than mail. Empty: no such rule.
  std::span<const std::string_view> bare_scopes;
  /// Names and values that the authorize URL needs besides.
  std::span<const std::pair<std::string_view, std::string_view>> authorize_extra;
  /// Characters that the service does not register in a redirect URI.
  std::string_view redirect_refused;
  /// It does not register `[::1]` in a redirect URI.
  bool refuses_ipv6_loopback = false;
  /// A client secret shaped like a GUID is the secret's id, copied by mistake.
  bool guid_is_no_secret = false;
  /// RSA keys sign assertions with PSS (PS256), else with PKCS #1 (RS256).
  bool signs_with_pss = false;
  /// Empty: the record must name its own.
  std::string_view imap_host;
  std::uint16_t imap_port = 0;
  /// Where mail is handed in, and the POP3 server; empty: the record may name its own.
  std::string_view smtp_host;
  std::uint16_t smtp_port = 0;
  tls_mode smtp_tls = tls_mode::implicit;
  std::string_view pop3_host;
  /// Where Microsoft Graph is; empty: the service has none.
  std::string_view graph_host;
  /// Domains of this service's mail hosts: its certificates change, and a pin
  /// there would only be a way round the CA.
  std::span<const std::string_view> unpinnable_domains;
};

/// The table.
[[nodiscard]] std::span<const provider_preset> provider_presets();

/// The services of the table, for people: `microsoft, google, ...`.
[[nodiscard]] std::string service_names();

/// The row of a service; null if there is none.
[[nodiscard]] const provider_preset* find_preset(std::string_view service);

/// Whether `text` has the form of a GUID: 8-4-4-4-12 hexadecimal digits.
[[nodiscard]] bool is_guid(std::string_view text);

/// Whether a certificate pin is refused for this host: one of a known service's.
[[nodiscard]] bool pin_refused(std::string_view host);

/// Everything a provider actor needs to know where things are.
struct resolved_provider {
  /// Both empty: fetch `discovery_url` first.
  std::string authorization_endpoint;
  std::string token_endpoint;
  /// Empty: the provider has none, as far as is known.
  std::string device_endpoint;
  std::string consent_endpoint;
  std::string jwks_uri;
  std::string issuer;
  /// Every callback names the issuer (RFC 9207).
  bool names_issuer = false;
  std::string discovery_url;
  std::vector<std::string> scopes;
  /// What an administrator is asked to consent to.
  std::vector<std::string> consent_scopes;
  /// Those that belong into every refresh, though the granted scope does not list them:
  /// without offline_access Microsoft gives no new refresh token.
  std::vector<std::string> standing_scopes;
  std::vector<std::pair<std::string, std::string>> authorize_extra;
  /// Host, and port if there is one, of the directory that lists the app's secrets.
  /// Empty: there is none, or it is found by discovery: a token goes nowhere that its
  /// issuer did not name.
  std::string graph_host;
  /// Host and port filled in; CA, pin and proxy from the record.
  endpoint imap;
  /// The same; an empty host: the provider has none, as far as is known.
  endpoint smtp;
  endpoint pop3;
  bool signs_with_pss = false;
  /// The only tenant whose accounts may sign in, if it is known by its GUID.
  std::string only_tenant;
};

/// Joins a record with its service's row; what the record says comes first. A
/// record with a discovery address uses it even where the row knows the endpoints
/// (national clouds). Fails with `errc::invalid_argument` for an unknown service.
[[nodiscard]] result<resolved_provider> resolve(const provider_record& record);

/// Where browsers come back to us from a provider: to be registered there to the letter.
/// Empty if `public_origin` is.
[[nodiscard]] std::string redirect_uri_of(std::string_view service, std::string_view public_origin);

/// Whether Microsoft's word for a tenant names none, but lets personal accounts in.
[[nodiscard]] bool admits_personal_accounts(std::string_view tenant);

/// Where an administrator of Microsoft's consents, beside an authorize address that was
/// discovered; empty if that is none of Microsoft's form.
[[nodiscard]] std::string consent_endpoint_beside(std::string_view authorization_endpoint);

/// The account that signs in for a mailbox: its delegate, its log-in name, or its
/// address.
[[nodiscard]] const std::string& signer_of(const mailbox_record& mailbox);

/// Where a mailbox fetches: its own server, or else its provider's; an empty
/// proxy of its own falls back to the provider's too.
[[nodiscard]] endpoint imap_endpoint(const mailbox_record& mailbox,
                                     const provider_record* provider);

/// Where a mailbox hands mail in, and its POP3 server, found the same way; an empty proxy
/// falls back to that of the mailbox's IMAP server first. An empty host: none is known.
[[nodiscard]] endpoint smtp_endpoint(const mailbox_record& mailbox,
                                     const provider_record* provider);
[[nodiscard]] endpoint pop3_endpoint(const mailbox_record& mailbox,
                                     const provider_record* provider);

/// Whether the server that a mailbox hands mail in at puts a copy of all that it takes into the
/// Sent folder: those of Exchange and Gmail do, another beside them cannot.
[[nodiscard]] bool keeps_copies_of_sent(const mailbox_record& mailbox,
                                        const provider_record* provider);

} // namespace mailfleet::jobs
