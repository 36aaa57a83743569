#include "actors/limits.hpp"
#include "actors/provider.hpp"
#include "jobs/diagnosis.hpp"
#include "jobs/sign_in_prompt.hpp"
#include "jobs/signed_in_account.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/id_token.hpp"
#include "protocols/oauth2/responses.hpp"

#include <utility>

/// The three steps of a sign-in: a person asks, a browser opens the address, the
/// provider sends the browser back. And an administrator's consent, which comes back
/// the same way.
namespace mailfleet {

caf::result<sign_in_started> provider_machine::begin(const begin_mailbox_sign_in& request) {
  if (is_app_only())
    return as_error(no_sign_in_needed());
  auto ticket = desk_->begin(request.mailbox, request.prompt, now());
  if (!ticket)
    return as_error(ticket.error());
  return sign_in_started{around_.settings.sign_in_origin + "/sign-in/" + *ticket,
                         now() + sign_in_life};
}

caf::result<sign_in_opened> provider_machine::open(const open_sign_in& request) {
  auto opened = desk_->open(request.ticket, now());
  if (!opened)
    return as_error(opened.error());
  auto browser = self_->make_response_promise<sign_in_opened>();
  endpoint_->discover(
      [this, opened = *std::move(opened), browser](const result<void>& reached) mutable {
        if (reached)
          send_to_provider(opened, browser);
        else
          browser.deliver(refuse_sign_in(opened.begun.mailbox, reached.error()));
      });
  return browser;
}

void provider_machine::send_to_provider(const sign_in_desk::opened& opened,
                                        caf::typed_response_promise<sign_in_opened> browser) {
  const auto& visit = opened.begun;
  const auto& where = endpoint_->where();
  oauth2::authorize_request request;
  request.authorization_endpoint = where.authorization_endpoint;
  request.client_id = record_.client_id;
  request.redirect_uri = record_.redirect_uri;
  request.scopes = where.scopes;
  request.state = opened.state;
  request.nonce = visit.nonce;
  request.code_challenge = visit.proof.challenge;
  auto hints =
      jobs::with_prompt({jobs::signer_of(visit.mailbox), where.authorize_extra}, visit.prompt);
  request.login_hint = std::move(hints.login_hint);
  request.extra = std::move(hints.extra);
  browser.deliver(sign_in_opened{oauth2::authorize_url(request), visit.browser_binding});
}

caf::result<sign_in_outcome> provider_machine::complete(const complete_sign_in& request) {
  auto query = oauth2::parse_callback(request.query);
  if (!query)
    return as_error(query.error());
  if (desk_->close_consent(query->state, now()))
    return complete_consent(*query);
  auto visit = desk_->close(query->state, request.browser_binding, now());
  if (!visit) {
    if (auto mailbox = desk_->note_other_browser(query->state))
      tell_of_failed_sign_in(*mailbox, visit.error());
    return as_error(visit.error());
  }
  if (query->code.empty()) {
    auto declined = jobs::classify({.network = std::nullopt,
                                    .status = 400,
                                    .error = oauth2::error_of(*query),
                                    .retry_after = std::nullopt,
                                    .failures_before = 0,
                                    .now = now()})
                        .as_failure();
    return refuse_sign_in(visit->mailbox, declined);
  }
  // RFC 9207 2.4: whoever else's answer this is, the code is not for our provider.
  const auto& where = endpoint_->where();
  bool names_none = query->issuer.empty() && !where.names_issuer;
  if (!names_none && !oauth2::is_issuer_of_form(query->issuer, where.issuer))
    return refuse_sign_in(visit->mailbox,
                          {errc::sign_in_required, "identity.other_issuer: the answer names `"
                                                       + printable(query->issuer) + "', but `"
                                                       + where.issuer + "' was asked"});
  auto client = self_->make_response_promise<sign_in_outcome>();
  redeem(*std::move(visit), std::move(query->code), [client](result<signed_in> outcome) mutable {
    if (outcome)
      client.deliver(sign_in_outcome{*std::move(outcome)});
    else
      client.deliver(as_error(outcome.error()));
  });
  return client;
}

void provider_machine::redeem(sign_in_desk::visit visit, secret code, visit_end then) {
  ++redeeming_;
  auto verifier = visit.proof.verifier;
  endpoint_->redeem(
      std::move(code), std::move(verifier),
      [this, visit = std::move(visit), then = std::move(then)](token_endpoint::reply reply) {
        on_redeemed(visit, std::move(reply), then);
      });
}

void provider_machine::on_redeemed(const sign_in_desk::visit& visit, token_endpoint::reply reply,
                                   visit_end then) {
  auto what = std::make_shared<redeemed_visit>();
  what->visit = visit;
  what->then = std::move(then);
  if (const auto* fault = std::get_if<jobs::token_fault>(&reply))
    return end_sign_in(*what, fault->as_failure());
  what->answer = std::get<token_answer>(std::move(reply));
  endpoint_->verify(what->answer.id_token, [this, what](const result<void>& genuine) {
    if (genuine)
      on_genuine(what);
    else
      end_sign_in(*what, genuine.error());
  });
}

void provider_machine::on_genuine(std::shared_ptr<redeemed_visit> what) {
  const auto& visit = what->visit;
  auto who = oauth2::decode_id_token(what->answer.id_token.reveal());
  if (!who)
    return end_sign_in(*what, who.error());
  const auto& where = endpoint_->where();
  auto nonce = visit.nonce.empty() ? std::nullopt : std::optional{visit.nonce};
  auto valid = oauth2::validate_id_token(
      *who, {where.issuer, record_.client_id, nonce, where.only_tenant}, now());
  if (!valid)
    return end_sign_in(*what, valid.error());
  auto shown = oauth2::account_name(*who);
  if (auto other = jobs::other_account({who->preferred_username, who->email, who->tenant, shown},
                                       visit.mailbox, where.only_tenant))
    return end_sign_in(*what, {errc::sign_in_required, "identity.wrong_account: " + *other});
  if (what->answer.refresh_token.empty())
    return end_sign_in(*what, {errc::provider_misconfigured,
                               "the provider gave no refresh token; add the scope offline_access"});
  what->subject = who->subject;
  what->account = std::move(shown);
  keep(std::move(what));
}

// -- consent -----------------------------------------------------------------

caf::result<consent_link> provider_machine::ask_consent() {
  auto client = self_->make_response_promise<consent_link>();
  endpoint_->discover([this, client](const result<void>& reached) mutable {
    auto link = reached ? make_consent_link() : result<consent_link>{reached.error()};
    if (link)
      client.deliver(*std::move(link));
    else
      client.deliver(as_error(link.error()));
  });
  return client;
}

result<consent_link> provider_machine::make_consent_link() {
  const auto& where = endpoint_->where();
  if (where.consent_endpoint.empty())
    return failure{errc::invalid_argument,
                   "this service has no address for an administrator's consent"};
  if (record_.redirect_uri.empty())
    return failure{errc::invalid_argument, "the provider has no redirect URI to come back to"};
  auto state = desk_->begin_consent(now());
  if (!state)
    return state.error();
  return consent_link{oauth2::consent_url(where.consent_endpoint, record_.client_id,
                                          record_.redirect_uri, where.consent_scopes, *state),
                      now() + consent_life};
}

/// Whatever waited for the consent asks again, and so finds out whether it was given:
/// the answer comes by a browser. Event and audit log say for which tenant.
caf::result<sign_in_outcome>
provider_machine::complete_consent(const oauth2::callback_query& query) {
  if (!query.error.empty() || !query.admin_consent)
    return as_error({errc::consent_required, "the administrator did not consent: `"
                                                 + printable(query.error)
                                                 + "': " + query.error_description});
  const auto& only = endpoint_->where().only_tenant;
  if (!only.empty() && !oauth2::equal_without_case(only, query.tenant))
    return as_error({errc::consent_required,
                     "the consent is for tenant `" + query.tenant + "', not for this provider's"});
  around_.outside.log->write(log_level::info, "consent_given",
                             {{"provider", record_.name}, {"tenant", query.tenant}});
  append(record_.id, event_kind::consent_given, "{\"tenant\":\"" + query.tenant + "\"}");
  for (auto& [owner, account] : accounts_)
    if (account.last_fault.code == errc::consent_required)
      account.not_before = {};
  if (gate_.is_closed() && gate_.fault().code == errc::consent_required)
    gate_.open();
  mended();
  return sign_in_outcome{consent_given{record_.id, record_.name, query.tenant}};
}

// -- keeping what a sign-in gave ---------------------------------------------

// A code is good once: what it gave is written until it is durable, whatever changes
// beside it, unless the mailbox is gone.

void provider_machine::keep(std::shared_ptr<redeemed_visit> what) {
  ++what->attempts;
  self_->request(around_.store, until_answered, read_record{key_of(what->visit.mailbox)})
      .then(
          [this, what](record_read& answer) {
            if (answer.found)
              keep_with(what, std::get<mailbox_record>(*answer.found));
            else
              end_sign_in(*what, {errc::not_found, "the mailbox was removed meanwhile"});
          },
          [this, what](const caf::error& why) { keep_again(what, as_failure(why)); });
}

/// A busy store, or a record that changed meanwhile, costs no code.
void provider_machine::keep_again(std::shared_ptr<redeemed_visit> what, const failure& why) {
  bool passes = why.code == errc::precondition_failed || why.code == errc::overloaded;
  if (!passes || what->attempts >= sign_in_write_attempts)
    return end_sign_in(*what, why);
  endpoint_->later(redeemed_retry, [this, what] { keep(what); });
}

void provider_machine::keep_with(std::shared_ptr<redeemed_visit> what,
                                 const mailbox_record& mailbox) {
  self_->request(around_.store, until_answered, read_record{grant_key(mailbox.id)})
      .then(
          [this, what, mailbox](record_read& had) {
            grant_record grant;
            grant.header.tenant = mailbox.header.tenant;
            grant.header.version = 0;
            grant.owner = mailbox.id;
            if (had.found)
              grant = std::get<grant_record>(*std::move(had.found));
            commit_sign_in(what, mailbox,
                           jobs::apply_sign_in(std::move(grant), what->answer, what->subject,
                                               what->account, now(), fraction()));
          },
          [this, what](const caf::error& why) { keep_again(what, as_failure(why)); });
}

void provider_machine::commit_sign_in(std::shared_ptr<redeemed_visit> what,
                                      const mailbox_record& mailbox, grant_record next) {
  commit_request change;
  change.preconditions.push_back({grant_key(next.owner), next.header.version - 1});
  change.preconditions.push_back({key_of(mailbox), mailbox.header.version});
  change.puts.emplace_back(next);
  change.events.push_back(draft_event(event_kind::mailbox_signed_in, next.owner, now()));
  self_->request(around_.store, until_answered, std::move(change))
      .then(
          [this, what, next](const commit_receipt&) {
            auto& account = accounts_[next.owner];
            account.grant = next;
            account.failures = 0;
            account.not_before = {};
            plan_refresh(next.owner);
            what->then(signed_in{next.owner, what->visit.mailbox.address, next.account});
            count_redeemed();
          },
          [this, what](const caf::error& why) { keep_again(what, as_failure(why)); });
}

void provider_machine::end_sign_in(redeemed_visit& what, const failure& why) {
  tell_of_failed_sign_in(what.visit.mailbox, why);
  what.then(why);
  count_redeemed();
}

caf::error provider_machine::refuse_sign_in(const mailbox_record& mailbox, const failure& why) {
  tell_of_failed_sign_in(mailbox, why);
  return as_error(why);
}

/// Whoever waits for a sign-in elsewhere learns of its end by an event. The evidence may
/// name accounts: it is sealed there, and not in the log.
void provider_machine::tell_of_failed_sign_in(const mailbox_record& mailbox, const failure& why) {
  auto means = jobs::diagnose(why, {}, now(), {});
  around_.outside.log->write(log_level::warning, "sign_in_failed",
                             {{"mailbox", to_string(mailbox.id)}, {"code", means.code}});
  append(mailbox.id, event_kind::sign_in_failed, jobs::event_detail(means));
}

void provider_machine::count_redeemed() {
  --redeeming_;
  if (stopping_ && is_idle())
    self_->quit(caf::exit_reason::user_shutdown);
}

} // namespace mailfleet
