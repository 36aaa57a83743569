#pragma once

#include "messages/ports/commit_log.hpp"
#include "messages/ports/http_client.hpp"
#include "messages/ports/mail_session.hpp"
#include "messages/values/control.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// Every typed actor handle and every message, read as a protocol. No message
/// has an `inspect`: none may leave the process, and none can be printed, so
/// that a token or a body cannot reach a log through the framework.
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

/// INTERNAL: a provider wrote its own record; whoever restarts it reads it anew. Its
/// mailboxes are to be told what has become good.
struct provider_mended {
  entity_id provider;
};

/// Asks to be sent `provider_mended` and `grant_changed` from now on.
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

/// Asks for the views of all children, or of one (`not_found` if it is none).
struct list_views {
  std::optional<reference> only;
};

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

/// Stops everything in good order: sessions log out, the last commits finish.
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

/// Turns a failure into what CAF carries, and back.
[[nodiscard]] caf::error as_error(const failure& what);
[[nodiscard]] failure as_failure(const caf::error& what);

} // namespace mailfleet

CAF_ERROR_CODE_ENUM(mailfleet::errc, "mailfleet")

// clang-format off
#define MAILFLEET_MESSAGES(X)                                                                     \
  X(mailfleet::commit_request) X(mailfleet::commit_receipt) X(mailfleet::read_record)             \
  X(mailfleet::record_read) X(mailfleet::scan_request) X(mailfleet::scan_page)                    \
  X(mailfleet::follow_events) X(mailfleet::event_list) X(mailfleet::report_storage)               \
  X(mailfleet::commit_log_statistics) X(mailfleet::storage_answered) X(mailfleet::follow_expired) \
  X(mailfleet::request_token) X(mailfleet::token_granted) X(mailfleet::begin_mailbox_sign_in)     \
  X(mailfleet::sign_in_started) X(mailfleet::open_sign_in) X(mailfleet::sign_in_opened)           \
  X(mailfleet::complete_sign_in) X(mailfleet::provider_view) X(mailfleet::provider_list)          \
  X(mailfleet::mailbox_view) X(mailfleet::mailbox_list)                                           \
  X(mailfleet::begin_mailbox_device_sign_in) X(mailfleet::device_sign_in_started)                 \
  X(mailfleet::device_poll_due) X(mailfleet::begin_consent) X(mailfleet::consent_link)            \
  X(mailfleet::sign_in_outcome) X(mailfleet::secrets_due) X(mailfleet::put_secret)                \
  X(mailfleet::drop_secret) X(mailfleet::provider_mended) X(mailfleet::follow_providers)          \
  X(mailfleet::forget_grant) X(mailfleet::grant_idle) X(mailfleet::http_answered)                 \
  X(mailfleet::refresh_due) X(mailfleet::steer_mailbox) X(mailfleet::grant_changed)               \
  X(mailfleet::session_report) X(mailfleet::wait_over) X(mailfleet::start_provider)               \
  X(mailfleet::start_mailbox) X(mailfleet::remove_entity) X(mailfleet::list_views)                \
  X(mailfleet::provider_changed) X(mailfleet::mailbox_changed) X(mailfleet::restart_child)        \
  X(mailfleet::load_children) X(mailfleet::done) X(mailfleet::stop_fleet)                         \
  X(mailfleet::fleet_stopped) X(mailfleet::control_request) X(mailfleet::control_answer)          \
  X(mailfleet::certificate_seen)
// clang-format on

CAF_BEGIN_TYPE_ID_BLOCK(mailfleet, caf::first_custom_type_id)

CAF_ADD_TYPE_ID(mailfleet, (mailfleet::errc))
#define MAILFLEET_ADD_TYPE_ID(type) CAF_ADD_TYPE_ID(mailfleet, (type))
MAILFLEET_MESSAGES(MAILFLEET_ADD_TYPE_ID)
#undef MAILFLEET_ADD_TYPE_ID

CAF_END_TYPE_ID_BLOCK(mailfleet)

MAILFLEET_MESSAGES(CAF_ALLOW_UNSAFE_MESSAGE_TYPE)

