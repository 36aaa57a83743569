#pragma once

#include "messages/actor_messages.hpp"
#include "messages/sending_messages.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

/// Every typed actor handle, read as a protocol; the messages that are no values of
/// their own are in messages/actor_messages.hpp.
namespace mailfleet {

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
  X(mailfleet::sign_in_outcome) X(mailfleet::secrets_due) X(mailfleet::look_at_provider)          \
  X(mailfleet::examination) X(mailfleet::renew_secrets) X(mailfleet::put_secret)                  \
  X(mailfleet::drop_secret) X(mailfleet::provider_mended) X(mailfleet::follow_providers)          \
  X(mailfleet::forget_grant) X(mailfleet::grant_idle) X(mailfleet::http_answered)                 \
  X(mailfleet::refresh_due) X(mailfleet::steer_mailbox) X(mailfleet::grant_changed)               \
  X(mailfleet::session_report) X(mailfleet::wait_over) X(mailfleet::start_provider)               \
  X(mailfleet::start_mailbox) X(mailfleet::remove_entity) X(mailfleet::list_views)                \
  X(mailfleet::provider_changed) X(mailfleet::mailbox_changed) X(mailfleet::restart_child)        \
  X(mailfleet::load_children) X(mailfleet::done) X(mailfleet::stop_fleet)                         \
  X(mailfleet::fleet_stopped) X(mailfleet::control_request) X(mailfleet::control_answer)          \
  X(mailfleet::certificate_seen) X(mailfleet::server_seen) X(mailfleet::look_for_expiry)          \
  X(mailfleet::expiry_due) X(mailfleet::attempt_mail) X(mailfleet::mail_attempted)                \
  X(mailfleet::send_reported) X(mailfleet::accept_mail) X(mailfleet::begin_upload)                \
  X(mailfleet::report_outbox) X(mailfleet::mailbox_altered) X(mailfleet::mail_reported)           \
  X(mailfleet::mail_composed) X(mailfleet::outbox_due) X(mailfleet::outbox_purge)                 \
  X(mailfleet::look_into_sent) X(mailfleet::sent_looked) X(mailfleet::sent_searched)              \
  X(mailfleet::append_upload) X(mailfleet::retry_mail) X(mailfleet::cancel_mail)                  \
  X(mailfleet::resolve_doubt) X(mailfleet::outbox_view) X(mailfleet::upload_view)                 \
  X(mailfleet::outbox_figures) X(mailfleet::change_mailbox)                 \
  X(mailfleet::await_children)
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
    // Looks at itself, and asks the identity provider.
    caf::replies_to<look_at_provider>::with<examination>,
    // Asks its directory when the client secrets end.
    caf::replies_to<look_for_expiry>::with<provider_view>,
    // Goes on with other client secrets.
    caf::reacts_to<renew_secrets>,
    // Forgets the grant of a mailbox that is gone; keeps one alive that nobody uses.
    caf::reacts_to<forget_grant>, caf::reacts_to<grant_idle>,
    // INTERNAL: the identity provider answered.
    caf::reacts_to<http_answered>,
    // INTERNAL: a grant wants a refresh ahead of need; a device sign-in wants to be
    // asked for; a secret's state changes by time; the directory is to be asked.
    caf::reacts_to<refresh_due>, caf::reacts_to<device_poll_due>, caf::reacts_to<secrets_due>,
    caf::reacts_to<expiry_due>>;

/// The PROVIDERS interface: supervisor of the providers; passes on what is for
/// one of them.
using providers_actor = caf::typed_actor<
    // Passed on to the child.
    caf::replies_to<request_token>::with<token_granted>,
    caf::replies_to<begin_mailbox_sign_in>::with<sign_in_started>,
    caf::replies_to<open_sign_in>::with<sign_in_opened>,
    caf::replies_to<complete_sign_in>::with<sign_in_outcome>,
    caf::replies_to<begin_mailbox_device_sign_in>::with<device_sign_in_started>,
    caf::replies_to<begin_consent>::with<consent_link>,
    caf::replies_to<look_at_provider>::with<examination>,
    caf::replies_to<look_for_expiry>::with<provider_view>, caf::reacts_to<forget_grant>,
    caf::reacts_to<grant_idle>,
    // Adds one; answered when it is durable.
    caf::replies_to<start_provider>::with<provider_view>,
    // Removes one.
    caf::replies_to<remove_entity>::with<done>,
    // Changes one's client secrets; it goes on with those once they are durable.
    caf::replies_to<put_secret>::with<provider_view>,
    caf::replies_to<drop_secret>::with<provider_view>,
    // Shows one or all; answered when all are known.
    caf::replies_to<list_views>::with<provider_list>, caf::replies_to<await_children>::with<done>,
    // Says whom to tell of what has become good, and of what has.
    caf::reacts_to<follow_providers>, caf::reacts_to<provider_mended>,
    caf::reacts_to<grant_changed>,
    // INTERNAL: a child changed; is to be started again; more are to be started.
    caf::reacts_to<provider_changed>, caf::reacts_to<restart_child>, caf::reacts_to<load_children>>;

/// The MAILBOX interface: one mailbox's state machine.
using mailbox_actor = caf::typed_actor<
    // Pauses, resumes or fetches; answered when the change is durable.
    caf::replies_to<steer_mailbox>::with<mailbox_view>,
    caf::replies_to<change_mailbox>::with<mailbox_view>,
    // A person signed in; its provider is well again.
    caf::reacts_to<grant_changed>, caf::reacts_to<provider_mended>,
    // INTERNAL: a session reports.
    caf::reacts_to<session_report>,
    // INTERNAL: a wait is over.
    caf::reacts_to<wait_over>>;

/// Who is told of attempts to send: the outbox.
using attempts_actor = caf::typed_actor<caf::reacts_to<mail_attempted>>;

/// The SENDER interface: one session that sends a mailbox's mail.
using sender_actor = caf::typed_actor<
    // Sends one; `mail_attempted` tells the outbox how it went.
    caf::reacts_to<attempt_mail>,
    // INTERNAL: its session reports; nobody used it for a while.
    caf::reacts_to<send_reported>, caf::reacts_to<wait_over>>;

/// The SENT LOOK interface: searches the Sent folders of one mail, then ends.
using sent_look_actor = caf::typed_actor<
    // Begins.
    caf::replies_to<look_into_sent>::with<sent_looked>,
    // INTERNAL: a search ended.
    caf::reacts_to<sent_searched>>;

/// Who is told what of providers has become good.
using provider_follower_actor = caf::typed_actor<
    // A person signed in; a provider is well again.
    caf::reacts_to<grant_changed>, caf::reacts_to<provider_mended>>;

/// The OUTBOX interface: what is to be sent, when, and what became of it.
using outbox_actor = caf::typed_actor<
    // Takes bytes for a mail to come.
    caf::replies_to<begin_upload>::with<upload_view>,
    caf::replies_to<append_upload>::with<upload_view>,
    // Takes a mail; answered when it is durable.
    caf::replies_to<accept_mail>::with<outbox_view>,
    // A person's decision on one; answered when it is durable.
    caf::replies_to<retry_mail>::with<outbox_view>, caf::replies_to<cancel_mail>::with<outbox_view>,
    caf::replies_to<resolve_doubt>::with<outbox_view>,
    // Reads the figures; answers when all mail is known.
    caf::replies_to<report_outbox>::with<outbox_figures>,
    caf::replies_to<await_children>::with<done>,
    // Mailboxes that could not send may try again; one sends otherwise, or is gone.
    caf::reacts_to<grant_changed>, caf::reacts_to<provider_mended>, caf::reacts_to<mailbox_altered>,
    // A mail came that tells of one that was sent.
    caf::reacts_to<mail_reported>,
    // A sender has ended an attempt.
    caf::reacts_to<mail_attempted>,
    // INTERNAL: bytes are made; something is due; old mail is to go; more is to be read.
    caf::reacts_to<mail_composed>, caf::reacts_to<outbox_due>, caf::reacts_to<outbox_purge>,
    caf::reacts_to<load_children>>;

/// The MAILBOXES interface: supervisor of the mailboxes.
using mailboxes_actor = caf::typed_actor<
    // Adds one; answered when it is durable.
    caf::replies_to<start_mailbox>::with<mailbox_view>,
    // Removes one.
    caf::replies_to<remove_entity>::with<done>,
    // Shows one or all; answered when all are known.
    caf::replies_to<list_views>::with<mailbox_list>, caf::replies_to<await_children>::with<done>,
    // Passed on to the child.
    caf::replies_to<steer_mailbox>::with<mailbox_view>,
    caf::replies_to<change_mailbox>::with<mailbox_view>, caf::reacts_to<grant_changed>,
    // Lets those of a provider that wait for it go on, spread out.
    caf::reacts_to<provider_mended>,
    // INTERNAL: a child changed; is to be started again; more are to be started.
    caf::reacts_to<mailbox_changed>, caf::reacts_to<restart_child>, caf::reacts_to<load_children>>;

/// The CONTROL interface: the one door for control messages; validates,
/// routes, audits.
using control_actor = caf::typed_actor<
    // Carries out one control message.
    caf::replies_to<control_request>::with<control_answer>,
    // INTERNAL: the look at a certificate ended; the doctor's at a server.
    caf::reacts_to<certificate_seen>, caf::reacts_to<server_seen>>;

/// The FLEET interface: root supervisor.
using fleet_actor = caf::typed_actor<
    // Passed on to `control`.
    caf::replies_to<control_request>::with<control_answer>,
    // Stops in good order.
    caf::replies_to<stop_fleet>::with<fleet_stopped>>;

} // namespace mailfleet
