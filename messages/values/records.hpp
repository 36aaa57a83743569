#pragma once

#include "messages/values/events.hpp"
#include "messages/values/ids.hpp"
#include "messages/values/mail.hpp"
#include "messages/values/mail_meaning.hpp"
#include "messages/values/outgoing.hpp"
#include "messages/values/secret.hpp"
#include "messages/values/times.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What is durable. One struct a record; `storage/codec` gives each its bytes
/// and `docs/storage-format.md` writes them down.
namespace mailfleet {

/// What every record carries besides its content.
struct record_header {
  std::string tenant = "default";
  /// Node and epoch of the writer, for the day several nodes share the mailboxes.
  std::uint32_t node = 1;
  std::uint64_t epoch = 1;
  /// Counts the writes of this record from 1. Whoever writes a record again
  /// adds one; it is part of the seal, so an older copy put back is found out.
  std::uint64_t version = 1;
  bool operator==(const record_header&) const = default;
};

/// The column families. Numbers are on disk.
enum class family : std::uint8_t {
  providers = 1,
  mailboxes = 2,
  grants = 3,
  cursors = 4,
  messages = 5,
  bodies = 6,
  owed_actions = 7,
  outbox = 8,
  events = 9,
  subscribers = 10,
  keys = 11,
  audit = 12,
};

/// Where a record stands. A family uses a prefix of the numbers; big-endian and
/// in this order they sort as the struct compares. No address ever is in a key.
struct record_key {
  family in = family::providers;
  /// Owner: provider or mailbox id; in `events` and `audit` the store's number.
  std::uint64_t owner = 0;
  std::uint32_t folder = 0;
  std::uint32_t validity = 0;
  std::uint32_t number = 0;
  /// Chunk of a body.
  std::uint32_t part = 0;
  auto operator<=>(const record_key&) const = default;
};

// -- configuration ----------------------------------------------------------

/// How a connection is secured. There is no clear-text and no accept-any mode.
enum class tls_mode : std::uint8_t {
  implicit = 1, ///< TLS from the first byte (RFC 8314).
  starttls = 2, ///< STARTTLS as a requirement, before any credential.
};

/// An outbound proxy. `url` is `http://HOST:PORT`, `socks5h://HOST:PORT`,
/// `direct` (none, even if an outer level names one), or empty (take the outer
/// level's: mailbox, then provider, then the daemon's).
struct proxy_settings {
  std::string url;
  std::string user;
  secret password;
  /// Host names, `.suffix` names and addresses reached without the proxy.
  std::vector<std::string> no_proxy;
  bool operator==(const proxy_settings&) const = default;
};

/// Where and how to reach a server.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;
  tls_mode tls = tls_mode::implicit;
  /// PEM bundle; empty: the system's.
  std::string ca_file;
  /// SHA-256 of the only certificate (DER) accepted, 64 hex digits; empty: by CA.
  std::string pin_sha256;
  proxy_settings proxy;
  bool operator==(const endpoint&) const = default;
};

/// How the client authenticates at the token endpoint (RFC 6749 2.3).
enum class client_auth : std::uint8_t {
  secret_post = 1,
  secret_basic = 2,
  none = 3,            ///< Public client, PKCE only.
  private_key_jwt = 4, ///< RFC 7523; the secret's value is key and certificate in PEM.
};

/// One of several client secrets of a registration.
struct client_secret {
  std::uint32_t number = 0;
  secret value;
  /// As a person or the certificate says.
  std::optional<wall_time> expires_at;
  wall_time added_at{};
  /// Who added it, as the audit log names them.
  std::string added_by{};
  /// The days before its expiry at which the last warning was given; 0: it was told
  /// that it expired.
  std::optional<std::uint16_t> warned_days = std::nullopt;
  /// For `private_key_jwt`: the key's name at the identity provider; empty: it knows
  /// the certificate by its thumbprint.
  std::string key_id{};
  /// As the identity provider's directory lists it; none: it was not read there.
  std::optional<wall_time> listed_expires_at = std::nullopt;
  bool operator==(const client_secret&) const = default;
};

/// For whom a provider's tokens are granted.
enum class grant_flow : std::uint8_t {
  delegated = 1, ///< For each mailbox, by the person who signed in.
  app_only = 2,  ///< For the app itself (RFC 6749 4.4): one token for all its mailboxes.
};

