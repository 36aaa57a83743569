#include "jobs/diagnosis_rows.hpp"

#include <array>

namespace mailfleet::jobs {

namespace {

using enum course;

constexpr const char* wait = "wait";

// Each row: code, what happened, who must act, cure, what the program does.
constexpr std::array rows{
    // IMAP, logging in.
    diagnosis_row{"imap.password_refused", "The mail server refuses the user name or password.",
                  "mailbox_owner",
                  "check both where the mailbox is read otherwise (some servers want an app "
                  "password); then `mailfleet mailbox password {mailbox}`",
                  retried_slowly},
    diagnosis_row{"imap.not_connected",
                  "The mail server took the token, but does not open the mailbox with it.",
                  "tenant_admin",
                  "`mailfleet doctor --mailbox {mailbox}` looks for the cause; check that the "
                  "account that signed in is {mailbox} or has FullAccess on it "
                  "(`Get-MailboxPermission -Identity {mailbox}`), that IMAP is on "
                  "(`Get-CASMailbox -Identity {mailbox}`), and that the scopes are the mail "
                  "server's (`mailfleet provider show {provider}`); then `mailfleet mailbox "
                  "sign-in {mailbox}`",
                  retried_slowly},
    // What the doctor narrows `imap.not_connected` down to (jobs/not_connected.hpp).
    diagnosis_row{
        "imap.other_account",
        "Another account than the mailbox's own signed in, and may not open it.", "tenant_admin",
        "sign in with the mailbox's own account: `mailfleet mailbox sign-in {mailbox}`; or "
        "give the one that signed in the right: `Add-MailboxPermission -Identity "
        "{mailbox} -User ACCOUNT -AccessRights FullAccess`",
        retried_slowly},
    diagnosis_row{"imap.mailbox_unusable",
                  "The account signs in, but no protocol opens its mailbox.", "tenant_admin",
                  "check that the account has a mailbox, and a licence for it (`Get-Mailbox "
                  "-Identity {mailbox}`), and that the protocols are on (`Get-CASMailbox -Identity "
                  "{mailbox}`)",
                  retried_slowly},
    diagnosis_row{"imap.none_connected",
                  "The mail server takes the provider's tokens, but opens no mailbox with them.",
                  "tenant_admin",
                  "check that the scopes are the mail server's (`mailfleet provider show "
                  "{provider}`), and that the tenant has IMAP on (`Get-CASMailboxPlan`); then "
                  "`mailfleet mailbox sign-in {mailbox}`",
                  retried_slowly},
    diagnosis_row{"imap.app_without_rights", "The app may not open this mailbox.", "tenant_admin",
                  "in Exchange Online PowerShell: `Add-MailboxPermission -Identity {mailbox} -User "
                  "SERVICE_PRINCIPAL -AccessRights FullAccess`; `Get-ServicePrincipal` names it",
                  retried_slowly},
    diagnosis_row{"imap.app_unknown", "Exchange does not know the app, or gave it no mailbox yet.",
                  "tenant_admin",
                  "in Exchange Online PowerShell: `New-ServicePrincipal -AppId APP_ID -ObjectId "
                  "OBJECT_ID`, with the object id of the enterprise application, not of the app "
                  "registration; then for each mailbox `Add-MailboxPermission -Identity {mailbox} "
                  "-User OBJECT_ID -AccessRights FullAccess`",
                  retried_slowly},
    diagnosis_row{"imap.token_expired",
                  "The mail server goes on ending sessions because the token had expired.",
                  "operator",
                  "check this machine's clock: `timedatectl`; then `mailfleet mailbox sign-in "
                  "{mailbox}`",
                  retried_slowly},
    diagnosis_row{"imap.disabled", "IMAP is switched off for this mailbox.", "tenant_admin",
                  "switch IMAP on (Exchange: `Set-CASMailbox -Identity {mailbox} -ImapEnabled "
                  "$true`; Gmail: its settings, or the domain's); then `mailfleet mailbox resume "
                  "{mailbox}`",
                  retried_slowly},
    diagnosis_row{"imap.app_password_required", "The mail server wants an app password.",
                  "mailbox_owner",
                  "make an app password where the account is managed; then `mailfleet mailbox "
                  "password {mailbox}`",
                  retried_slowly},
    diagnosis_row{"imap.web_log_in_required",
                  "The mail server wants to see the person in a browser first.", "mailbox_owner",
                  "sign in to the account's own web page and confirm the new device; then "
                  "`mailfleet mailbox resume {mailbox}`",
                  retried_slowly},
    diagnosis_row{"imap.basic_auth_off", "The mail server takes no passwords any more.", "operator",
                  "add the mailbox with a provider: `mailfleet mailbox add --help`",
                  retried_slowly},
    diagnosis_row{"imap.no_rights", "The account that logged in may not open this mailbox.",
                  "tenant_admin",
                  "give the account that signed in rights on {mailbox}, or sign in with the "
                  "mailbox's own: `mailfleet mailbox sign-in {mailbox}`",
                  retried_slowly},
    diagnosis_row{"imap.credential_expired", "The password or token has expired.", "mailbox_owner",
                  "change the password, then `mailfleet mailbox password {mailbox}`; with a "
                  "provider `mailfleet mailbox sign-in {mailbox}`",
                  retried_slowly},
    diagnosis_row{"imap.contact_admin", "The mail server sends the user to its administrator.",
                  "tenant_admin",
                  "ask the server's administrator, with the evidence; then `mailfleet mailbox "
                  "resume {mailbox}`",
                  retried_slowly},
    // IMAP, at any time.
    diagnosis_row{"imap.throttled", "The mail server's budget of this mailbox is used up.",
                  "nobody", "wait; if it lasts, end other programs that read the same mailbox",
                  retried},
    diagnosis_row{"imap.too_many_connections", "The mailbox has too many connections.", "operator",
                  "end other programs that read the same mailbox", retried},
    diagnosis_row{"imap.bandwidth_exceeded",
                  "The mail server's daily amount for this mailbox is used up.", "nobody",
                  "wait up to a day; end other programs that read the same mailbox", retried},
    diagnosis_row{"imap.server_unavailable", "The mail server is in trouble, or the mailbox full.",
                  "provider",
                  "wait; if it lasts, look at the mailbox's quota and the provider's status page",
                  retried},
    diagnosis_row{"imap.connection_closed", "The mail server closed the connection.", "nobody",
                  wait, retried},
    diagnosis_row{"imap.server_fault", "The mail server reports a fault of its own.", "provider",
                  "report it to whoever runs the server, with the evidence", retried},
    diagnosis_row{"imap.over_quota", "The mailbox is full.", "mailbox_owner",
                  "delete mail, or let the administrator raise the quota", retried_slowly},
    diagnosis_row{"imap.bad_state", "The mail server lost track of the session.", "nobody", wait,
                  retried},
    diagnosis_row{"imap.bad_command",
                  "The mail server does not take a command: too long, too big, or not known to it.",
                  "provider",
                  "nothing is lost, the message is passed over; report it to whoever runs the "
                  "server, with the evidence",
                  retried},
    diagnosis_row{"imap.message_gone", "Messages went away while they were asked for.", "nobody",
                  "nothing is to be done: the folder is listed again", retried},
    diagnosis_row{"imap.message_too_large", "The message is larger than the mailbox admits.",
                  "operator", "let the administrator raise MaxReceiveSize, or leave it out",
                  refused},
    diagnosis_row{"imap.no_folder", "The folder does not exist on the mail server.", "operator",
                  "make the folder, or correct the mailbox's action: `mailfleet mailbox show "
                  "{mailbox}`",
                  retried_slowly},
    // POP3.
    diagnosis_row{"pop3.authentication_failed",
                  "The POP3 server refused the credential of this mailbox.", "tenant_admin",
                  "check that POP is switched on for the mailbox (`Get-CASMailbox -Identity "
                  "{mailbox}`), that the account that signed in may open it, and that the scopes "
                  "are the mail server's; then `mailfleet mailbox sign-in {mailbox}`",
                  retried_slowly},
    diagnosis_row{"pop3.password_refused", "The POP3 server refuses the user name or password.",
                  "mailbox_owner",
                  "check both where the mailbox is read otherwise; then `mailfleet mailbox "
                  "password {mailbox}`",
                  retried_slowly},
    diagnosis_row{"pop3.disabled", "POP is switched off for this mailbox.", "tenant_admin",
                  "switch POP on (Exchange: `Set-CASMailbox -Identity {mailbox} -PopEnabled "
                  "$true`; Gmail: its settings); then `mailfleet mailbox resume {mailbox}`",
                  retried_slowly},
    diagnosis_row{"pop3.protocol_error",
                  "The POP3 server calls what it heard a protocol error: the token may be too long "
                  "for it, or the port is another protocol's.",
                  "operator", "check host and port with `mailfleet mailbox show {mailbox}`",
                  retried_slowly},
    diagnosis_row{"pop3.in_use", "Another session holds the mailbox.", "operator",
                  "end other programs that read the same mailbox by POP", retried},
    diagnosis_row{"pop3.log_in_delay", "The POP3 server wants a longer pause between log-ins.",
                  "nobody", wait, retried_slowly},
    diagnosis_row{"pop3.server_busy", "The POP3 server has passing trouble.", "nobody", wait,
                  retried},
    diagnosis_row{"pop3.server_fault", "The POP3 server has trouble that will not pass by itself.",
                  "provider", "report it to whoever runs the server, with the evidence",
                  retried_slowly},
    diagnosis_row{"pop3.server_refused", "The POP3 server refused a command.", "operator",
                  "read the server's words in the evidence; then `mailfleet mailbox resume "
                  "{mailbox}`",
                  retried},
};

} // namespace

std::span<const diagnosis_row> reading_rows() {
  return rows;
}

} // namespace mailfleet::jobs
