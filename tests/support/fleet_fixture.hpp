#pragma once

#include "tests/support/actor_fixture.hpp"
#include "tests/support/scripted_ports.hpp"

#include <string>
#include <utility>

namespace mailfleet::test {

inline constexpr entity_id some_provider{0xa1};
inline constexpr entity_id some_mailbox{0xb1};

/// A provider with fixed endpoints and one client secret; it asks no directory by itself.
inline provider_record a_provider(entity_id id = some_provider, std::string name = "office") {
  provider_record who;
  who.id = id;
  who.name = std::move(name);
  who.service = "microsoft";
  who.type = "Outlook365";
  who.tenant_id = "organizations";
  who.client_id = "client-1";
  client_secret held;
  held.number = 1;
  held.value = secret{"canary-client-secret"};
  who.secrets = {held};
  who.reads_expiry = false;
  who.redirect_uri = "https://fleet.example.com/api/cloudProviders/oauth2/Outlook365/callback";
  return who;
}

inline mailbox_record a_mailbox(entity_id id = some_mailbox,
                                std::string address = "ann@example.com") {
  mailbox_record who;
  who.id = id;
  who.address = std::move(address);
  who.provider = some_provider;
  who.from.what = fetch_from::kind::all;
  return who;
}

/// A mailbox that needs no provider.
inline mailbox_record a_custom_mailbox(entity_id id = some_mailbox,
                                       std::string address = "ann@example.com") {
  auto who = a_mailbox(id, std::move(address));
  who.provider.reset();
  who.auth = mailbox_auth::password;
  who.imap.host = "imap.example.com";
  who.imap.port = 993;
  return who;
}

inline grant_record a_password(entity_id owner = some_mailbox) {
  grant_record grant;
  grant.owner = owner;
  grant.password = secret{"canary-password"};
  return grant;
}

/// A grant whose access token has ended and whose refresh token is good.
inline grant_record a_stale_grant(entity_id owner = some_mailbox) {
  grant_record grant;
  grant.owner = owner;
  grant.refresh_token = secret{"canary-refresh-0"};
  return grant;
}

/// A message of one piece.
inline mail_piece a_message(std::uint32_t number, std::string body = "body") {
  mail_piece piece;
  piece.number = number;
  piece.last.emplace();
  piece.last->size = body.size();
  piece.bytes = make_body(std::move(body));
  return piece;
}

/// An answer of the token endpoint.
inline std::string token_json(const std::string& access, const std::string& refresh,
                              int expires_in = 3600) {
  return "{\"token_type\":\"Bearer\",\"access_token\":\"" + access + "\",\"refresh_token\":\""
         + refresh + "\",\"expires_in\":" + std::to_string(expires_in) + "}";
}

} // namespace mailfleet::test