/// One app registration at one cloud provider.
struct provider_record {
  record_header header;
  entity_id id;
  /// Unique, chosen by a person: `office`.
  std::string name;
  /// Row of the preset table (jobs/provider_presets.hpp): `microsoft`, `generic`.
  std::string service;
  /// `Outlook365` for microsoft.
  std::string type;
  /// Microsoft: tenant GUID or domain, `organizations`, `common`, `consumers`.
  std::string tenant_id;
  std::string client_id;
  client_auth auth = client_auth::secret_post;
  std::vector<client_secret> secrets;
  /// Exactly as registered.
  std::string redirect_uri;
  /// OpenID discovery address; empty where the preset knows its endpoints.
  std::string discovery_url;
  /// Scopes asked for; empty: the preset's.
  std::vector<std::string> scopes;
  /// Where this provider's mailboxes fetch, unless they say otherwise.
  endpoint imap;
  /// PEM bundle for the identity provider; empty: the system's.
  std::string ca_file;
  proxy_settings proxy;
  grant_flow flow = grant_flow::delegated;
  /// Where its mailboxes hand mail in (RFC 6409), and their POP3 server. Empty host: the
  /// service's, or none is known.
  endpoint smtp;
  endpoint pop3;
  /// Whether the directory is asked by itself when the secrets end, where it can be.
  bool reads_expiry = true;
  /// The highest number that a secret was given: none is given again, whatever is retired.
  /// 0: the highest of those that are there.
  std::uint32_t last_secret_number = 0;
  bool operator==(const provider_record&) const = default;
};

/// What to ingest at the first contact with a mailbox.
struct fetch_from {
  enum class kind : std::uint8_t { now = 1, date = 2, all = 3 };
  kind what = kind::now;
  /// For `date`: midnight UTC of the first day wanted (IMAP SEARCH SINCE).
  wall_time date{};
  bool operator==(const fetch_from&) const = default;
};

/// What is done on the server once a message is durable here.
enum class server_action : std::uint8_t { none = 1, seen = 2, move = 3, remove = 4 };

/// How a mailbox proves who it is.
enum class mailbox_auth : std::uint8_t {
  oauth2 = 1,   ///< XOAUTH2 or OAUTHBEARER with a token of its provider.
  password = 2, ///< SASL PLAIN or LOGIN; the password is in the grant.
};

/// One mailbox.
struct mailbox_record {
  record_header header;
  entity_id id;
  /// Unique; the address people know it by.
  std::string address;
  mailbox_auth auth = mailbox_auth::oauth2;
  /// None for a custom account with a password.
  std::optional<entity_id> provider;
  /// Log-in name; empty: the address.
  std::string user;
  /// Empty host: the provider's.
  endpoint imap;
  fetch_from from;
  server_action action = server_action::none;
  /// For `move`: the folder's name on the server; empty for the others.
  std::string move_target;
  bool paused = false;
  wall_time added_at{};
  /// Who signs in for it where that is another account, as for a shared mailbox;
  /// empty: the mailbox's own.
  std::string delegate;
  /// Empty host: the provider's.
  endpoint smtp;
  endpoint pop3;
  sending_settings sending;
  bool operator==(const mailbox_record&) const = default;
};

// -- tokens -----------------------------------------------------------------

/// What lets us act for an owner (a mailbox, or a whole provider).
struct grant_record {
  record_header header;
  entity_id owner;
  secret refresh_token;
  /// The refresh token before this one, kept until this one has worked once.
  secret previous_refresh_token;
  secret access_token;
  wall_time access_expires_at{};
  /// When the access token was granted, and when to refresh ahead of need.
  wall_time access_granted_at{};
  wall_time refresh_at{};
  std::string scope;
  /// Of the person who signed in, from the id_token: `sub` and a display name.
  std::string subject;
  std::string account;
  /// For `mailbox_auth::password`.
  secret password;
  /// Why a person must act; empty when nobody must.
  std::string parked_reason;
  wall_time parked_at{};
  bool operator==(const grant_record&) const = default;
};

// -- mail -------------------------------------------------------------------

enum class transport : std::uint8_t { imap = 1, pop3 = 2, graph = 3 };

/// A message that was seen but could not be taken yet, with its attempts.
struct owed_message {
  std::uint32_t number = 0;
  std::uint8_t attempts = 0;
  bool operator==(const owed_message&) const = default;
};

/// The most owed messages a cursor holds; past it the mailbox backs off instead.
inline constexpr std::size_t max_owed_messages = 1'000;

