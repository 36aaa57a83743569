#include "jobs/diagnosis_rows.hpp"

#include <array>

namespace mailfleet::jobs {

namespace {

using enum course;

// Each row: code, what happened, who must act, cure, what the program does.
constexpr std::array rows{
    failure_row{errc::invalid_argument,
                {"request.invalid_argument", "A field of the request has a bad value.", "operator",
                 "correct the field that the evidence names, and repeat the command", refused}},
    failure_row{errc::not_found,
                {"request.not_found", "What the request names does not exist.", "operator",
                 "look at the names with `mailfleet status`, and repeat the command", refused}},
    failure_row{errc::already_exists,
                {"request.already_exists", "What the request adds exists already.", "operator",
                 "look at it with `mailfleet provider list` or `mailfleet mailbox list`; remove it "
                 "first, or choose another name",
                 refused}},
    failure_row{errc::in_use,
                {"request.in_use", "Other things depend on what was to be removed.", "operator",
                 "remove its mailboxes first: `mailfleet mailbox list`", refused}},
    failure_row{errc::precondition_failed,
                {"request.precondition_failed",
                 "The record changed while the request was under way.", "nobody",
                 "repeat the command", refused}},
    failure_row{errc::shutting_down,
                {"runtime.shutting_down", "The runtime is stopping.", "nobody",
                 "repeat the command when `mailfleet status` answers again", refused}},
    failure_row{errc::overloaded,
                {"runtime.overloaded", "A limit of the runtime is reached.", "nobody",
                 "wait; if it lasts, look for what fills up with `mailfleet status`", retried}},
    failure_row{errc::unavailable,
                {"runtime.restarting", "The part of the runtime that was asked is restarting.",
                 "nobody", "wait; if it lasts, `mailfleet status` shows the restarts", retried}},
    failure_row{errc::dns_failed,
                {"network.dns_failed", "The server's name did not resolve.", "operator",
                 "check the host name with `mailfleet mailbox show {mailbox}`, and this machine's "
                 "resolver",
                 retried}},
    failure_row{
        errc::connect_failed,
        {"network.connect_failed", "No address of the server took the connection.", "operator",
         "check host and port with `mailfleet mailbox show {mailbox}`, and the firewall", retried}},
    failure_row{errc::connection_lost,
                {"network.connection_lost", "The connection ended in the middle of something.",
                 "nobody", "wait; if it lasts, check the network to the server", retried}},
    failure_row{errc::timed_out,
                {"network.timed_out", "The server did not answer in time.", "nobody",
                 "wait; if it lasts, check port and kind of TLS (a TLS port stays silent towards "
                 "STARTTLS), the network and the proxy to the server",
                 retried}},
    failure_row{errc::proxy_failed,
                {"network.proxy_failed", "The proxy refused or broke the connection.", "operator",
                 "check the proxy's address and credentials: `mailfleet mailbox show {mailbox}`, "
                 "`mailfleet provider show {provider}`",
                 retried}},
    failure_row{errc::tls_failed,
                {"tls.failed", "The TLS handshake failed.", "provider",
                 "check that the port speaks TLS from its first byte (993), or give `--imap-tls "
                 "starttls` (143); the server must offer TLS 1.2 or later with a modern cipher, "
                 "and one with too many connections may close a new one at once",
                 retried}},
    failure_row{
        errc::tls_untrusted,
        {"tls.untrusted", "The server's certificate is not trusted.", "operator",
         "if the server has a private CA give its bundle, or a pin of its certificate, when "
         "adding the mailbox; if not, somebody may be listening: do not sign in",
         retried_slowly}},
    failure_row{errc::tls_required,
                {"tls.required", "The server offers no TLS, and nothing is sent without it.",
                 "operator",
                 "use the server's TLS port (993), or let its administrator switch STARTTLS on",
                 retried_slowly}},
    failure_row{errc::too_large,
                {"network.too_large", "An answer was larger than its limit.", "provider",
                 "report it to whoever runs the server, with the evidence", retried_slowly}},
    failure_row{errc::protocol_violation,
                {"imap.protocol_violation", "The mail server broke its protocol.", "provider",
                 "report it to whoever runs the server, with the evidence", retried}},
    failure_row{
        errc::server_refused,
        {"imap.server_refused", "The mail server refused a command.", "operator",
         "read the server's words in the evidence; then `mailfleet mailbox resume {mailbox}`",
         retried}},
    failure_row{errc::server_busy,
                {"imap.server_busy", "The mail server is busy, or throttles this mailbox.",
                 "nobody", "wait; if it lasts, end other programs that read the same mailbox",
                 retried}},
    failure_row{errc::authentication_failed,
                {"imap.authentication_failed",
                 "The mail server refused the credential of this mailbox.", "tenant_admin",
                 "check that IMAP is switched on for the mailbox, that the account that signed in "
                 "may open it, and that the scopes are the mail server's; then `mailfleet mailbox "
                 "sign-in {mailbox}`",
                 retried_slowly}},
    failure_row{
        errc::no_common_mechanism,
        {"imap.no_common_mechanism",
         "The mail server offers no way to log in that this mailbox could use.", "operator",
         "check whether the server takes OAuth2 or passwords, and add the mailbox with that",
         retried_slowly}},
    failure_row{errc::token_throttled,
                {"identity.throttled", "The identity provider asks us to slow down.", "nobody",
                 "wait; `mailfleet provider show {provider}` shows when it is tried again",
                 retried}},
    failure_row{errc::token_unavailable,
                {"identity.unavailable", "The identity provider is down or answers nonsense.",
                 "provider", "wait; see the provider's status page if it lasts", retried}},
    failure_row{
        errc::client_refused,
        {"identity.client_refused", "The identity provider refuses our client credential.",
         "operator",
         "look at the secrets with `mailfleet provider secret list {provider}`, and give the "
         "provider a new one from its portal",
         retried_slowly}},
    failure_row{errc::sign_in_required,
                {"identity.sign_in_required", "A person must sign this mailbox in.",
                 "mailbox_owner", "mailfleet mailbox sign-in {mailbox}", parked}},
    failure_row{errc::consent_required,
                {"identity.consent_required",
                 "The tenant's administrator must consent, or change a policy.", "tenant_admin",
                 "let the administrator consent for the app; then `mailfleet mailbox sign-in "
                 "{mailbox}`",
                 parked}},
    failure_row{errc::account_disabled,
                {"identity.account_disabled", "The account is gone or disabled.", "tenant_admin",
                 "enable the account, then `mailfleet mailbox sign-in {mailbox}`; or `mailfleet "
                 "mailbox remove {mailbox}`",
                 parked}},
    failure_row{errc::provider_misconfigured,
                {"identity.misconfigured",
                 "The app's registration or our provider is set up wrong.", "operator",
                 "compare `mailfleet provider show {provider}` with the registration in the "
                 "provider's portal",
                 retried_slowly}},
    failure_row{errc::storage_failed,
                {"storage.failed", "A write to the state folder failed; its outcome is unknown.",
                 "operator",
                 "check the disk's space and health, then start `mailfleetd run` again: it goes on "
                 "from what is durable",
                 fatal}},
    failure_row{errc::storage_corrupt,
                {"storage.corrupt", "A record in the state folder cannot be opened.", "operator",
                 "stop the daemon, keep a copy of the state folder, and restore the last good one",
                 fatal}},
    failure_row{errc::storage_wrong_key,
                {"storage.wrong_key", "The key file does not belong to this state folder.",
                 "operator",
                 "start `mailfleetd run` with the key file that this state was made with", fatal}},
    failure_row{errc::storage_newer_format,
                {"storage.newer_format", "A newer program wrote this state folder.", "operator",
                 "start the newer `mailfleetd` again", fatal}},
    failure_row{errc::storage_locked,
                {"storage.locked", "Another process holds the state folder.", "operator",
                 "end the process that the evidence names, or give another folder with --state",
                 fatal}},
    failure_row{errc::storage_missing,
                {"storage.missing", "There is no state folder.", "operator",
                 "mailfleetd init --state DIR", fatal}},
    failure_row{errc::internal,
                {"internal", "A fault of the program.", "operator",
                 "report it with the evidence and the log around that time", retried}},
};

} // namespace

std::span<const failure_row> failure_rows() {
  return rows;
}

} // namespace mailfleet::jobs
