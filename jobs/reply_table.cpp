#include "jobs/reply_table.hpp"

#include <array>

namespace mailfleet::jobs {

namespace {

using enum reply_protocol;
using enum reply_phase;
using enum log_in_kind;

constexpr std::nullopt_t always = std::nullopt;

// Each row: protocol, phase, status, code, words, diagnosis. Known words come first, then
// codes (RFC 5530, RFC 2449, RFC 3463), then statuses; the last rows of a protocol fit all.
constexpr std::array rows{
    // Exchange (IMAP).
    reply_row{imap, always, "", "", "authenticated but not connected", "imap.not_connected"},
    reply_row{imap, always, "", "", "AccessTokenExpired", "imap.token_expired"},
    reply_row{imap, always, "", "", "Suggested Backoff Time", "imap.throttled"},
    reply_row{imap, always, "", "", "is throttled", "imap.throttled"},
    reply_row{imap, always, "", "", "Server Unavailable", "imap.server_unavailable"},
    reply_row{imap, always, "", "", "Command Argument Error", "imap.bad_command"},
    reply_row{imap, always, "", "", "Maximum size of appendable message", "imap.message_too_large"},
    reply_row{imap, always, "", "", "received in Invalid state", "imap.bad_state"},
    reply_row{imap, always, "", "", "messages no longer exist", "imap.message_gone"},
    reply_row{imap, always, "", "", "BasicAuthBlocked", "imap.basic_auth_off"},
    reply_row{imap, always, "BYE", "", "Connection is closed", "imap.connection_closed"},
    reply_row{imap, always, "BYE", "", "Connection closed", "imap.connection_closed"},
    // Gmail and Dovecot (IMAP).
    reply_row{imap, always, "", "", "Too many simultaneous connections",
              "imap.too_many_connections"},
    reply_row{imap, always, "", "", "Maximum number of connections", "imap.too_many_connections"},
    reply_row{imap, always, "", "", "bandwidth limits", "imap.bandwidth_exceeded"},
    reply_row{imap, always, "", "", "[THROTTLED]", "imap.throttled"},
    reply_row{imap, log_in, "", "", "not enabled for IMAP", "imap.disabled"},
    reply_row{imap, log_in, "", "", "IMAP access is disabled", "imap.disabled"},
    reply_row{imap, log_in, "", "", "Application-specific password required",
              "imap.app_password_required"},
    reply_row{imap, log_in, "", "", "log in via your web browser", "imap.web_log_in_required"},
    // IMAP by code.
    reply_row{imap, always, "", "AUTHORIZATIONFAILED", "", "imap.no_rights"},
    reply_row{imap, always, "", "NOPERM", "", "imap.no_rights"},
    reply_row{imap, always, "", "EXPIRED", "", "imap.credential_expired"},
    reply_row{imap, always, "", "CONTACTADMIN", "", "imap.contact_admin"},
    reply_row{imap, always, "", "PRIVACYREQUIRED", "", "tls.required"},
    reply_row{imap, log_in, "", "AUTHENTICATIONFAILED", "", "imap.password_refused", password},
    reply_row{imap, always, "", "AUTHENTICATIONFAILED", "", "imap.authentication_failed"},
    reply_row{imap, always, "", "THROTTLED", "", "imap.throttled"},
    reply_row{imap, always, "", "LIMIT", "", "imap.too_many_connections"},
    reply_row{imap, always, "", "INUSE", "", "imap.server_busy"},
    reply_row{imap, always, "", "UNAVAILABLE", "", "imap.server_busy"},
    reply_row{imap, always, "", "SERVERBUG", "", "imap.server_fault"},
    reply_row{imap, always, "", "OVERQUOTA", "", "imap.over_quota"},
    reply_row{imap, always, "", "TRYCREATE", "", "imap.no_folder"},
    reply_row{imap, always, "", "NONEXISTENT", "", "imap.no_folder"},
    // IMAP by status.
    reply_row{imap, always, "OK", "", "", ""},
    reply_row{imap, always, "PREAUTH", "", "", ""},
    reply_row{imap, log_in, "BYE", "", "", "imap.server_busy"},
    reply_row{imap, greeting, "", "", "", "imap.server_busy"},
    reply_row{imap, always, "BYE", "", "", "imap.connection_closed"},
    reply_row{imap, log_in, "NO", "", "", "imap.password_refused", password},
    reply_row{imap, log_in, "NO", "", "", "imap.authentication_failed"},
    reply_row{imap, always, "", "", "", "imap.server_refused"},
    // POP3.
    reply_row{pop3, always, "", "", "Protocol error", "pop3.protocol_error"},
    reply_row{pop3, log_in, "", "", "not enabled for POP", "pop3.disabled"},
    reply_row{pop3, always, "", "IN-USE", "", "pop3.in_use"},
    reply_row{pop3, always, "", "LOGIN-DELAY", "", "pop3.log_in_delay"},
    reply_row{pop3, always, "", "SYS/TEMP", "", "pop3.server_busy"},
    reply_row{pop3, always, "", "SYS/PERM", "", "pop3.server_fault"},
    reply_row{pop3, always, "+OK", "", "", ""},
    reply_row{pop3, always, "+", "", "", ""},
    reply_row{pop3, greeting, "", "", "", "pop3.server_busy"},
    reply_row{pop3, log_in, "", "", "", "pop3.password_refused", password},
    reply_row{pop3, log_in, "", "", "", "pop3.authentication_failed"},
    reply_row{pop3, always, "", "", "", "pop3.server_refused"},
    // SMTP by code, where one code has several meanings by its words.
    reply_row{smtp, always, "", "?.7.139", "SmtpClientAuthentication is disabled",
              "smtp.auth_disabled"},
    reply_row{smtp, always, "", "", "SendAsDenied", "smtp.send_as_denied"},
    // Postfix answers what is wrong with the sender at RCPT TO (smtpd_delay_reject).
    reply_row{smtp, recipient, "5??", "", "Sender address rejected", "smtp.sender_refused"},
    reply_row{smtp, always, "", "", "Sender throttled", "smtp.sender_throttled"},
    reply_row{smtp, always, "", "5.2.2", "Submission quota", "smtp.submission_quota"},
    reply_row{smtp, always, "", "", "QuotaExceeded", "smtp.mailbox_full"},
    reply_row{smtp, always, "", "5.7.0", "STARTTLS", "tls.required"},
    // SMTP by code.
    reply_row{smtp, always, "", "?.7.139", "", "smtp.blocked_by_policy"},
    reply_row{smtp, always, "", "5.7.30", "", "smtp.basic_auth_off"},
    reply_row{smtp, always, "", "5.7.57", "", "smtp.not_authenticated"},
    reply_row{smtp, always, "", "5.7.60", "", "smtp.send_as_denied"},
    reply_row{smtp, always, "550", "5.2.25?", "", "smtp.sender_throttled"},
    reply_row{smtp, always, "", "5.2.252", "", "smtp.send_as_denied"},
    reply_row{smtp, always, "", "5.1.8", "", "smtp.sender_blocked"},
    reply_row{smtp, always, "", "5.1.90", "", "smtp.daily_limit"},
    reply_row{smtp, always, "", "5.4.5", "", "smtp.daily_limit"},
    reply_row{smtp, always, "", "5.7.705", "", "smtp.tenant_blocked"},
    reply_row{smtp, always, "", "5.7.708", "", "smtp.tenant_blocked"},
    reply_row{smtp, always, "", "?.2.2", "", "smtp.mailbox_full"},
    reply_row{smtp, always, "", "?.5.3", "", "smtp.too_many_recipients"},
    reply_row{smtp, always, "", "5.3.4", "", "smtp.message_too_large"},
    reply_row{smtp, always, "", "4.7.5??", "", "smtp.address_throttled"},
    reply_row{smtp, always, "", "4.7.6??", "", "smtp.address_throttled"},
    reply_row{smtp, log_in, "", "5.7.9", "", "smtp.app_password_required"},
    reply_row{smtp, log_in, "4??", "", "", "smtp.log_in_unavailable"},
    reply_row{smtp, always, "432", "4.3.2", "", "smtp.too_many_connections"},
    reply_row{smtp, always, "", "4.4.1", "", "smtp.connection_dropped"},
    reply_row{smtp, always, "", "4.4.2", "", "smtp.connection_dropped"},
    reply_row{smtp, always, "450", "4.2.1", "", "smtp.slow_down"},
    reply_row{smtp, always, "", "4.7.0", "", "smtp.slow_down"},
    // SMTP by status. A token that is no good is told of in a challenge; a 535 without one
    // may be the server's own trouble.
    reply_row{smtp, log_in, "535", "", "", "smtp.password_refused", password},
    reply_row{smtp, log_in, "535", "", "", "smtp.authentication_failed", challenged},
    reply_row{smtp, log_in, "535", "", "", "smtp.log_in_unproven"},
    reply_row{smtp, always, "530", "", "", "smtp.not_authenticated"},
    reply_row{smtp, always, "552", "", "", "smtp.message_too_large"},
    reply_row{smtp, always, "50?", "", "", "smtp.protocol_error"},
    reply_row{smtp, always, "555", "", "", "smtp.protocol_error"},
    reply_row{smtp, log_in, "5??", "", "", "smtp.authentication_failed"},
    reply_row{smtp, sender, "5??", "", "", "smtp.sender_refused"},
    reply_row{smtp, recipient, "5??", "", "", "smtp.recipient_refused"},
    reply_row{smtp, recipient, "45?", "", "", "smtp.recipient_deferred"},
    reply_row{smtp, always, "4??", "", "", "smtp.server_busy"},
    reply_row{smtp, always, "2??", "", "", ""},
    reply_row{smtp, always, "3??", "", "", ""},
    reply_row{smtp, always, "", "", "", "smtp.server_refused"},
};

} // namespace

std::span<const reply_row> reply_rows() {
  return rows;
}

} // namespace mailfleet::jobs
