#include "actors/token_endpoint.hpp"

#include "actors/from_outside.hpp"
#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "jobs/client_secrets.hpp"
#include "protocols/oauth2/app_listing.hpp"
#include "protocols/oauth2/client_assertion.hpp"
#include "protocols/oauth2/discovery.hpp"
#include "protocols/oauth2/encoding.hpp"
#include "protocols/oauth2/limits.hpp"
#include "protocols/oauth2/responses.hpp"

#include <algorithm>
#include <cstring>
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
                               provider_record provider, std::size_t requests_per_second)
  : self_{self},
    outside_{std::move(outside)},
    provider_{std::move(provider)},
    pace_{requests_per_second} {
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
    where_.device_endpoint = found->device_authorization_endpoint;
    where_.consent_endpoint = jobs::consent_endpoint_beside(found->authorization_endpoint);
    where_.jwks_uri = found->jwks_uri;
    where_.issuer = found->issuer;
    where_.graph_host = found->graph_host;
    where_.names_issuer = found->iss_in_callback;
    discovered_ = true;
  } else {
    reached = found.error();
  }
  for (auto& then : std::exchange(waiting_for_endpoints_, {}))
    then(reached);
}

// -- token requests ----------------------------------------------------------

namespace {

/// Reads a token from the body of a good answer.
auto as_token(token_endpoint::reply_handler then) {
  return [then = std::move(then)](std::variant<std::string_view, jobs::token_fault> outcome) {
    if (auto* fault = std::get_if<jobs::token_fault>(&outcome))
      return then(std::move(*fault));
    auto answer = oauth2::parse_token_answer(std::get<std::string_view>(outcome));
    then(answer ? token_endpoint::reply{*std::move(answer)}
                : token_endpoint::reply{jobs::unusable_answer(answer.error())});
  };
}

} // namespace

void token_endpoint::refresh(secret refresh_token, std::string_view granted_scope,
                             unsigned failures_before, reply_handler then) {
  auto scopes = words_of(granted_scope);
  if (!scopes.empty())
    for (const auto& standing : where_.standing_scopes)
      if (std::ranges::find(scopes, standing) == scopes.end())
        scopes.push_back(standing);
  run({[token = std::move(refresh_token),
        scopes = std::move(scopes)](const oauth2::client_identity& client) {
         return oauth2::refresh_request(client, token, scopes);
       },
       failures_before, as_token(std::move(then))});
}

void token_endpoint::authenticate_app(unsigned failures_before, reply_handler then) {
  run({[this](const oauth2::client_identity& client) {
         return oauth2::client_credentials_request(client, where_.scopes);
       },
       failures_before, as_token(std::move(then))});
}

void token_endpoint::authenticate_for_directory(reply_handler then) {
  run({[this](const oauth2::client_identity& client) {
         return oauth2::client_credentials_request(client,
                                                   {oauth2::directory_scope(where_.graph_host)});
       },
       0, as_token(std::move(then))});
}

void token_endpoint::read_listing(secret token, std::function<void(result<http_response>)> then) {
  errand what;
  what.then = [then](const std::variant<std::string_view, jobs::token_fault>& outcome) {
    if (const auto* fault = std::get_if<jobs::token_fault>(&outcome))
      then(fault->as_failure());
  };
  what.answered = std::move(then);
  auto& request = what.other.emplace();
  request.url = oauth2::app_listing_url(where_.graph_host, provider_.client_id);
  request.headers = {{"Accept", "application/json"}};
  request.bearer = std::move(token);
  request.max_response_bytes = oauth2::max_document_bytes;
  run(std::move(what));
}

void token_endpoint::authorize_device(std::function<void(device_reply)> then) {
  auto read = [then = std::move(then)](std::variant<std::string_view, jobs::token_fault> outcome) {
    if (auto* fault = std::get_if<jobs::token_fault>(&outcome))
      return then(std::move(*fault));
    auto answer = oauth2::parse_device_answer(std::get<std::string_view>(outcome));
    then(answer ? device_reply{*std::move(answer)}
                : device_reply{jobs::unusable_answer(answer.error())});
  };
  run({[this](const oauth2::client_identity& client) {
         return oauth2::device_authorization_request(client, where_.scopes);
       },
       0, std::move(read), &jobs::resolved_provider::device_endpoint, true});
}

void token_endpoint::poll_device(secret device_code, reply_handler then) {
  run({[code = std::move(device_code)](const oauth2::client_identity& client) {
         return oauth2::device_token_request(client, code);
       },
       0, as_token(std::move(then)), &jobs::resolved_provider::token_endpoint, true});
}

void token_endpoint::redeem(secret code, secret verifier, reply_handler then) {
  run({[this, code = std::move(code),
        verifier = std::move(verifier)](const oauth2::client_identity& client) {
         return oauth2::code_request(client, code, provider_.redirect_uri, verifier, where_.scopes);
       },
       0, as_token(std::move(then)), &jobs::resolved_provider::token_endpoint, true});
}

