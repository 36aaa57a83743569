#include "actors/token_endpoint.hpp"

#include "actors/from_outside.hpp"
#include "actors/limits.hpp"
#include "jobs/client_secrets.hpp"
#include "protocols/oauth2/discovery.hpp"
#include "protocols/oauth2/responses.hpp"

#include <ranges>
#include <utility>

namespace mailfleet {

namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (auto word : std::views::split(text, ' '))
    if (!word.empty())
      words.emplace_back(word.begin(), word.end());
  return words;
}

} // namespace

token_endpoint::token_endpoint(provider_actor::pointer self, world outside,
                               provider_record provider)
  : self_{self}, outside_{std::move(outside)}, provider_{std::move(provider)} {
  if (auto found = jobs::resolve(provider_)) {
    where_ = *std::move(found);
    discovered_ = !where_.token_endpoint.empty();
  }
}

// -- finding the endpoints ---------------------------------------------------

void token_endpoint::discover(std::function<void(result<void>)> then) {
  if (discovered_)
    return then({});
  waiting_for_endpoints_.push_back(std::move(then));
  if (waiting_for_endpoints_.size() > 1)
    return;
  http_request request;
  request.url = where_.discovery_url;
  send(std::move(request), [this](result<http_response>& outcome) { on_discovered(outcome); });
}

void token_endpoint::on_discovered(result<http_response>& outcome) {
  result<void> reached;
  if (!outcome) {
    reached = outcome.error();
  } else if (outcome->status != 200) {
    reached = failure{errc::token_unavailable, "the discovery address answered with HTTP status "
                                                   + std::to_string(outcome->status)};
  } else if (auto found = oauth2::parse_discovery(outcome->body, where_.discovery_url)) {
    where_.authorization_endpoint = found->authorization_endpoint;
    where_.token_endpoint = found->token_endpoint;
    where_.issuer = found->issuer;
    discovered_ = true;
  } else {
    reached = found.error();
  }
  for (auto& then : std::exchange(waiting_for_endpoints_, {}))
    then(reached);
}

// -- token requests ----------------------------------------------------------

void token_endpoint::refresh(secret refresh_token, std::string_view granted_scope,
                             unsigned failures_before, reply_handler then) {
  run({[token = std::move(refresh_token),
        scopes = words_of(granted_scope)](const oauth2::client_identity& client) {
         return oauth2::refresh_request(client, token, scopes);
       },
       failures_before, std::move(then)});
}

void token_endpoint::redeem(secret code, secret verifier, reply_handler then) {
  run({[this, code = std::move(code),
        verifier = std::move(verifier)](const oauth2::client_identity& client) {
         return oauth2::code_request(client, code, provider_.redirect_uri, verifier, where_.scopes);
       },
       0, std::move(then)});
}

void token_endpoint::run(errand what) {
  if (open_ >= max_open_token_requests)
    return queued_.push_back(std::move(what));
  ++open_;
  discover([this, what = std::move(what)](const result<void>& reached) mutable {
    if (reached)
      return post(std::move(what));
    auto then = std::move(what.then);
    then(jobs::classify({.network = reached.error(),
                         .status = 0,
                         .error = {},
                         .retry_after = std::nullopt,
                         .failures_before = what.failures_before}));
    next_errand();
  });
}

/// Lets the next errand go, as a message: a queue of errands that all fail at once
/// must not become a stack of calls.
void token_endpoint::next_errand() {
  --open_;
  if (queued_.empty())
    return;
  auto call = ++last_call_;
  calls_.emplace(call, [this](result<http_response>&) {
    if (queued_.empty())
      return;
    auto next = std::move(queued_.front());
    queued_.pop_front();
    run(std::move(next));
  });
  self_->send(self_, http_answered{call, {}});
}

/// A refusal may have been the server's mistake, or be mended at the server: it
/// holds for a while.
const client_secret* token_endpoint::choose_secret() {
  auto now = outside_.clock->now();
  if (!refused_.empty() && now >= refused_at_ + refused_secret_memory)
    refused_.clear();
  return jobs::choose_secret(provider_.secrets, refused_, now);
}

void token_endpoint::post(errand what) {
  oauth2::client_identity client{provider_.client_id, provider_.auth, {}};
  std::uint32_t number = 0;
  if (provider_.auth != client_auth::none) {
    const auto* chosen = choose_secret();
    if (!chosen) {
      jobs::token_fault none_left;
      none_left.code = errc::client_refused;
      auto state = jobs::secrets_state(provider_, refused_, outside_.clock->now());
      none_left.diagnosis =
          state == provider_state::secret_expired ? "secret.expired" : "secret.none_accepted";
      none_left.provider_wide = true;
      none_left.evidence = "no client secret is left that is neither expired nor refused";
      what.then(std::move(none_left));
      return next_errand();
    }
    client.client_secret = chosen->value;
    number = chosen->number;
  }
  auto form = what.make(client);
  http_request request;
  request.method = "POST";
  request.url = where_.token_endpoint;
  request.headers = std::move(form.headers);
  request.body = std::move(form.body);
  request.basic_user = std::move(form.basic_user);
  request.basic_password = std::move(form.basic_password);
  send(std::move(request),
       [this, what = std::move(what), number](result<http_response>& outcome) mutable {
         on_posted(std::move(what), number, outcome);
       });
}

void token_endpoint::on_posted(errand what, std::uint32_t secret_number,
                               result<http_response>& outcome) {
  if (outcome && outcome->status == 200) {
    auto answer = oauth2::parse_token_answer(outcome->body);
    what.then(answer ? reply{*std::move(answer)} : reply{jobs::unusable_answer(answer.error())});
    return next_errand();
  }
  jobs::token_failure why;
  why.failures_before = what.failures_before;
  if (outcome) {
    why.status = outcome->status;
    why.now = outside_.clock->now();
    why.error = oauth2::parse_token_error(outcome->body);
    why.retry_after = oauth2::retry_after(outcome->headers, outside_.clock->now());
  } else {
    why.network = outcome.error();
  }
  auto fault = jobs::classify(why);
  if (fault.code == errc::client_refused && refused_.insert(secret_number).second) {
    refused_at_ = outside_.clock->now();
    if (choose_secret())
      return post(std::move(what));
  }
  what.then(std::move(fault));
  next_errand();
}

// -- HTTP --------------------------------------------------------------------

void token_endpoint::send(http_request request, std::function<void(result<http_response>&)> then) {
  request.ca_file = provider_.ca_file;
  request.proxy = provider_.proxy;
  auto call = ++last_call_;
  calls_.emplace(call, std::move(then));
  outside_.http->send(std::move(request), [to = caf::actor_cast<caf::weak_actor_ptr>(self_),
                                           call](result<http_response> outcome) {
    send_from_outside<provider_actor>(to, http_answered{call, std::move(outcome)});
  });
}

void token_endpoint::on_answer(http_answered& answer) {
  auto node = calls_.extract(answer.call);
  if (!node.empty())
    node.mapped()(answer.outcome);
}

} // namespace mailfleet