namespace mailfleet {

/// The STORE interface: the commit port's face for actors. A commit's failure
/// with `errc::storage_failed` is the end of the runtime; the requester need
/// only stop.
using store_actor = caf::typed_actor<
    // Makes one atomic change durable.
    caf::replies_to<commit_request>::with<commit_receipt>,
    // Reads one record.
    caf::replies_to<read_record>::with<record_read>,
    // Reads records in order.
    caf::replies_to<scan_request>::with<scan_page>,
    // Reads events, waiting for the first.
    caf::replies_to<follow_events>::with<event_list>,
    // Reads the figures.
    caf::replies_to<report_storage>::with<commit_log_statistics>,
    // INTERNAL: the commit log answered.
    caf::reacts_to<storage_answered>,
    // INTERNAL: a follower waited long enough.
    caf::reacts_to<follow_expired>>;

/// The PROVIDER interface: tokens, refresh, secrets and sign-in of one app
/// registration.
using provider_actor = caf::typed_actor<
    // Gives a good access token, refreshing if it must.
    caf::replies_to<request_token>::with<token_granted>,
    // The three steps of a sign-in.
    caf::replies_to<begin_mailbox_sign_in>::with<sign_in_started>,
    caf::replies_to<open_sign_in>::with<sign_in_opened>,
    caf::replies_to<complete_sign_in>::with<sign_in_outcome>,
    // Sign-in and consent of people elsewhere.
    caf::replies_to<begin_mailbox_device_sign_in>::with<device_sign_in_started>,
    caf::replies_to<begin_consent>::with<consent_link>,
    // Forgets the grant of a mailbox that is gone; keeps one alive that nobody uses.
    caf::reacts_to<forget_grant>, caf::reacts_to<grant_idle>,
    // INTERNAL: the identity provider answered.
    caf::reacts_to<http_answered>,
    // INTERNAL: a grant wants a refresh ahead of need; a device sign-in wants to be
    // asked for; a secret's state changes by time.
    caf::reacts_to<refresh_due>, caf::reacts_to<device_poll_due>, caf::reacts_to<secrets_due>>;

/// The PROVIDERS interface: supervisor of the providers; passes on what is for
/// one of them.
using providers_actor = caf::typed_actor<
    // Passed on to the child.
    caf::replies_to<request_token>::with<token_granted>,
    caf::replies_to<begin_mailbox_sign_in>::with<sign_in_started>,
    caf::replies_to<open_sign_in>::with<sign_in_opened>,
    caf::replies_to<complete_sign_in>::with<sign_in_outcome>,
    caf::replies_to<begin_mailbox_device_sign_in>::with<device_sign_in_started>,
    caf::replies_to<begin_consent>::with<consent_link>, caf::reacts_to<forget_grant>,
    caf::reacts_to<grant_idle>,
    // Adds one; answered when it is durable.
    caf::replies_to<start_provider>::with<provider_view>,
    // Removes one.
    caf::replies_to<remove_entity>::with<done>,
    // Changes one's client secrets; it goes on with those once they are durable.
    caf::replies_to<put_secret>::with<provider_view>,
    caf::replies_to<drop_secret>::with<provider_view>,
    // Shows one or all.
    caf::replies_to<list_views>::with<provider_list>,
    // Says whom to tell of what has become good, and of what has.
    caf::reacts_to<follow_providers>, caf::reacts_to<provider_mended>,
    caf::reacts_to<grant_changed>,
    // INTERNAL: a child changed; is to be started again; more are to be started.
    caf::reacts_to<provider_changed>, caf::reacts_to<restart_child>, caf::reacts_to<load_children>>;

/// The MAILBOX interface: one mailbox's state machine.
using mailbox_actor = caf::typed_actor<
    // Pauses, resumes or fetches; answered when the change is durable.
    caf::replies_to<steer_mailbox>::with<mailbox_view>,
    // A person signed in.
    caf::reacts_to<grant_changed>,
    // INTERNAL: a session reports.
    caf::reacts_to<session_report>,
    // INTERNAL: a wait is over.
    caf::reacts_to<wait_over>>;

/// The MAILBOXES interface: supervisor of the mailboxes.
using mailboxes_actor = caf::typed_actor<
    // Adds one; answered when it is durable.
    caf::replies_to<start_mailbox>::with<mailbox_view>,
    // Removes one.
    caf::replies_to<remove_entity>::with<done>,
    // Shows one or all.
    caf::replies_to<list_views>::with<mailbox_list>,
    // Passed on to the child.
    caf::replies_to<steer_mailbox>::with<mailbox_view>, caf::reacts_to<grant_changed>,
    // Lets those of a provider that wait for it go on, spread out.
    caf::reacts_to<provider_mended>,
    // INTERNAL: a child changed; is to be started again; more are to be started.
    caf::reacts_to<mailbox_changed>, caf::reacts_to<restart_child>, caf::reacts_to<load_children>>;

/// The CONTROL interface: the one door for control messages; validates,
/// routes, audits.
using control_actor = caf::typed_actor<
    // Carries out one control message.
    caf::replies_to<control_request>::with<control_answer>,
    // INTERNAL: the look at a certificate ended.
    caf::reacts_to<certificate_seen>>;

/// The FLEET interface: root supervisor.
using fleet_actor = caf::typed_actor<
    // Passed on to `control`.
    caf::replies_to<control_request>::with<control_answer>,
    // Stops in good order.
    caf::replies_to<stop_fleet>::with<fleet_stopped>>;

} // namespace mailfleet
