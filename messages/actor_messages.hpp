#pragma once

#include "messages/ports/commit_log.hpp"
#include "messages/ports/http_client.hpp"
#include "messages/ports/mail_session.hpp"
#include "messages/values/control.hpp"
#include "messages/values/server_probe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// What actors send each other, by whom it is for. No message has an `inspect`: none
/// may leave the process, and none can be printed, so that a token or a body cannot
/// reach a log through the framework.
namespace mailfleet {

// -- messages to the store --------------------------------------------------

/// Asks for one record.
struct read_record {
  record_key key;
};

/// Answers `read_record`; nothing: there is none.
struct record_read {
  std::optional<record> found;
};

/// Asks for events behind a number; waits for the first if there are none.
struct follow_events {
  list_events wanted;
  /// `wanted.about`, resolved.
  std::optional<entity_id> about;
};

/// Asks for the store's figures.
struct report_storage {};

/// INTERNAL: the commit log answered the call of this number.
struct storage_answered {
  std::uint64_t call = 0;
  std::variant<result<commit_receipt>, result<record_read>, result<scan_page>> outcome;
};

/// INTERNAL: a waiting `follow_events` has waited long enough.
struct follow_expired {
  std::uint64_t follower = 0;
};

// -- messages to a provider -------------------------------------------------

/// Asks for an access token that will be good for some minutes. One refresh a
/// grant is under way at most; all who ask meanwhile get its outcome.
struct request_token {
  entity_id provider;
  /// Whose grant: the mailbox.
  entity_id owner;
  /// The mail server refused the token that was granted at this time: a newer
  /// one is wanted. Zero: any good one will do.
  wall_time refused_grant{};
  /// A person wants it now: no wait of ours is waited out.
  bool hurry = false;
};

/// Answers `request_token`.
struct token_granted {
  secret access_token;
  wall_time granted_at{};
  wall_time expires_at{};
};

/// Begins a sign-in for a mailbox (see `begin_sign_in`).
struct begin_mailbox_sign_in {
  mailbox_record mailbox;
  std::optional<sign_in_prompt> prompt = std::nullopt;
};

/// Begins a sign-in without a browser (see `begin_device_sign_in`).
struct begin_mailbox_device_sign_in {
  mailbox_record mailbox;
};

/// INTERNAL: a device sign-in is to be asked for once more.
struct device_poll_due {
  std::uint64_t visit = 0;
};

/// Begins an administrator's consent (see `request_consent`).
struct begin_consent {
  entity_id provider;
};

/// A provider's client secrets are others now, and durable: it goes on with them. What
/// is under way stays under way.
struct renew_secrets {
  provider_record record;
};

/// Looks at a provider (see `examine_provider`).
struct look_at_provider {
  entity_id provider;
};

/// Reads when a provider's secrets end (see `read_secret_expiry`).
struct look_for_expiry {
  entity_id provider;
};

/// INTERNAL: the directory is to be asked when the secrets end.
struct expiry_due {
  std::uint64_t plan = 0;
};

/// What ended: one of a mailbox's sign-in and a tenant's consent.
using sign_in_outcome = std::variant<signed_in, consent_given>;

/// INTERNAL: a client secret's state is about to change by time alone.
struct secrets_due {
  std::uint64_t plan = 0;
};

/// A mailbox is gone: its grant is no longer to be refreshed.
struct forget_grant {
  entity_id provider;
  entity_id owner;
};

/// A mailbox is paused: its grant is refreshed seldom, only so that it stays alive,
/// until its token is asked for again.
struct grant_idle {
  entity_id provider;
  entity_id owner;
};

/// INTERNAL: the identity provider answered the call of this number.
struct http_answered {
  std::uint64_t call = 0;
  result<http_response> outcome;
};

/// INTERNAL: a grant wants a refresh ahead of need.
struct refresh_due {
  entity_id owner;
  /// Which plan of this grant's; an older one is void.
  std::uint64_t plan = 0;
};

// -- messages to a mailbox --------------------------------------------------

/// Pauses, resumes, or fetches at once.
struct steer_mailbox {
  enum class verb : std::uint8_t { pause = 1, resume = 2, fetch = 3 };
  reference which;
  verb what = verb::fetch;
};

/// A mailbox's grant is new: whatever waited for a person goes on.
struct grant_changed {
  entity_id mailbox;
};

/// INTERNAL: a session of this mailbox has something to say.
struct session_report {
  /// Which of its sessions; reports of an older one are dropped.
  std::uint64_t session = 0;
  session_event event;
};

/// INTERNAL: the wait of this number is over.
struct wait_over {
  std::uint64_t wait = 0;
};

// -- messages to supervisors ------------------------------------------------

/// Adds a provider whose record is complete and valid.
struct start_provider {
  provider_record record;
};

/// Gives a provider one more client secret; number, time and person are filled in.
struct put_secret {
  reference provider;
  client_secret added;
};

/// Takes a client secret from a provider.
struct drop_secret {
  reference provider;
  std::uint32_t number = 0;
};

/// A provider has become good: its mailboxes that wait for it may go on.
struct provider_mended {
  entity_id provider;
};

/// The sender asks to be sent `provider_mended` and `grant_changed` from now on.
struct follow_providers {};

/// Adds a mailbox whose record is complete and valid; with a grant if it has
/// a password or a refresh token from elsewhere.
struct start_mailbox {
  mailbox_record record;
  std::optional<grant_record> grant;
};

/// Removes a provider or mailbox and all it has.
struct remove_entity {
  reference which;
};

/// Says how a mailbox sends, or where its servers are; answered when it is durable. It is valid.
struct change_mailbox {
  reference which;
  std::variant<sending_settings, server_change> wanted;
};

/// Asks for the views of all children, or of one (`not_found` if it is none).
struct list_views {
  std::optional<reference> only;
};

/// Is answered when the supervisor has read all its children: before, one that is not known
/// may still come.
struct await_children {};

/// INTERNAL: a provider's view is new.
struct provider_changed {
  provider_view view;
};

/// INTERNAL: a mailbox's view is new.
struct mailbox_changed {
  mailbox_view view;
};

/// INTERNAL: a child that ended is to be started again.
struct restart_child {
  entity_id id;
};

/// INTERNAL: the next page of children is to be read and started.
struct load_children {
  std::optional<record_key> after;
};

// -- messages to the root ---------------------------------------------------

/// Stops everything in good order: sessions end, the last commits finish.
struct stop_fleet {};

/// Answers `stop_fleet`.
struct fleet_stopped {};

/// One control message, with who sent it.
struct control_request {
  std::string actor;
  control_command command;
};

/// INTERNAL: the look at a certificate of this number ended.
struct certificate_seen {
  std::uint64_t call = 0;
  result<offered_certificate> outcome;
};

/// INTERNAL: the doctor's look of this visit at a server ended.
struct server_seen {
  std::uint64_t visit = 0;
  std::size_t look = 0;
  probe_report report;
};

} // namespace mailfleet
