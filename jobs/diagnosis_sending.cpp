#include "jobs/diagnosis_rows.hpp"

#include <array>

namespace mailfleet::jobs {

namespace {

using enum course;

constexpr const char* wait = "wait";

// Each row: code, what happened, who must act, cure, what the program does.
constexpr std::array rows{
    // Logging in.
    diagnosis_row{"smtp.authentication_failed",
                  "The SMTP server refused the credential of this mailbox.", "tenant_admin",
                  "check that SMTP AUTH is switched on for the mailbox, that the account that "
                  "signed in may send as it, and that the scopes are the mail server's; then "
                  "`mailfleet mailbox sign-in {mailbox}`",
                  retried_slowly},
    diagnosis_row{"smtp.log_in_unproven",
                  "The SMTP server refused the log-in without a word about the token.", "nobody",
                  "wait: it is tried again with a fresh token; if it lasts, check that SMTP AUTH "
                  "is on (`Get-CASMailbox -Identity {mailbox}`), that the account that signed in "
                  "may send as {mailbox}, and that SMTP.Send was granted, which the usual scopes "
                  "do not ask for: `mailfleet doctor --mailbox {mailbox}`",
                  retried_slowly},
    diagnosis_row{"smtp.password_refused", "The SMTP server refuses the user name or password.",
                  "mailbox_owner",
                  "check both where mail is sent otherwise; then `mailfleet mailbox password "
                  "{mailbox}`",
                  retried_slowly},
    diagnosis_row{"smtp.app_password_required", "The SMTP server wants an app password.",
                  "mailbox_owner",
                  "make an app password where the account is managed; then `mailfleet mailbox "
                  "password {mailbox}`",
                  retried_slowly},
    diagnosis_row{"smtp.auth_disabled", "SMTP AUTH is switched off for the tenant or the mailbox.",
                  "tenant_admin",
                  "for the mailbox: `Set-CASMailbox -Identity {mailbox} "
                  "-SmtpClientAuthenticationDisabled $false`; for the tenant: "
                  "`Set-TransportConfig -SmtpClientAuthenticationDisabled $false`",
                  retried_slowly},
    diagnosis_row{"smtp.blocked_by_policy", "A policy of the tenant forbids this log-in.",
                  "tenant_admin",
                  "exempt the mailbox from security defaults or from the policy that the tenant's "
                  "sign-in logs name",
                  retried_slowly},
    diagnosis_row{"smtp.basic_auth_off", "The SMTP server takes no passwords any more.", "operator",
                  "add the mailbox with a provider: `mailfleet mailbox add --help`",
                  retried_slowly},
    diagnosis_row{"smtp.log_in_unavailable", "The SMTP server cannot check log-ins just now.",
                  "nobody", wait, retried},
    diagnosis_row{"smtp.not_authenticated", "The SMTP server wants a log-in before mail.",
                  "operator", "check host and port: those for submission (587 or 465), not for MX",
                  retried_slowly},
    diagnosis_row{"smtp.no_server", "No SMTP server is known for the mailbox.", "operator",
                  "name one: `mailfleet mailbox servers {mailbox} --smtp HOST`", parked},
    // Limits.
    diagnosis_row{"smtp.too_many_connections",
                  "The mailbox has too many connections to the SMTP server.", "operator",
                  "end other programs that send as the same mailbox: Exchange admits three "
                  "connections",
                  retried},
    diagnosis_row{"smtp.slow_down", "The SMTP server asks for patience.", "nobody", wait, retried},
    diagnosis_row{"smtp.submission_quota", "The mailbox sent too much in a short time.", "nobody",
                  "wait; if it lasts, spread the mail over more mailboxes", retried_slowly},
    diagnosis_row{"smtp.daily_limit", "The mailbox reached its limit of recipients for a day.",
                  "operator", "wait up to a day; spread the mail over more mailboxes",
                  retried_slowly},
    diagnosis_row{
        "smtp.address_throttled", "The SMTP server slows down mail from our address.", "operator",
        "wait; if it lasts, check this server's public address at the provider", retried_slowly},
    diagnosis_row{"smtp.too_many_recipients", "The message has too many recipients.", "operator",
                  "split the message", refused},
    diagnosis_row{"smtp.message_too_large", "The message is larger than the SMTP server admits.",
                  "operator", "send it smaller, or let the administrator raise MaxSendSize",
                  refused},
    diagnosis_row{"smtp.mailbox_full", "A mailbox is full: the sender's or a recipient's.",
                  "mailbox_owner", "read in the evidence whose it is, and make room there",
                  retried_slowly},
    // The sender is not admitted.
    diagnosis_row{"smtp.send_as_denied", "The mailbox may not send as the message's sender.",
                  "tenant_admin",
                  "write the mailbox's own address as From, or give it the right: "
                  "`Add-RecipientPermission SENDER -Trustee {mailbox} -AccessRights SendAs`",
                  refused},
    diagnosis_row{"smtp.sender_throttled",
                  "Exchange blocks all sending of the mailbox because of repeated errors.",
                  "operator",
                  "end what causes the errors that the evidence names; the block ends by itself "
                  "after hours",
                  retried_slowly},
    diagnosis_row{"smtp.sender_blocked", "The mailbox is blocked as a sender of spam.",
                  "tenant_admin",
                  "look whether the account was taken over; then take it off the restricted "
                  "entities in the Defender portal",
                  parked},
    diagnosis_row{"smtp.tenant_blocked", "The tenant may not send: too much, or distrusted mail.",
                  "tenant_admin", "open a support case with the provider, with the evidence",
                  parked},
    diagnosis_row{"smtp.sender_refused", "The SMTP server refused the sender.", "operator",
                  "read the server's words in the evidence, and correct the sender", refused},
    // The rest.
    diagnosis_row{"smtp.recipient_refused", "The SMTP server refused a recipient.", "operator",
                  "read the server's words in the evidence, and correct the recipient", refused},
    diagnosis_row{"smtp.recipient_deferred", "The SMTP server does not take a recipient just now.",
                  "nobody", wait, retried_slowly},
    diagnosis_row{"smtp.connection_dropped",
                  "The SMTP server dropped a connection that was idle or slow.", "nobody", wait,
                  retried},
    diagnosis_row{"smtp.outcome_unknown",
                  "The SMTP server did not say whether it took the message.", "nobody",
                  "look for the message's Message-ID in the folder of sent mail before it is sent "
                  "again",
                  retried_slowly},
    diagnosis_row{"smtp.protocol_error", "The SMTP server does not understand a command of ours.",
                  "operator", "report it with the evidence", retried_slowly},
    diagnosis_row{"smtp.server_busy", "The SMTP server has passing trouble.", "nobody", wait,
                  retried},
    diagnosis_row{"smtp.server_refused", "The SMTP server refused for good.", "operator",
                  "read the server's words in the evidence", refused},
    // Nobody refused it.
    diagnosis_row{"mail.content_lost",
                  "The content of a mail that was accepted is missing in the state folder.",
                  "operator",
                  "submit the mail again; then check the disk's health, for other records may be "
                  "lost too",
                  refused},
};

} // namespace

std::span<const diagnosis_row> sending_rows() {
  return rows;
}

} // namespace mailfleet::jobs
