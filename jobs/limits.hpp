#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every limit and wait that a decision uses, with its reason.
namespace mailfleet::jobs {

using namespace std::chrono_literals;

// -- restarting a child -----------------------------------------------------

/// A child that fails now and then is back at once; one that fails more often
/// than this within `restart_window` waits.
inline constexpr std::size_t immediate_restarts = 3;
inline constexpr std::chrono::seconds restart_window{60};

/// The first wait, doubled each time.
inline constexpr std::chrono::milliseconds restart_wait_first{1'000};

/// No restart waits longer than this, jitter included: a repaired cause is
/// noticed within a coffee break.
inline constexpr std::chrono::milliseconds restart_wait_max{15min};

/// A child that ran this long is taken for healthy again.
inline constexpr std::chrono::minutes restart_quiet_period{15};

// -- retrying a connection --------------------------------------------------

inline constexpr std::chrono::milliseconds retry_wait_first{1'000};
inline constexpr std::chrono::milliseconds retry_wait_max{15min};

/// Full jitter may give nearly nothing: never busier than this.
inline constexpr std::chrono::milliseconds retry_wait_min{100};

/// A refused credential is not made good by haste, and each try counts against
/// the account (identity servers lock accounts).
inline constexpr std::chrono::milliseconds refused_wait_first{5min};
inline constexpr std::chrono::milliseconds refused_wait_max{6h};

/// The longest wait that we let a server impose; Exchange asks for up to five
/// minutes, and a typing error in a header must not stop a mailbox for a day.
inline constexpr std::chrono::milliseconds server_wait_max{1h};

// -- tokens -----------------------------------------------------------------

/// A token is not handed out when less of its life is left: a log-in takes
/// seconds. For short-lived tokens a quarter of the life, if that is less.
inline constexpr std::chrono::seconds token_margin{60};

/// Life assumed for a token whose server does not say: the shortest that
/// Microsoft's administrators can set.
inline constexpr std::chrono::seconds assumed_token_life{10min};

/// Without `refresh_in`, a token is refreshed between these parts of its life.
inline constexpr double refresh_life_from = 0.5;
inline constexpr double refresh_life_to = 0.8;

/// However short a token's life: no refresh ahead of need before this.
inline constexpr std::chrono::seconds refresh_wait_min{1};

/// Refresh tokens die unused after 90 days (Microsoft) or 6 months (Google): an
/// idle mailbox is refreshed weekly, so that a month of outage does no harm.
inline constexpr std::chrono::hours keep_alive_interval{7 * 24};

/// A refused refresh token is tried again hourly for a day, in case the refusal was
/// the server's mistake, then daily: an administrator may have mended it.
inline constexpr std::chrono::seconds parked_retry_interval{1h};
inline constexpr std::chrono::seconds parked_retry_period{24h};

// -- faults of the token endpoint -------------------------------------------

/// Errors that nobody knows are retried this often before they raise an alarm.
inline constexpr unsigned unknown_error_retries = 3;

/// Least wait after AADSTS50196 (too many equal requests), doubled each time.
inline constexpr std::chrono::seconds loop_wait_first{60};
inline constexpr std::chrono::seconds loop_wait_max{15min};

/// Wait where only an administrator can help, or the service is known to need
/// hours (locked account, agent trouble).
inline constexpr std::chrono::seconds slow_wait{1h};

/// How long an owed message rests after the server refused it, a little under the
/// time between two looks; and after a session broke off at it.
inline constexpr std::chrono::seconds refused_rest{14min};
inline constexpr std::chrono::seconds broken_rest{1h};

/// A server's certificate that ends sooner is told of: administrators renew a month ahead,
/// and programs some weeks (Let's Encrypt: 30 days).
inline constexpr int certificate_warning_days = 14;

/// Signed assertions and tokens are taken within minutes: a clock that is off by
/// more is at fault.
inline constexpr std::chrono::minutes max_clock_skew{5};

/// Provider-wide faults in a row that make an outage, where none says why.
inline constexpr unsigned strikes_of_an_outage = 2;

/// The longest wait between two probes of a provider in trouble: what an administrator
/// mends elsewhere is noticed within it.
inline constexpr std::chrono::milliseconds longest_gate_wait{75min};

// -- client secrets ---------------------------------------------------------

/// What is shown of a secret, so that it is known from others: as Microsoft does.
inline constexpr std::size_t secret_hint_characters = 3;
/// Nothing is shown of a shorter one.
inline constexpr std::size_t secret_hint_least_bytes = 16;

/// A token that all mailboxes of an app share is not replaced for one that is refused
/// with it before this age: then the mailbox is at fault, not the token.
inline constexpr std::chrono::minutes shared_token_least_age{5};

/// Days before the expiry of the last good secret at which a warning is due.
inline constexpr int secret_warning_days[] = {60, 30, 14, 7, 1};

/// How far the end that a person typed (a day: midnight UTC) and the one that is listed
/// (a moment of that day somewhere on earth) may be apart, and be the same.
inline constexpr std::chrono::hours same_expiry_most_apart{38};

// -- when secrets end, from the directory ------------------------------------

/// A listed end changes only when a person changes the registration.
inline constexpr std::chrono::hours expiry_look_interval{24};

/// An app that may not read its registration may the next day as little; still a
/// permission that is granted quietly is noticed.
inline constexpr std::chrono::hours expiry_refused_interval{7 * 24};

/// After passing trouble, doubled up to a day: nothing waits for the answer.
inline constexpr std::chrono::hours expiry_retry_first{1};

/// The first look after a start waits until mailboxes have their tokens, and providers
/// of one process ask at different times. An actor that fails again and again asks nothing.
inline constexpr std::chrono::minutes expiry_first_from{2};
inline constexpr std::chrono::minutes expiry_first_to{10};

/// Providers that began together do not ask together for ever.
inline constexpr double expiry_jitter = 0.1;

// -- spreading --------------------------------------------------------------

/// Connections begun each second at start: 10,000 mailboxes are up in under two
/// minutes, and no server sees a burst.
inline constexpr double starts_per_second = 100;

/// Mailboxes resumed each second when a provider is back: each needs a refresh,
/// and token endpoints throttle.
inline constexpr double resumes_per_second = 20;

// -- fields -----------------------------------------------------------------

inline constexpr std::size_t max_name_bytes = 64;
inline constexpr std::size_t max_client_id_bytes = 255;
/// Microsoft admits 256, and counts differently than others at the edge.
inline constexpr std::size_t max_redirect_uri_bytes = 255;
inline constexpr std::size_t max_url_bytes = 2'048;
inline constexpr std::size_t max_secret_bytes = 4'096;
/// Key and certificate in PEM: an RSA key of 8,192 bits and a chain of certificates.
inline constexpr std::size_t max_certificate_bytes = 16 * 1024;
inline constexpr std::size_t max_token_field_bytes = 64 * 1024;
inline constexpr std::size_t max_secrets = 8;
inline constexpr std::size_t max_scopes = 32;
inline constexpr std::size_t max_scope_bytes = 255;
inline constexpr std::size_t max_no_proxy = 64;
inline constexpr std::size_t max_path_bytes = 4'095;
/// RFC 5321 4.5.3.1: path (without angle brackets) and local part.
inline constexpr std::size_t max_address_bytes = 254;
inline constexpr std::size_t max_local_part_bytes = 64;
inline constexpr std::size_t max_user_bytes = 320;
/// Servers' file systems end at 255; modified UTF-7 makes names longer still.
inline constexpr std::size_t max_folder_bytes = 255;

// -- evidence ---------------------------------------------------------------

/// What a diagnosis keeps of a server's words.
inline constexpr std::size_t max_evidence_bytes = 400;

} // namespace mailfleet::jobs