void token_endpoint::run(errand what) {
  if (what.urgent)
    queued_.push_front(std::move(what));
  else
    queued_.push_back(std::move(what));
  drain();
}

/// Begins what may begin now. A nested call leaves it to the outer one.
void token_endpoint::drain() {
  if (!discovered_)
    return find_endpoints();
  if (std::exchange(draining_, true))
    return;
  while (!queued_.empty() && open_ < max_open_token_requests) {
    auto now = self_->clock().now();
    if (auto wait = pace_.wait(now); wait.count() > 0) {
      drain_later(std::max(wait, pace_look));
      break;
    }
    pace_.take(now);
    auto next = std::move(queued_.front());
    queued_.pop_front();
    ++open_;
    post(std::move(next));
  }
  draining_ = false;
}

void token_endpoint::drain_later(std::chrono::milliseconds wait) {
  if (std::exchange(drain_planned_, true))
    return;
  later(wait, [this] {
    drain_planned_ = false;
    drain();
  });
}

void token_endpoint::later(std::chrono::milliseconds wait, std::function<void()> then) {
  auto call = ++last_call_;
  calls_.emplace(call, [then = std::move(then)](result<http_response>&) { then(); });
  send_later(self_, wait, http_answered{call, {}});
}

void token_endpoint::fail_queued(const jobs::token_fault& fault) {
  std::deque<errand> kept, failed;
  for (auto& what : std::exchange(queued_, {}))
    (what.urgent ? kept : failed).push_back(std::move(what));
  queued_ = std::move(kept);
  for (auto& what : failed)
    what.then(fault);
}

/// Before anything is counted as sent: what waits here would go out in one second.
void token_endpoint::find_endpoints() {
  if (queued_.empty() || std::exchange(finding_, true))
    return;
  discover([this](const result<void>& reached) {
    finding_ = false;
    if (reached)
      return drain();
    for (auto& what : std::exchange(queued_, {}))
      what.then(jobs::classify({.network = reached.error(),
                                .status = 0,
                                .error = {},
                                .retry_after = std::nullopt,
                                .failures_before = what.failures_before,
                                .now = outside_.clock->now()}));
  });
}

void token_endpoint::next_errand() {
  --open_;
  // What the rate admits from now on goes together.
  if (!drain_planned_)
    drain();
}

void token_endpoint::post(errand what) {
  if (what.other)
    return send(*std::exchange(what.other, std::nullopt),
                [this, answered = std::move(what.answered)](result<http_response>& outcome) {
                  answered(std::move(outcome));
                  next_errand();
                });
  const client_secret* chosen = nullptr;
  if (provider_.auth != client_auth::none) {
    chosen = choose_secret();
    if (!chosen) {
      jobs::token_fault none_left;
      none_left.code = errc::client_refused;
      auto state =
          jobs::secrets_state(provider_, jobs::numbers_of(refused_), outside_.clock->now());
      none_left.diagnosis = jobs::secrets_trouble(state).value_or("secret.none_accepted");
      none_left.provider_wide = true;
      none_left.evidence = "no client secret is left that is neither expired nor refused";
      what.then(std::move(none_left));
      return next_errand();
    }
  }
  auto client = identify(chosen);
  if (!client) {
    what.then(jobs::unusable_certificate(client.error()));
    return next_errand();
  }
  auto form = what.make(*client);
  http_request request;
  request.method = "POST";
  request.url = where_.*what.where;
  request.headers = std::move(form.headers);
  request.body = std::move(form.body);
  request.basic_user = std::move(form.basic_user);
  request.basic_password = std::move(form.basic_password);
  send(std::move(request), [this, what = std::move(what), number = chosen ? chosen->number : 0](
                               result<http_response>& outcome) mutable {
    on_posted(std::move(what), number, outcome);
  });
}

/// What the endpoint last said of itself: its clock, for an examination.
void token_endpoint::note_answer(std::vector<std::pair<std::string, std::string>> headers) {
  last_headers_ = std::move(headers);
  last_answer_at_ = outside_.clock->now();
}

void token_endpoint::on_posted(errand what, std::uint32_t secret_number,
                               result<http_response>& outcome) {
  if (outcome && outcome->status == 200) {
    note_answer(std::move(outcome->headers));
    what.then(std::string_view{outcome->body});
    return next_errand();
  }
  jobs::token_failure why;
  why.failures_before = what.failures_before;
  if (outcome) {
    why.status = outcome->status;
    why.now = outside_.clock->now();
    why.error = oauth2::parse_token_error(outcome->body);
    why.retry_after = oauth2::retry_after(outcome->headers, outside_.clock->now());
    note_answer(std::move(outcome->headers));
  } else {
    why.network = outcome.error();
  }
  auto fault = jobs::classify(why);
  // First in the queue, but in the pace: a refusal must not double the rate.
  if (fault.code == errc::client_refused && note_refused(secret_number, fault))
    queued_.push_front(std::move(what));
  else
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
  // It held tokens.
  if (answer.outcome)
    ::explicit_bzero(answer.outcome->body.data(), answer.outcome->body.size());
}

} // namespace mailfleet
