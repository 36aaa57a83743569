#include "tests/jobs/recorded_replies.hpp"

namespace mailfleet::testing {

namespace {

using enum jobs::reply_protocol;
using enum jobs::reply_phase;

constexpr auto password = mailbox_auth::password;
constexpr auto token = mailbox_auth::oauth2;

std::vector<recorded_reply> exchange_imap() {
  return {
      {imap, log_in, "A01 OK AUTHENTICATE completed.", ""},
      {imap, log_in, "A01 NO AUTHENTICATE failed.", "imap.authentication_failed"},
      {imap, log_in, "A01 NO LOGIN failed.", "imap.password_refused", password},
      {imap, log_in, "A01 NO AUTHENTICATE failed. LogonDenied-BasicAuthBlocked-1-x",
       "imap.basic_auth_off", password},
      {imap, session, "A03 BAD User is authenticated but not connected.", "imap.not_connected"},
      {imap, session, "* BYE Connection closed. 14", "imap.connection_closed"},
      {imap, session, "* BYE Session invalidated - AccessTokenExpired", "imap.token_expired"},
      {imap, session, "* BYE Connection is closed. 13", "imap.connection_closed"},
      {imap, session, "A04 BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds",
       "imap.throttled"},
      {imap, session, "A05 NO Server Unavailable. 15", "imap.server_unavailable"},
      {imap, session, "A05 BAD Command Argument Error. 11", "imap.bad_command"},
      {imap, session, "A05 NO Maximum size of appendable message has been exceeded",
       "imap.message_too_large"},
      {imap, session, "A05 BAD Command received in Invalid state.", "imap.bad_state"},
      {imap, session, "A05 NO Some of the requested messages no longer exist.",
       "imap.message_gone"},
  };
}

std::vector<recorded_reply> gmail_imap() {
  return {
      {imap, log_in, "A1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
       "imap.authentication_failed"},
      {imap, log_in, "A1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
       "imap.password_refused", password},
      {imap, log_in, "A1 NO [ALERT] Too many simultaneous connections. (Failure)",
       "imap.too_many_connections"},
      {imap, log_in, "A1 NO [ALERT] Account exceeded command or bandwidth limits. (Failure)",
       "imap.bandwidth_exceeded"},
      {imap, session, "* BYE [OVERQUOTA] Account exceeded command or bandwidth limits.",
       "imap.bandwidth_exceeded"},
      {imap, session, "A1 OK Success [THROTTLED]", "imap.throttled"},
      {imap, log_in,
       "A1 NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings "
       "page and enable your account for IMAP access. (Failure)",
       "imap.disabled"},
      {imap, log_in, "A1 NO [ALERT] IMAP access is disabled for your domain. (Failure)",
       "imap.disabled"},
      {imap, log_in,
       "A1 NO [ALERT] Application-specific password required: "
       "https://support.google.com/accounts/answer/185833 (Failure)",
       "imap.app_password_required", password},
      {imap, log_in,
       "A1 NO [ALERT] Please log in via your web browser: "
       "https://support.google.com/mail/accounts/answer/78754 (Failure)",
       "imap.web_log_in_required", password},
  };
}

/// Dovecot, and what RFC 5530 has.
std::vector<recorded_reply> imap_by_code() {
  return {
      {imap, log_in, "A1 NO [UNAVAILABLE] Temporary authentication failure.", "imap.server_busy"},
      {imap, log_in,
       "A1 NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded "
       "(mail_max_userip_connections=10)",
       "imap.too_many_connections"},
      {imap, log_in, "A1 NO [AUTHORIZATIONFAILED] No rights on it", "imap.no_rights"},
      {imap, log_in, "A1 NO [NOPERM] Access denied", "imap.no_rights"},
      {imap, log_in, "A1 NO [EXPIRED] That password is no longer valid", "imap.credential_expired"},
      {imap, log_in, "A1 NO [CONTACTADMIN] Ask the administrator", "imap.contact_admin"},
      {imap, log_in, "A1 NO [PRIVACYREQUIRED] Only with TLS", "tls.required"},
      {imap, session, "A1 NO [THROTTLED] Slowly", "imap.throttled"},
      {imap, log_in, "A1 NO [LIMIT] Three connections at most", "imap.too_many_connections"},
      {imap, session, "A1 NO [INUSE] Mailbox in use", "imap.server_busy"},
      {imap, session, "A1 NO [SERVERBUG] Internal error occurred.", "imap.server_fault"},
      {imap, session, "A1 NO [OVERQUOTA] Quota exceeded", "imap.over_quota"},
      {imap, session, "A1 NO [TRYCREATE] Mailbox doesn't exist: Done", "imap.no_folder"},
      {imap, session, "A1 NO [NONEXISTENT] Unknown Mailbox: Done", "imap.no_folder"},
      // What nobody knows.
      {imap, greeting, "* BYE no", "imap.server_busy"},
      {imap, greeting, "* OK The Microsoft Exchange IMAP4 service is ready. [Ug==]", ""},
      {imap, greeting, "* PREAUTH welcome", ""},
      {imap, log_in, "* BYE no", "imap.server_busy"},
      {imap, session, "* BYE good night", "imap.connection_closed"},
      {imap, session, "A1 NO no", "imap.server_refused"},
      {imap, session, "A1 BAD no", "imap.server_refused"},
      {imap, session, "", "network.connection_lost"},
  };
}

std::vector<recorded_reply> pop3_replies() {
  return {
      {pop3, greeting, "+OK The Microsoft Exchange POP3 service is ready. [Ug==]", ""},
      {pop3, log_in, "+ ", ""},
      {pop3, log_in, "+OK User successfully authenticated.", ""},
      {pop3, log_in, "-ERR Authentication failure: unknown user name or bad password.",
       "pop3.authentication_failed"},
      {pop3, log_in, "-ERR Authentication failure: unknown user name or bad password.",
       "pop3.password_refused", password},
      {pop3, log_in, "-ERR Protocol error. Connection is closed. 10", "pop3.protocol_error"},
      {pop3, greeting, "-ERR Protocol error. 19", "pop3.protocol_error"},
      {pop3, log_in,
       "-ERR [SYS/PERM] Your account is not enabled for POP access. Please visit your Gmail "
       "settings page and enable your account for POP access.",
       "pop3.disabled"},
      {pop3, log_in, "-ERR [IN-USE] Do you have another POP session running?", "pop3.in_use"},
      {pop3, log_in, "-ERR [LOGIN-DELAY] Logged in too often", "pop3.log_in_delay"},
      {pop3, log_in, "-ERR [SYS/TEMP] Try later", "pop3.server_busy"},
      {pop3, session, "-ERR [SYS/PERM] Broken mailbox", "pop3.server_fault"},
      {pop3, log_in, "-ERR [AUTH] Invalid login", "pop3.authentication_failed"},
      {pop3, greeting, "-ERR no", "pop3.server_busy"},
      {pop3, session, "-ERR no such message", "pop3.server_refused"},
      {pop3, session, "", "network.connection_lost"},
  };
}

std::vector<recorded_reply> smtp_log_ins() {
  constexpr std::string_view exchange =
      "535 5.7.3 Authentication unsuccessful [AM0PR02CA0134.eurprd02.prod.outlook.com "
      "2024-07-11T11:46:49.042Z 08DCA18218166FB4]";
  constexpr std::string_view gmail =
      "535-5.7.8 Username and Password not accepted. For more information, go to";
  return {
      {smtp, log_in, "334 ", ""},
      {smtp, log_in, "235 2.7.0 Authentication successful", ""},
      {smtp, log_in, exchange, "smtp.log_in_unproven"},
      {smtp, log_in, exchange, "smtp.authentication_failed", token, true},
      {smtp, log_in, exchange, "smtp.password_refused", password},
      {smtp, log_in, gmail, "smtp.authentication_failed", token, true},
      {smtp, log_in, gmail, "smtp.password_refused", password},
      {smtp, log_in,
       "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
       "Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [x]",
       "smtp.auth_disabled"},
      {smtp, log_in,
       "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security "
       "defaults policy. Contact your administrator.",
       "smtp.blocked_by_policy"},
      {smtp, log_in,
       "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be "
       "authenticated successfully.",
       "smtp.blocked_by_policy"},
      {smtp, log_in, "550 5.7.30 Basic authentication is not supported for Client Submission.",
       "smtp.basic_auth_off", password},
      {smtp, log_in, "534-5.7.9 Application-specific password required. Learn more at",
       "smtp.app_password_required", password},
      {smtp, log_in, "454 4.7.0 Cannot authenticate due to temporary system problem",
       "smtp.log_in_unavailable"},
      {smtp, log_in, "555-5.5.2 Syntax error, command line too long", "smtp.protocol_error"},
      {smtp, log_in, "538 5.7.11 Encryption required", "smtp.authentication_failed"},
      {smtp, sender, "530 5.7.57 Client not authenticated to send mail. [x]",
       "smtp.not_authenticated"},
      {smtp, sender, "530 5.7.0 Must issue a STARTTLS command first.", "tls.required"},
      {smtp, sender, "530 5.7.0 Authentication Required.", "smtp.not_authenticated"},
      {smtp, recipient,
       "553 5.7.1 <ann@example.com>: Sender address rejected: not owned by user ann",
       "smtp.sender_refused"},
  };
}

std::vector<recorded_reply> smtp_senders() {
  return {
      {smtp, content, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
       "smtp.too_many_connections"},
      {smtp, sender, "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/x",
       "smtp.too_many_connections"},
      {smtp, content,
       "554 5.2.252 SendAsDenied; a@example.com not allowed to send as b@example.com; "
       "STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied",
       "smtp.send_as_denied"},
      {smtp, content, "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.Mapi",
       "smtp.send_as_denied"},
      {smtp, content, "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
       "smtp.send_as_denied"},
      {smtp, content, "554 5.2.252 x", "smtp.send_as_denied"},
      {smtp, content, "550 5.2.251 Sender throttled due to continuous mailbox full errors; x",
       "smtp.sender_throttled"},
      {smtp, content, "550 5.2.252 Sender throttled due to continuous send as denied errors; x",
       "smtp.sender_throttled"},
      {smtp, content, "550 5.2.255 x", "smtp.sender_throttled"},
  };
}

std::vector<recorded_reply> smtp_limits() {
  return {
      {smtp, content, "550 5.1.8 Access denied, bad outbound sender AS(42003)",
       "smtp.sender_blocked"},
      {smtp, recipient,
       "550 5.1.90 Your message can't be sent because you've reached your daily "
       "limit for message recipients",
       "smtp.daily_limit"},
      {smtp, content, "550 5.4.5 Daily user sending limit exceeded.", "smtp.daily_limit"},
      {smtp, content, "554 5.2.2 Submission quota exceeded", "smtp.submission_quota"},
      {smtp, content, "554 5.2.0 STOREDRV.Deliver.Exception:QuotaExceededException.Mapi",
       "smtp.mailbox_full"},
      {smtp, content, "554 5.2.2 mailbox full; STOREDRV.Submission", "smtp.mailbox_full"},
      {smtp, recipient, "452 4.2.2 The recipient's inbox is out of storage space",
       "smtp.mailbox_full"},
      {smtp, recipient, "451 4.7.500 Server busy. Please try again later (AS77713591)",
       "smtp.address_throttled"},
      {smtp, recipient, "451 4.7.651 Access denied, please try again later (AS780)",
       "smtp.address_throttled"},
      {smtp, recipient, "452 4.5.3 Too many recipients", "smtp.too_many_recipients"},
  };
}

std::vector<recorded_reply> smtp_rest() {
  return {
      {smtp, session, "421 4.4.2 Message submission rate for this client has exceeded the limit",
       "smtp.connection_dropped"},
      {smtp, session, "421 4.4.1 Connection timed out. Total session duration: 00:10:00",
       "smtp.connection_dropped"},
      {smtp, content, "550 5.7.705 Access denied, tenant has exceeded threshold",
       "smtp.tenant_blocked"},
      {smtp, content, "550 5.7.708 Access denied, traffic not accepted from this IP",
       "smtp.tenant_blocked"},
      {smtp, session, "421 4.7.0 Try again later, closing connection.", "smtp.slow_down"},
      {smtp, recipient, "450 4.2.1 The user is receiving mail too quickly", "smtp.slow_down"},
      {smtp, greeting, "421 4.3.0 Temporary System Problem. Try again later", "smtp.server_busy"},
      {smtp, content, "552 5.3.4 Message size exceeds fixed maximum message size",
       "smtp.message_too_large"},
      {smtp, sender, "552 too big", "smtp.message_too_large"},
      {smtp, sender, "501 5.5.4 Invalid arguments", "smtp.protocol_error"},
      {smtp, sender, "550 5.1.7 Invalid sender", "smtp.sender_refused"},
      {smtp, recipient, "550 5.1.1 User unknown", "smtp.recipient_refused"},
      {smtp, recipient, "450 4.7.1 Greylisted", "smtp.recipient_deferred"},
      {smtp, content, "", "smtp.outcome_unknown"},
      {smtp, recipient, "", "network.connection_lost"},
      {smtp, content, "354 Start mail input", ""},
      {smtp, content, "250 2.0.0 OK", ""},
      {smtp, content, "451 4.0.0 no", "smtp.server_busy"},
      {smtp, content, "554 5.0.0 no", "smtp.server_refused"},
      {smtp, greeting, "HTTP/1.1 400 Bad Request", "smtp.server_refused"},
  };
}

} // namespace

std::vector<recorded_reply> recorded_replies() {
  std::vector<recorded_reply> all;
  for (const auto& part : {exchange_imap(), gmail_imap(), imap_by_code(), pop3_replies(),
                           smtp_log_ins(), smtp_senders(), smtp_limits(), smtp_rest()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

} // namespace mailfleet::testing
