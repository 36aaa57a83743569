#include "actors/answer.hpp"
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
  auto verifier = visit.proof.verifier;
  endpoint_->redeem(std::move(code), std::move(verifier),
                    [this, visit = std::move(visit), client](token_endpoint::reply reply) {
                      on_redeemed(visit, std::move(reply), client);
                    });
}

void provider_machine::on_redeemed(const sign_in_desk::visit& visit, token_endpoint::reply reply,
                                   caf::typed_response_promise<signed_in> client) {
  if (const auto* fault = std::get_if<jobs::token_fault>(&reply))
    return refuse(client, fault->as_failure());
  const auto& answer = std::get<token_answer>(reply);
  auto who = oauth2::decode_id_token(answer.id_token.reveal());
  if (!who)
    return refuse(client, who.error());
  const auto& where = endpoint_->where();
  auto valid = oauth2::validate_id_token(
      *who, {where.issuer, record_.client_id, visit.nonce, where.only_tenant}, now());
  if (!valid)
    return refuse(client, valid.error());
  if (!is_wanted_account(*who, visit.mailbox))
    return refuse(client, {errc::sign_in_required,
                           "`" + oauth2::account_name(*who) + "' signed in, but the mailbox is `"
                               + visit.mailbox.address + "'; sign in again with that account"});
  if (answer.refresh_token.empty())
    return refuse(client, {errc::provider_misconfigured,
                           "the provider gave no refresh token; add the scope offline_access"});
  self_->request(around_.store, answer_timeout, read_record{grant_key(visit.mailbox.id)})
      .then(
          [this, visit, client, answer, who = *std::move(who)](record_read& had) {
            grant_record grant;
            grant.header.tenant = visit.mailbox.header.tenant;
            grant.header.version = 0;
            grant.owner = visit.mailbox.id;
            if (had.found)
              grant = std::get<grant_record>(*std::move(had.found));
            keep_sign_in(visit,
                         jobs::apply_sign_in(std::move(grant), answer, who.subject,
                                             oauth2::account_name(who), now(), fraction()),
                         client);
          },
          [client](caf::error& what) mutable { client.deliver(std::move(what)); });
}

void provider_machine::keep_sign_in(const sign_in_desk::visit& visit, grant_record next,
                                    caf::typed_response_promise<signed_in> client) {
  commit_request change;
  change.preconditions.push_back({grant_key(next.owner), next.header.version - 1});
  change.preconditions.push_back({key_of(visit.mailbox), visit.mailbox.header.version});
  change.puts.emplace_back(next);
  change.events.push_back({.kind = event_kind::mailbox_signed_in,
                           .about = next.owner,
                           .at = now(),
                           .message = std::nullopt,
                           .detail = {}});
  self_->request(around_.store, commit_timeout, std::move(change))
      .then(
          [this, next, address = visit.mailbox.address, client](const commit_receipt&) mutable {
            auto& account = accounts_[next.owner];
            account.grant = next;
            account.failures = 0;
            account.not_before = {};
            plan_refresh(next.owner);
            client.deliver(signed_in{next.owner, address, next.account});
          },
          [client](caf::error& what) mutable { client.deliver(std::move(what)); });
}

} // namespace mailfleet