/// How far a folder is ingested. Every message up to `high_water` is durable,
/// or owed, or quarantined, or was never wanted.
struct cursor_record {
  record_header header;
  entity_id mailbox;
  std::uint32_t folder = inbox_folder;
  transport via = transport::imap;
  std::uint32_t validity = 0;
  std::uint32_t high_water = 0;
  std::vector<owed_message> owed;
  /// Set by a UIDVALIDITY change: messages up to this number may repeat mail
  /// that was ingested before, and are flagged so.
  std::uint32_t possible_duplicates_until = 0;
  bool operator==(const cursor_record&) const = default;
};

/// Index row: only a batch that holds it makes a message exist.
struct message_record {
  record_header header;
  message_key key;
  std::uint64_t size = 0;
  std::uint32_t chunks = 0;
  sha256_digest sha256{};
  /// INTERNALDATE (RFC 9051 2.3.3), if the server gave one.
  std::optional<wall_time> internal_date;
  std::vector<std::string> flags;
  wall_time fetched_at{};
  bool possible_duplicate = false;
  /// The body could not be parsed or fetched three times; what there is of it
  /// is kept, and a stub event was delivered.
  bool quarantined = false;
  /// What it says of mail that was sent; of an unread one nothing.
  mail_kind kind = mail_kind::ordinary;
  /// With angle brackets; empty: it has no sound one.
  std::string message_id;
  /// Message-IDs of its thread, the eldest first.
  std::vector<std::string> thread;
  /// The mail in our outbox that it answers or reports about.
  std::optional<message_key> about;
  bool operator==(const message_record&) const = default;
};

/// One run of at most `max_chunk_bytes` of a body, sealed on its own.
struct body_chunk {
  record_header header;
  message_key key;
  std::uint32_t part = 0;
  body_handle bytes;
};

/// A server action still to be done. Deleted when it is done.
struct owed_action_record {
  record_header header;
  message_key key;
  server_action action = server_action::none;
  /// For `move`: the folder's name on the server.
  std::string target;
  std::uint8_t attempts = 0;
  bool operator==(const owed_action_record&) const = default;
};

// -- mail on its way out ----------------------------------------------------

/// A mail that was accepted to be sent, and what became of it. Its bytes are body
/// chunks under the same key, which end before the record does.
struct outbox_record {
  record_header header;
  /// In the folder `outbox_folder`, validity 0; the number counts the mailbox's.
  message_key key;
  composed_mail mail;
  outbox_progress progress;
  send_priority priority = send_priority::interactive;
  wall_time accepted_at{};
  /// What its submitter calls it, so that it is not accepted twice; empty: nothing.
  std::string idempotency_key;
  /// Its bytes are still there; how many chunks they are.
  std::uint32_t chunks = 0;
  bool operator==(const outbox_record&) const = default;
};

// -- events and audit -------------------------------------------------------

/// An event in the log. `number` is store-wide, without gap or repeat;
/// `about_number` counts the events about the same mailbox or provider.
struct event_record {
  record_header header;
  std::uint64_t number = 0;
  std::uint64_t about_number = 0;
  event_draft what;
  bool operator==(const event_record&) const = default;
};

/// A control message and its outcome.
struct audit_record {
  record_header header;
  std::uint64_t number = 0;
  wall_time at{};
  /// Who asked: `uid 0` on the Unix socket.
  std::string actor;
  /// `provider add`, ...
  std::string command;
  std::string subject;
  std::string outcome;
  bool operator==(const audit_record&) const = default;
};

/// Everything a commit can put. Events and audit numbers are the store's to
/// give: drafts go in a request's own fields.
using record =
    std::variant<provider_record, mailbox_record, grant_record, cursor_record, message_record,
                 body_chunk, owed_action_record, event_record, audit_record, outbox_record>;

/// Where a record stands.
[[nodiscard]] record_key key_of(const record& of);

/// A copy that may be shown: client secrets and proxy passwords are gone.
[[nodiscard]] provider_record without_secrets(provider_record who);
[[nodiscard]] mailbox_record without_secrets(mailbox_record who);

/// An event about a provider or mailbox, without a message or detail.
[[nodiscard]] event_draft draft_event(event_kind kind, entity_id about, wall_time at);

/// The key of a folder's cursor.
[[nodiscard]] record_key cursor_key(entity_id mailbox, std::uint32_t folder);

/// The key of the grant of a mailbox or provider.
[[nodiscard]] record_key grant_key(entity_id owner);

/// The key of a message in `in` (messages, bodies, owed_actions).
[[nodiscard]] record_key key_in(family in, const message_key& key, std::uint32_t part = 0);

/// The header of any record.
[[nodiscard]] const record_header& header_of(const record& of);

} // namespace mailfleet
