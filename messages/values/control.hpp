#pragma once

#include "messages/values/certificate.hpp"
#include "messages/values/outbox_control.hpp"
#include "messages/values/records.hpp"
#include "messages/values/reference.hpp"
#include "messages/values/result.hpp"
#include "messages/values/views.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Everything a person or a program can ask of the runtime, and every answer.
/// HTTP, the ops tool, the C ABI and the Node package all speak these.
namespace mailfleet {

// -- commands ---------------------------------------------------------------

/// Servers of a mailbox: those that are given take the place of the old ones, whole; one without
/// a host is the provider's again.
struct server_change {
  std::optional<endpoint> imap;
  std::optional<endpoint> smtp;
  std::optional<endpoint> pop3;
};

/// Adds a provider. Of the record, `header`, `id` and secret numbers are ours.
struct add_provider {
  provider_record wanted;
};
struct list_providers {};
struct show_provider {
  reference which;
};
struct remove_provider {
  reference which;
};
/// Gives a provider one more client secret, which is used from now on. Of `wanted`,
/// value, expiry and key id count.
struct add_secret {
  reference provider;
  client_secret wanted;
};
/// Takes a client secret away; not the last that is good.
struct retire_secret {
  reference provider;
  std::uint32_t number = 0;
};
/// Reads when the client secrets end from the identity provider's directory, now.
/// Answered with the `provider_view`, or with why it cannot be read.
struct read_secret_expiry {
  reference provider;
};
/// Asks for an address at which an administrator consents for the whole tenant.
struct request_consent {
  reference provider;
};

/// Look at a provider or mailbox closely, and say what is wrong with it and what to do.
/// Asks the identity provider; as in any other request, a client secret that it refuses is
/// noted with an event, and a token that has ended is refreshed.
struct examine_provider {
  reference which;
};
struct examine_mailbox {
  reference which;
};

/// Adds a mailbox. Of the record, `header`, `id`, `provider` and `added_at` are ours.
struct add_mailbox {
  mailbox_record wanted;
  /// Name or id; empty for a custom account.
  reference provider;
  /// For `mailbox_auth::password`.
  secret password;
  /// For `mailbox_auth::oauth2`: a refresh token had elsewhere; usually empty.
  secret refresh_token;
};
struct list_mailboxes {
  /// Only those in this state; none: all.
  std::optional<mailbox_state> state;
};
struct show_mailbox {
  reference which;
};
/// Removes a mailbox with all that is stored of it. One with mail that is not sent yet is
/// kept (`in_use`).
struct remove_mailbox {
  reference which;
  /// That mail may go with it.
  bool discards_mail = false;
};
/// Says where a mailbox's servers are; it connects anew. Answered with its `mailbox_view`.
struct set_servers {
  reference which;
  server_change wanted;
};
struct pause_mailbox {
  reference which;
};
struct resume_mailbox {
  reference which;
};
struct fetch_now {
  reference which;
};
/// Gives a mailbox that logs in with a password another one; it is used at once.
struct replace_password {
  reference which;
  secret password;
};

/// Asks what certificate an IMAP server shows, so that a person can compare it
/// and pin it. Answered with an `offered_certificate`; a pin in it is not used.
struct show_certificate {
  endpoint server;
};

/// What the identity provider is to show the person (`prompt` of OpenID Connect Core
/// 3.1.2.1).
enum class sign_in_prompt : std::uint8_t {
  none = 1,           ///< Nothing: it fails where the person would have to act.
  login = 2,          ///< Credentials again, whoever is signed in in that browser.
  consent = 3,        ///< The consent page again.
  select_account = 4, ///< A choice of accounts.
};

[[nodiscard]] std::string_view to_string(sign_in_prompt what) noexcept;

/// First step of a sign-in: answered with a one-time address on our own origin.
struct begin_sign_in {
  reference mailbox;
  /// None: what the identity provider does by itself.
  std::optional<sign_in_prompt> prompt;
};
/// The same without a browser on this machine (RFC 8628): the person types a code
/// elsewhere. How it ended is told by an event of the mailbox.
struct begin_device_sign_in {
  reference mailbox;
};
/// Second step: a browser opened that address.
struct open_sign_in {
  std::string ticket;
};
/// Third step: the identity provider sent the browser back.
struct complete_sign_in {
  /// The query string of the callback, without `?`.
  std::string query;
  /// What the browser's cookie holds.
  secret browser_binding;
};

struct list_messages {
  reference mailbox;
  std::optional<message_key> after;
  std::size_t limit = 100;
};
struct show_message {
  message_key key;
};
/// One chunk of a body; parts count from 0.
struct read_body {
  message_key key;
  std::uint32_t part = 0;
};

struct list_events {
  std::uint64_t after = 0;
  std::size_t limit = 100;
  /// How long to wait for the first one; 0: answer at once.
  std::chrono::milliseconds wait{0};
  /// Only about this mailbox or provider.
  std::optional<reference> about;
};

/// Control messages and their outcomes, oldest first.
struct list_audit {
  std::uint64_t after = 0;
  std::size_t limit = 100;
};

struct report_status {};

using control_command =
    std::variant<add_provider, list_providers, show_provider, remove_provider, add_secret,
                 retire_secret, read_secret_expiry, request_consent, examine_provider,
                 examine_mailbox, add_mailbox, list_mailboxes, show_mailbox, remove_mailbox,
                 pause_mailbox, resume_mailbox, fetch_now, replace_password, show_certificate,
                 begin_sign_in, begin_device_sign_in, open_sign_in, complete_sign_in, list_messages,
                 show_message, read_body, list_events, list_audit, report_status, open_upload,
                 append_upload, submit_mail, list_outbox, show_outbox, retry_mail, cancel_mail,
                 resolve_doubt, set_sending, set_servers>;

// -- answers ----------------------------------------------------------------

/// Done; there is nothing to show.
struct done {};
struct provider_list {
  std::vector<provider_view> providers;
};
struct mailbox_list {
  std::vector<mailbox_view> mailboxes;
};
struct audit_list {
  std::vector<audit_record> records;
  bool more = false;
};
/// Answers `begin_sign_in`.
struct sign_in_started {
  /// To be opened in the browser of the person who owns the mailbox.
  std::string start_url;
  wall_time expires_at{};
};
/// Answers `open_sign_in`: set the cookie, send the browser to the provider.
struct sign_in_opened {
  std::string authorize_url;
  secret browser_binding;
};
/// Answers `complete_sign_in`.
struct signed_in {
  entity_id mailbox;
  std::string address;
  /// Who signed in, as the provider names them.
  std::string account;
};
/// Answers `begin_device_sign_in`.
struct device_sign_in_started {
  std::string user_code;
  std::string verification_uri;
  /// The same with the code in it, if the provider has one; else empty.
  std::string verification_uri_complete;
  wall_time expires_at{};
};
/// Answers `request_consent`.
struct consent_link {
  std::string url;
  wall_time expires_at{};
};
/// Answers `complete_sign_in` where an administrator consented.
struct consent_given {
  entity_id provider;
  std::string name;
  std::string tenant;
};
enum class verdict : std::uint8_t { green = 1, yellow, red };

[[nodiscard]] std::string_view to_string(verdict how) noexcept;

/// One thing that was checked.
struct finding {
  std::string check;
  verdict how = verdict::green;
  std::string what;
  /// A diagnosis; empty: none is closer.
  std::string code;
  /// Empty: there is nothing to do.
  std::string cure;
};
/// Answers `examine_provider` and `examine_mailbox`.
struct examination {
  /// Name or address.
  std::string subject;
  std::vector<finding> findings;
};
struct message_list {
  std::vector<message_view> messages;
  bool more = false;
};
/// Answers `read_body`.
struct body_part {
  body_handle bytes;
  bool last = false;
};
struct event_list {
  std::vector<event_record> events;
  bool more = false;
};
struct status_report {
  std::string version;
  wall_time started_at{};
  std::vector<provider_view> providers;
  /// How many mailboxes are in each state.
  std::vector<std::pair<mailbox_state, std::uint64_t>> mailboxes;
  std::uint64_t messages_fetched = 0;
  std::uint64_t bytes_fetched = 0;
  std::uint64_t last_event = 0;
  std::uint64_t commits = 0;
  std::uint64_t synced_batches = 0;
  std::size_t budget_used = 0;
  std::size_t budget_limit = 0;
  outbox_figures outbox;
};

using control_answer =
    std::variant<done, provider_view, provider_list, mailbox_view, mailbox_list, sign_in_started,
                 sign_in_opened, signed_in, device_sign_in_started, consent_link, consent_given,
                 examination, message_list, message_view, body_part, event_list, audit_list,
                 offered_certificate, status_report, upload_view, outbox_view, outbox_list>;

} // namespace mailfleet
