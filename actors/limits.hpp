#pragma once

#include <caf/timespan.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every bound of the actors, each with its reason.
namespace mailfleet {

using std::chrono_literals::operator""s;

/// Events that one answer carries: about 1 MiB of JSON.
inline constexpr std::size_t max_events_an_answer = 1'000;
/// Events read at once while looking for those of one mailbox.
inline constexpr std::size_t event_page_size = 1'000;
/// Long polls open at once: each keeps a promise and a timer.
inline constexpr std::size_t max_event_followers = 256;
/// The longest long poll: below the idle time-outs of common HTTP front ends.
inline constexpr std::chrono::milliseconds max_event_wait = 55s;

/// How long the store is waited for: it answers each request, one that came too late to it
/// included. A commit that was taken for lost may be durable all the same, and CAF keeps each
/// time-out to its end, whatever was answered meanwhile: a start of 10,000 mailboxes would be
/// followed by 60,000 wakings for nothing.
inline constexpr auto until_answered = caf::infinite;
/// How long a supervisor waits that could not read the record of a child.
inline constexpr auto restart_reread_wait = 30s;
/// A token request waits for a refresh with its own deadline (30 s) and its commit.
inline constexpr auto token_timeout = 120s;

/// The longest timer for a client secret's expiry.
inline constexpr std::chrono::hours longest_secret_wait{24};

/// A secret that was just made is not in every copy of the directory at once.
inline constexpr std::chrono::milliseconds expiry_wait_after_addition = 5s;

/// How long a sending session is kept for the next mail: a reply often follows another, the next
/// of a mailbox that used up its minute is a minute away, and servers close idle ones after
/// minutes.
inline constexpr std::chrono::milliseconds sender_idle = 75s;

/// Uploads open at once: each is bytes on the disk that nobody may ever use.
inline constexpr std::size_t max_uploads = 1'000;
/// An upload that nobody adds to or uses is given up after this.
inline constexpr std::chrono::hours upload_life{1};
/// The largest mail that Exchange takes, 150 MiB.
inline constexpr std::uint64_t max_upload_bytes = 157'286'400;

/// Recipients of one mail: Exchange's largest setting. More than a server takes in one message
/// go in several.
inline constexpr std::size_t max_mail_recipients = 1'000;

/// Mails whose bytes are being made: each may hold a megabyte.
inline constexpr std::size_t max_intakes = 256;
/// Mails that are not finished: each takes some 300 bytes of memory.
inline constexpr std::size_t max_open_mails = 500'000;
/// Reports that wait for an attempt to end: each has some addresses. One more is not noted
/// with its mail; its event is there.
inline constexpr std::size_t max_held_reports = 1'000;
/// New mails kept in memory until they are sent, so that they need not be read: some thousand.
inline constexpr std::size_t max_fresh_bytes = 32 * 1024 * 1024;
/// What a record and each of its recipients are counted with: an address stands in it twice, and
/// what the server said of it.
inline constexpr std::size_t fresh_record_bytes = 4 * 1024;
inline constexpr std::size_t fresh_recipient_bytes = 512;
/// What is to go later is read when its time has come.
inline constexpr std::chrono::seconds fresh_wait{60};
/// How long it is believed that a server takes nothing larger than it said: who sends large mail
/// only would never hear otherwise.
inline constexpr std::chrono::hours size_is_believed{1};
/// One mail's content that is kept beside its record: a text. A larger one costs more to keep
/// than to read.
inline constexpr std::size_t max_fresh_content_bytes = 64 * 1024;
/// Mails read at once when the outbox is loaded or purged.
inline constexpr std::size_t outbox_page_size = 500;
/// Finished mails are shown as long as their idempotency keys count; this is how often those
/// that are older are looked for.
inline constexpr std::chrono::hours outbox_purge_interval{24};
/// How long a look into Sent may take: two log-ins and two searches of large folders.
inline constexpr auto sent_look_timeout = 180s;
/// The longest that the outbox sleeps: the wall clock may be set while it does.
inline constexpr std::chrono::seconds longest_outbox_wait{60};
/// How long a lane that cannot be read, or a mail whose record cannot, waits.
inline constexpr std::chrono::milliseconds outbox_reread_wait = 5s;

/// How often a paused mailbox says that its grant is to be kept alive.
inline constexpr std::chrono::hours idle_notice_interval{24};

/// A control message: longer than a commit and than a long poll.
inline constexpr auto control_timeout = 90s;
/// How often a runtime looks for questions that nobody answered.
inline constexpr auto late_questions_wait = 30s;
/// What asks for those outside: a request takes the longer the more are open at its actor
/// (CAF 0.17.6).
inline constexpr std::size_t askers = 8;
/// What the doctor waits for an identity provider, all requests together. With the looks at
/// servers that follow (36 s at most, net/limits.hpp) it stays below the minute that an answer
/// of the control interface may take.
inline constexpr std::chrono::milliseconds examination_budget = 15s;
/// Index rows that one answer carries: about 1 MiB of JSON.
inline constexpr std::size_t max_messages_an_answer = 1'000;

/// Children that a supervisor reads and starts at once, so that the start of a
/// large fleet leaves room for other messages.
inline constexpr std::size_t start_page_size = 500;

/// Server actions a mailbox keeps in memory; the rest are loaded when it
/// connects again.
inline constexpr std::size_t max_loaded_actions = 10'000;

/// How often a watching mailbox asks again for what its server refused.
inline constexpr std::chrono::milliseconds owed_retry_interval = 900s;

/// Token requests open at once at one provider: enough for hundreds a second,
/// few enough not to look like an attack.
inline constexpr std::size_t max_open_token_requests = 32;

/// How long a refused client secret is left out: long enough not to look like an
/// attack, short enough that a repaired registration is noticed.
inline constexpr auto refused_secret_memory = 3600s;

/// While a probe is under way the others look again after this, at the earliest.
inline constexpr std::chrono::milliseconds gate_look = 1s;

/// A failed look-up or write of what a redeemed code gave is done again after this.
inline constexpr std::chrono::milliseconds redeemed_retry = 1s;

inline constexpr unsigned key_fetch_attempts = 3;

/// The keys of an issuer are trusted so long without a look: it may have withdrawn one.
inline constexpr std::chrono::hours keys_most_age{24};

/// How long a provider waits before it writes a token once more that a busy store
/// did not take.
inline constexpr std::chrono::milliseconds rewrite_wait = 1s;

/// Tokens that are due within one tick are refreshed together: a fleet's refreshes share
/// wake-ups of threads and synced writes, half of what each of them costs alone.
inline constexpr std::chrono::milliseconds refresh_tick{1'000};

/// Where the rate of token requests is used up, those that it admits meanwhile go together.
inline constexpr std::chrono::milliseconds pace_look{100};

/// How often a sign-in is written again when a record changed meanwhile.
inline constexpr int sign_in_write_attempts = 3;

/// How long a provider may take to make its last tokens durable when it stops:
/// half of what the whole program has.
inline constexpr auto stop_grace = 5s;

/// How long a person may take to sign in (multi-factor prompts included).
inline constexpr auto sign_in_life = 600s;

/// How long an administrator may take to open the address of a consent, which is
/// sent by mail as a rule.
inline constexpr std::chrono::hours consent_life{24};

/// A device that is told to slow down asks so much more seldom (RFC 8628 3.5).
inline constexpr std::chrono::seconds device_slow_down{5};

/// Randomness of an assertion's `jti`: never twice the same.
inline constexpr std::size_t assertion_id_bytes = 16;

/// The keys of an issuer are fetched again for a name that they lack, but not oftener.
inline constexpr std::chrono::minutes keys_least_age{5};

/// Sign-ins on other devices open at one provider: each asks every few seconds.
inline constexpr std::size_t max_open_device_sign_ins = 100;

/// Sign-ins open at one provider: an administrator who signs a department in.
inline constexpr std::size_t max_open_sign_ins = 10'000;

} // namespace mailfleet
