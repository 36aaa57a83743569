#include "actors/limits.hpp"
#include "actors/provider.hpp"
#include "protocols/oauth2/id_token.hpp"
#include "protocols/oauth2/responses.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

/// The three steps of a sign-in: a person asks, a browser opens the address, the
/// provider sends the browser back.
namespace mailfleet {

namespace {

bool same_address(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a))
           == std::tolower(static_cast<unsigned char>(b));
  });
}

/// Whether the account that signed in may be this mailbox's. Providers that name
/// no address in the token leave the mail server to decide.
bool is_wanted_account(const oauth2::id_claims& who, const mailbox_record& mailbox) {
  const auto& wanted = mailbox.user.empty() ? mailbox.address : mailbox.user;
  bool named = false;
  for (const auto& name : {who.preferred_username, who.email}) {
    if (name.find('@') == std::string::npos)
      continue;
    named = true;
    if (same_address(name, wanted) || same_address(name, mailbox.address))
      return true;
  }
  return !named;
}

} // namespace

caf::result<sign_in_started> provider_machine::begin(const begin_mailbox_sign_in& request) {
  auto ticket = desk_->begin(request.mailbox, now());
  if (!ticket)
    return as_error(ticket.error());
  return sign_in_started{around_.settings.sign_in_origin + "/sign-in/" + *ticket,
                         now() + sign_in_life};
}

caf::result<sign_in_opened> provider_machine::open(const open_sign_in& request) {
  auto visit = desk_->open(request.ticket, now());
  if (!visit)
    return as_error(visit.error());
  auto browser = self_->make_response_promise<sign_in_opened>();
  endpoint_->discover(
      [this, visit = *std::move(visit), browser](const result<void>& reached) mutable {
        if (reached)
          send_to_provider(visit, browser);
        else
          browser.deliver(as_error(reached.error()));
      });
  return browser;
}

void provider_machine::send_to_provider(const sign_in_desk::visit& visit,
                                        caf::typed_response_promise<sign_in_opened> browser) {
  const auto& where = endpoint_->where();
  oauth2::authorize_request request;
  request.authorization_endpoint = where.authorization_endpoint;
  request.client_id = record_.client_id;
  request.redirect_uri = record_.redirect_uri;
  request.scopes = where.scopes;
  request.state = visit.state;
  request.nonce = visit.nonce;
  request.code_challenge = visit.proof.challenge;
  request.login_hint = visit.mailbox.user.empty() ? visit.mailbox.address : visit.mailbox.user;
  request.extra = where.authorize_extra;
  browser.deliver(sign_in_opened{oauth2::authorize_url(request), visit.browser_binding});
}

caf::result<signed_in> provider_machine::complete(const complete_sign_in& request) {
  auto query = oauth2::parse_callback(request.query);
  if (!query)
    return as_error(query.error());
  auto visit = desk_->close(query->state, request.browser_binding, now());
  if (!visit)
    return as_error(visit.error());
  if (!query->error.empty())
    return as_error({errc::sign_in_required, "the identity provider answered `"
                                                 + printable(query->error)
                                                 + "': " + query->error_description});
  auto client = self_->make_response_promise<signed_in>();
  redeem(*std::move(visit), std::move(query->code), client);
  return client;
}

void provider_machine::redeem(sign_in_desk::visit visit, secret code,
                              caf::typed_response_promise<signed_in> client) {
  ++redeeming_;
  auto verifier = visit.proof.verifier;
  endpoint_->redeem(std::move(code), std::move(verifier),
                    [this, visit = std::move(visit), client](token_endpoint::reply reply) {
                      on_redeemed(visit, std::move(reply), client);
                    });
}

void provider_machine::on_redeemed(const sign_in_desk::visit& visit, token_endpoint::reply reply,
                                   caf::typed_response_promise<signed_in> client) {
  auto what = std::make_shared<redeemed_visit>();
  what->visit = visit;
  what->client = client;
  if (const auto* fault = std::get_if<jobs::token_fault>(&reply))
    return end_sign_in(*what, fault->as_failure());
  what->answer = std::get<token_answer>(std::move(reply));
  auto who = oauth2::decode_id_token(what->answer.id_token.reveal());
  if (!who)
    return end_sign_in(*what, who.error());
  const auto& where = endpoint_->where();
  auto valid = oauth2::validate_id_token(
      *who, {where.issuer, record_.client_id, visit.nonce, where.only_tenant}, now());
  if (!valid)
    return end_sign_in(*what, valid.error());
  if (!is_wanted_account(*who, visit.mailbox))
    return end_sign_in(*what,
                       {errc::sign_in_required,
                        "`" + oauth2::account_name(*who) + "' signed in, but the mailbox is `"
                            + visit.mailbox.address + "'; sign in again with that account"});
  if (what->answer.refresh_token.empty())
    return end_sign_in(*what, {errc::provider_misconfigured,
                               "the provider gave no refresh token; add the scope offline_access"});
  what->subject = who->subject;
  what->account = oauth2::account_name(*who);
  keep(std::move(what));
}

// A code is good once: what it gave is written until it is durable, whatever changes
// beside it, unless the mailbox is gone.

void provider_machine::keep(std::shared_ptr<redeemed_visit> what) {
  ++what->attempts;
  self_->request(around_.store, answer_timeout, read_record{key_of(what->visit.mailbox)})
      .then(
          [this, what](record_read& answer) {
            if (answer.found)
              keep_with(what, std::get<mailbox_record>(*answer.found));
            else
              end_sign_in(*what, {errc::not_found, "the mailbox was removed meanwhile"});
          },
          [this, what](const caf::error& why) { end_sign_in(*what, as_failure(why)); });
}

void provider_machine::keep_with(std::shared_ptr<redeemed_visit> what,
                                 const mailbox_record& mailbox) {
  self_->request(around_.store, answer_timeout, read_record{grant_key(mailbox.id)})
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
          [this, what](const caf::error& why) { end_sign_in(*what, as_failure(why)); });
}

void provider_machine::commit_sign_in(std::shared_ptr<redeemed_visit> what,
                                      const mailbox_record& mailbox, grant_record next) {
  commit_request change;
  change.preconditions.push_back({grant_key(next.owner), next.header.version - 1});
  change.preconditions.push_back({key_of(mailbox), mailbox.header.version});
  change.puts.emplace_back(next);
  change.events.push_back(draft_event(event_kind::mailbox_signed_in, next.owner, now()));
  self_->request(around_.store, commit_timeout, std::move(change))
      .then(
          [this, what, next](const commit_receipt&) {
            auto& account = accounts_[next.owner];
            account.grant = next;
            account.failures = 0;
            account.not_before = {};
            plan_refresh(next.owner);
            what->client.deliver(signed_in{next.owner, what->visit.mailbox.address, next.account});
            count_redeemed();
          },
          [this, what](const caf::error& why) {
            bool again = as_failure(why).code == errc::precondition_failed
                         && what->attempts < sign_in_write_attempts;
            if (again)
              keep(what);
            else
              end_sign_in(*what, as_failure(why));
          });
}

void provider_machine::end_sign_in(redeemed_visit& what, const failure& why) {
  what.client.deliver(as_error(why));
  count_redeemed();
}

void provider_machine::count_redeemed() {
  --redeeming_;
  if (stopping_ && is_idle())
    self_->quit(caf::exit_reason::user_shutdown);
}

} // namespace mailfleet
