#include "jobs/diagnosis_rows.hpp"

#include <array>

namespace mailfleet::jobs {

namespace {

using enum course;

constexpr const char* sign_in = "mailfleet mailbox sign-in {mailbox}";

// Each row: code, what happened, who must act, cure, what the program does.
constexpr std::array rows{
    // The endpoint gave no verdict.
    diagnosis_row{"token.unreachable", "The token endpoint cannot be reached.", "operator",
                  "check the network and the proxy: `mailfleet provider show {provider}`", retried},
    diagnosis_row{"token.untrusted", "The token endpoint's certificate is not trusted.", "operator",
                  "check that no proxy opens TLS on the way; a private CA is given when the "
                  "provider is added",
                  retried_slowly},
    diagnosis_row{"token.throttled", "The token endpoint asks us to slow down.", "nobody",
                  "wait; all mailboxes of the provider wait with it", retried},
    diagnosis_row{"token.outage", "The token endpoint is out of order.", "provider",
                  "wait; see the provider's status page if it lasts", retried},
    diagnosis_row{"token.bad_answer", "The token endpoint's answer is no token answer.", "provider",
                  "check that the provider's addresses lead to its token endpoint and not to a "
                  "proxy's page: `mailfleet provider show {provider}`",
                  retried},
    // It asks for patience.
    diagnosis_row{"token.loop_detected",
                  "The identity provider saw too many equal requests of this mailbox.", "operator",
                  "wait; end other programs that use the same app for this mailbox",
                  retried_slowly},
    diagnosis_row{"token.tenant_throttled", "The tenant is throttled or blocked.", "tenant_admin",
                  "wait; the administrator sees the reason in the tenant's service health",
                  retried_slowly},
    diagnosis_row{"token.service_trouble", "The identity provider has passing trouble.", "nobody",
                  "wait", retried},
    diagnosis_row{"token.service_error", "The identity provider has an error it cannot repair.",
                  "provider", "open a support case with the ids in the evidence", retried_slowly},
    diagnosis_row{"token.agent_trouble",
                  "The tenant's own password agent does not answer the identity provider.",
                  "tenant_admin", "check the pass-through authentication agents of the tenant",
                  retried_slowly},
    diagnosis_row{"token.federation_trouble",
                  "The tenant's own identity provider does not answer Microsoft's as it should.",
                  "tenant_admin", "check the federation of the mailbox's domain", retried_slowly},
    // A sign-in on another device.
    diagnosis_row{"device.pending", "Nobody has typed the code in yet.", "mailbox_owner",
                  "type the code in at the address that `mailfleet mailbox sign-in {mailbox} "
                  "--device` showed",
                  retried},
    diagnosis_row{"device.slow_down", "The identity provider wants to be asked less often.",
                  "nobody", "wait", retried},
    diagnosis_row{"device.expired", "The code was not typed in in time.", "mailbox_owner",
                  "begin again: `mailfleet mailbox sign-in {mailbox} --device`", refused},
    diagnosis_row{"device.declined", "The person declined the sign-in.", "mailbox_owner",
                  "begin again: `mailfleet mailbox sign-in {mailbox} --device`", refused},
    // Our credential.
    diagnosis_row{"token.client_refused", "The identity provider refuses our client credential.",
                  "operator",
                  "look at the secrets with `mailfleet provider secret list {provider}`, and give "
                  "the provider a new one from its portal: `mailfleet provider secret add "
                  "{provider}`",
                  retried_slowly},
    diagnosis_row{"token.secret_wrong", "The client secret is wrong.", "operator",
                  "give the provider the secret's value, not its id, from the portal: `mailfleet "
                  "provider secret add {provider}`",
                  retried_slowly},
    diagnosis_row{"token.secret_expired", "The client secret has expired.", "operator",
                  "make a new client secret in the portal and give it to the provider: `mailfleet "
                  "provider secret add {provider}`",
                  retried_slowly},
    diagnosis_row{
        "token.certificate_refused", "The client certificate is not accepted.", "operator",
        "upload the certificate to the app's registration, and check the clock", retried_slowly},
    diagnosis_row{"token.certificate_unusable", "The client certificate cannot sign.", "operator",
                  "give the provider key and certificate anew: `mailfleet provider secret add "
                  "{provider}`",
                  retried_slowly},
    diagnosis_row{"clock.skewed", "This machine's clock and the identity provider's differ.",
                  "operator",
                  "set this machine's clock: `timedatectl` shows whether it is synchronised; then "
                  "repeat what failed",
                  retried_slowly},
    diagnosis_row{"secret.expiring", "The last good client secret expires soon.", "operator",
                  "make a new client secret in the portal and give it to the provider: `mailfleet "
                  "provider secret add {provider}`",
                  retried},
    diagnosis_row{"secret.expired", "No client secret of the provider is valid any more.",
                  "operator",
                  "make a new client secret in the portal and give it to the provider: `mailfleet "
                  "provider secret add {provider}`",
                  parked},
    diagnosis_row{
        "secret.none_accepted", "Every client secret of the provider was refused.", "operator",
        "compare `mailfleet provider secret list {provider}` with the secrets in the portal, "
        "and give the provider one that is there: `mailfleet provider secret add {provider}`",
        parked},
    diagnosis_row{
        "secret.expiry_not_permitted",
        "The app may not read in its own registration when its secrets end.", "operator",
        "nothing need be done where the ends were given (`mailfleet provider secret list "
        "{provider}`); else add the secret again with its end: `mailfleet provider secret add "
        "{provider} --expires DATE`. Or have an administrator grant the app one of the "
        "application permissions Application.Read.All and Application.ReadWrite.OwnedBy of "
        "Microsoft Graph, then `mailfleet provider secret expiry {provider}`",
        retried_slowly},
    diagnosis_row{"secret.app_not_listed",
                  "The directory that was asked does not hold the app's registration.", "operator",
                  "give the ends when secrets are added (`mailfleet provider secret add {provider} "
                  "--expires DATE`), or add the provider with the id of the tenant where the app "
                  "is registered",
                  retried_slowly},
    diagnosis_row{
        "secret.expiry_unread", "The directory did not tell when the app's secrets end.", "nobody",
        "wait; `mailfleet provider secret expiry {provider}` asks again at once", retried_slowly},
    diagnosis_row{"secret.expiry_differs",
                  "The end that was given for a secret is not the one that its directory lists.",
                  "operator",
                  "compare `mailfleet provider secret list {provider}` with the portal; the "
                  "earlier of the two counts",
                  retried_slowly},
    // The registration or our configuration.
    diagnosis_row{
        "token.misconfigured", "The identity provider refuses the form of our request.", "operator",
        "compare `mailfleet provider show {provider}` with the registration in the portal",
        retried_slowly},
    diagnosis_row{"token.client_auth_mismatch",
                  "The app is registered as another type of client than it is used as.", "operator",
                  "register the redirect URI as type Web and use a client secret; a public client "
                  "has none",
                  retried_slowly},
    diagnosis_row{"token.app_not_found", "The tenant does not know the app.", "operator",
                  "check client id and tenant id with `mailfleet provider show {provider}`; the "
                  "tenant's administrator must have consented once",
                  retried_slowly},
    diagnosis_row{"token.app_disabled", "The app is disabled in the tenant.", "tenant_admin",
                  "enable the app under Enterprise applications", retried_slowly},
    diagnosis_row{"token.tenant_not_found", "There is no such tenant.", "operator",
                  "check the tenant id with `mailfleet provider show {provider}`", retried_slowly},
    diagnosis_row{
        "token.other_cloud", "The tenant lives in another national cloud.", "operator",
        "add the provider with that cloud's service: microsoft-gcc-high, microsoft-dod or "
        "microsoft-china",
        retried_slowly},
    diagnosis_row{"token.single_tenant",
                  "The app serves one tenant only, but the provider names none.", "operator",
                  "add the provider with the tenant's id instead of common or organizations",
                  retried_slowly},
    diagnosis_row{"token.resource_missing", "The tenant has no Exchange Online.", "tenant_admin",
                  "check the tenant's licences, and the tenant id with `mailfleet provider show "
                  "{provider}`",
                  retried_slowly},
    diagnosis_row{"token.permissions_mismatch",
                  "The scopes asked for are not among the app's permissions.", "operator",
                  "add the permissions to the app: `mailfleet provider show {provider}` lists the "
                  "scopes",
                  retried_slowly},
    diagnosis_row{
        "token.bad_scope", "The scopes asked for do not fit together or do not exist.", "operator",
        "name scopes of one resource only: `mailfleet provider show {provider}`", retried_slowly},
    diagnosis_row{"token.redirect_mismatch", "The redirect URI is not registered.", "operator",
                  "register exactly the URI that `mailfleet provider show {provider}` prints, as "
                  "type Web",
                  retried_slowly},
    diagnosis_row{
        "token.spa_redirect",
        "The redirect URI is registered as a single-page app: its tokens last one day.", "operator",
        "register the redirect URI as type Web, then `mailfleet mailbox sign-in {mailbox}`",
        parked},
    diagnosis_row{
        "token.wrong_tenant", "The account does not belong to the provider's tenant.",
        "mailbox_owner",
        "sign in with the mailbox's own account: `mailfleet mailbox sign-in {mailbox}`; or "
        "add the provider of the right tenant",
        parked},
    diagnosis_row{"token.password_refused", "The identity provider speaks of a wrong password.",
                  "mailbox_owner", sign_in, parked},
    diagnosis_row{"token.client_mismatch", "The refresh token was given to another app.",
                  "operator",
                  "check the client id with `mailfleet provider show {provider}`; then `mailfleet "
                  "mailbox sign-in {mailbox}`",
                  parked},
    // What came back from a browser is not what was sent out.
    diagnosis_row{"identity.wrong_account", "Another account than the mailbox's signed in.",
                  "mailbox_owner",
                  "sign in with the account that is wanted: `mailfleet mailbox sign-in {mailbox} "
                  "--prompt select_account` shows the choice; or add the mailbox with the other as "
                  "its delegate: `mailfleet mailbox add --delegate`",
                  parked},
    diagnosis_row{"identity.other_browser",
                  "The sign-in came back in another browser than it was begun in.", "mailbox_owner",
                  "finish it in the browser that opened its address, which must keep cookies; or "
                  "begin again: `mailfleet mailbox sign-in {mailbox}`",
                  parked},
    diagnosis_row{"identity.other_issuer",
                  "The answer to a sign-in came from another identity provider.", "operator",
                  "compare the names in the evidence with `mailfleet provider show {provider}`; if "
                  "they fit, somebody may have tampered with the sign-in. Then `mailfleet mailbox "
                  "sign-in {mailbox}`",
                  parked},
    // A person must sign in.
    diagnosis_row{"token.invalid_grant", "The refresh token is no longer accepted.",
                  "mailbox_owner", sign_in, parked},
    diagnosis_row{"token.interaction_required",
                  "The identity provider wants to see the person again.", "mailbox_owner", sign_in,
                  parked},
    diagnosis_row{"token.claims_challenge",
                  "A policy of the tenant demands more proof than the sign-in has given.",
                  "mailbox_owner",
                  "mailfleet mailbox sign-in {mailbox}; the tenant's administrator can exempt a "
                  "service mailbox from Conditional Access",
                  parked},
    diagnosis_row{"token.action_elsewhere",
                  "The person must do something outside the sign-in first.", "mailbox_owner",
                  "sign in to the account's own web page and follow what it asks for; then "
                  "`mailfleet mailbox sign-in {mailbox}`",
                  parked},
    diagnosis_row{"token.revoked", "The sign-in was revoked or has expired.", "mailbox_owner",
                  sign_in, parked},
    diagnosis_row{"token.expired_unused", "The refresh token was not used for 90 days.",
                  "mailbox_owner", sign_in, parked},
    diagnosis_row{"token.sign_in_frequency",
                  "A policy of the tenant ends every sign-in after a time.", "tenant_admin",
                  "exempt the mailbox from the sign-in frequency policy, or it recurs; then "
                  "`mailfleet mailbox sign-in {mailbox}`",
                  parked},
    diagnosis_row{"token.password_expired", "The account's password has expired.", "mailbox_owner",
                  "change the password, then `mailfleet mailbox sign-in {mailbox}`", parked},
    diagnosis_row{"token.mfa_required", "The account must prove itself with a second factor.",
                  "mailbox_owner",
                  "mailfleet mailbox sign-in {mailbox}; the tenant's administrator can exempt a "
                  "service mailbox",
                  parked},
    diagnosis_row{"token.external_challenge",
                  "The tenant's external security check was not passed.", "mailbox_owner",
                  "mailfleet mailbox sign-in {mailbox}; the tenant's administrator can exempt a "
                  "service mailbox",
                  parked},
    diagnosis_row{
        "token.code_used_twice", "The sign-in's code was spent or did not fit.", "mailbox_owner",
        "mailfleet mailbox sign-in {mailbox}; if it recurs, the callback is called twice", parked},
    diagnosis_row{"token.consent_declined", "The person declined.", "mailbox_owner", sign_in,
                  parked},
    // The tenant's administrator must act.
    diagnosis_row{"token.consent_required", "Nobody has consented to the app reading this mailbox.",
                  "tenant_admin",
                  "send the tenant's administrator the address from `mailfleet provider "
                  "consent-link {provider}`; the mailbox goes on by itself if it was signed in, or "
                  "else `mailfleet mailbox sign-in {mailbox}`",
                  parked},
    diagnosis_row{"token.not_assigned", "The account is not assigned to the app.", "tenant_admin",
                  "assign the account under Enterprise applications; then `mailfleet mailbox "
                  "sign-in {mailbox}`",
                  parked},
    diagnosis_row{"token.device_required",
                  "A policy admits managed devices only, which a server never is.", "tenant_admin",
                  "exempt the mailbox from the policy; then `mailfleet mailbox sign-in {mailbox}`",
                  parked},
    diagnosis_row{"token.protection_policy",
                  "An app protection policy (Intune) applies, which a server can never meet.",
                  "tenant_admin",
                  "exempt the mailbox from the app protection policy; then `mailfleet mailbox "
                  "sign-in {mailbox}`",
                  parked},
    diagnosis_row{"token.cannot_be_met",
                  "The identity provider refuses, and no sign-in can change it now.",
                  "tenant_admin",
                  "look for the correlation_id of the evidence in the tenant's sign-in logs, which "
                  "say why; then `mailfleet mailbox sign-in {mailbox}`",
                  parked},
    diagnosis_row{"token.blocked_by_policy", "A policy of the tenant blocks the sign-in.",
                  "tenant_admin",
                  "admit this server's address, or exempt the mailbox; then `mailfleet mailbox "
                  "sign-in {mailbox}`",
                  parked},
    diagnosis_row{"token.account_locked", "The account is locked, or our address is distrusted.",
                  "tenant_admin", "unlock the account; then `mailfleet mailbox sign-in {mailbox}`",
                  parked},
    diagnosis_row{"token.account_disabled", "The account is disabled.", "tenant_admin",
                  "enable the account, then `mailfleet mailbox sign-in {mailbox}`; or `mailfleet "
                  "mailbox remove {mailbox}`",
                  parked},
    // Nobody knows.
    diagnosis_row{"token.unknown_error", "The token endpoint answers with an error we do not know.",
                  "nobody", "wait; it is tried a few times more", retried},
    diagnosis_row{"token.unknown_error_persists",
                  "The token endpoint goes on answering with an error we do not know.", "operator",
                  "read the evidence; open a support case with the ids in it", retried_slowly},
};

} // namespace

std::span<const diagnosis_row> token_rows() {
  return rows;
}

} // namespace mailfleet::jobs
