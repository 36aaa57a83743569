#include "actors/later.hpp"
#include "actors/limits.hpp"
#include "actors/provider.hpp"
#include "jobs/client_secrets.hpp"
#include "jobs/diagnosis.hpp"
#include "jobs/secret_expiry.hpp"
#include "protocols/oauth2/app_listing.hpp"
#include "protocols/oauth2/responses.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

/// When the client secrets end, as the directory of the identity provider lists it: asked
/// by itself once a day where it can be, and when a person wants to know.
namespace mailfleet {

namespace {

/// Copies of the directory differ for some minutes: so long a secret that was added and
/// is not listed is looked for again, at these intervals.
constexpr std::chrono::minutes listing_delay_most{10};
constexpr std::chrono::minutes listing_look_interval{2};

/// What was listed is written again when the record changed beside it, this much later.
constexpr std::chrono::seconds listing_retry{1};
constexpr int listing_write_attempts = 3;

bool awaits_listing(const provider_record& provider, wall_time now) {
  return std::ranges::any_of(provider.secrets, [now](const client_secret& held) {
    return !held.listed_expires_at && now >= held.added_at
           && now < held.added_at + listing_delay_most;
  });
}

} // namespace

// -- when --------------------------------------------------------------------

void provider_machine::plan_expiry(std::chrono::milliseconds wait) {
  if (record_.reads_expiry)
    send_later(self_, wait, expiry_due{++expiry_.plan});
}

void provider_machine::on_expiry_due(const expiry_due& look) {
  if (look.plan != expiry_.plan || expiry_.busy)
    return;
  // Whoever is in trouble is not asked for more.
  if (gate_.is_closed())
    return plan_expiry(jobs::expiry_retry_first);
  look_for_expiry_now();
}

caf::result<provider_view> provider_machine::read_expiry() {
  auto client = self_->make_response_promise<provider_view>();
  expiry_.waiting.push_back(client);
  look_for_expiry_now();
  return client;
}

/// A new secret is listed some seconds after it was made; one that is taken away changes
/// nothing for the others.
void provider_machine::expect_listing_of(const provider_record& next) {
  bool has_new = std::ranges::any_of(next.secrets, [this](const client_secret& held) {
    return std::ranges::find(record_.secrets, held.number, &client_secret::number)
           == record_.secrets.end();
  });
  if (has_new)
    plan_expiry(expiry_wait_after_addition);
}

// -- asking ------------------------------------------------------------------

void provider_machine::look_for_expiry_now() {
  if (std::exchange(expiry_.busy, true))
    return;
  endpoint_->discover([this](const result<void>& reached) {
    if (!reached)
      return end_expiry_look(jobs::no_listing(reached.error()));
    if (auto why = jobs::expiry_obstacle(record_, endpoint_->where()))
      return refuse_expiry_look(*why);
    endpoint_->authenticate_for_directory([this](token_endpoint::reply reply) {
      if (const auto* fault = std::get_if<jobs::token_fault>(&reply))
        return end_expiry_look(jobs::no_directory_token(*fault));
      endpoint_->read_listing(
          std::get<token_answer>(std::move(reply)).access_token,
          [this](const result<http_response>& outcome) { on_listing(outcome); });
    });
  });
}

void provider_machine::on_listing(const result<http_response>& outcome) {
  if (!outcome)
    return end_expiry_look(jobs::no_listing(outcome.error()));
  if (outcome->status != 200)
    return end_expiry_look(jobs::directory_refusal(outcome->status,
                                                   oauth2::directory_words(outcome->body),
                                                   oauth2::retry_after(outcome->headers, now())));
  auto listing = oauth2::parse_app_listing(outcome->body);
  if (!listing)
    return end_expiry_look(jobs::no_listing(listing.error()));
  keep_listed(*listing, 1);
}

void provider_machine::keep_listed(std::vector<app_credential> listing, int attempt) {
  auto next = jobs::with_listed(record_, jobs::find_listed(record_, endpoint_->prints(), listing));
  if (!next)
    return end_expiry_look(std::nullopt);
  commit_request change;
  change.preconditions.push_back({key_of(record_), record_.header.version});
  change.puts.emplace_back(*next);
  self_->request(around_.store, until_answered, std::move(change))
      .then([this, next = *next](const commit_receipt&) { take_listed(next); },
            // What changed meanwhile, such as a warning that was told of, is here by then.
            [this, listing = std::move(listing), attempt](const caf::error& what) {
              auto why = as_failure(what);
              if (why.code != errc::precondition_failed || attempt >= listing_write_attempts)
                return end_expiry_look(jobs::no_listing(why));
              endpoint_->later(listing_retry,
                               [this, listing, attempt] { keep_listed(listing, attempt + 1); });
            });
}

void provider_machine::take_listed(const provider_record& next) {
  for (const auto& held : next.secrets)
    if (jobs::expiries_differ(held))
      around_.outside.log->write(
          log_level::warning, "secret_expiry_differs",
          {{"provider", record_.name}, {"secret", std::to_string(held.number)}});
  if (record_.header.version + 1 == next.header.version) {
    record_ = next;
    endpoint_->renew(record_);
  }
  end_expiry_look(std::nullopt);
}

// -- the end of a look -------------------------------------------------------

/// There is nothing to be asked: only a person who wants to know is told.
void provider_machine::refuse_expiry_look(const failure& why) {
  expiry_.busy = false;
  for (auto& client : std::exchange(expiry_.waiting, {}))
    client.deliver(as_error(why));
}

void provider_machine::end_expiry_look(const std::optional<jobs::expiry_fault>& ended) {
  expiry_.busy = false;
  expiry_.failures = ended ? expiry_.failures + 1 : 0;
  auto wait = jobs::expiry_wait(ended, expiry_.failures, fraction());
  if (!ended && awaits_listing(record_, now()))
    wait = listing_look_interval;
  plan_expiry(wait);
  auto before = expiry_.last && expiry_.last->trouble ? expiry_.last->trouble->code : std::string{};
  auto& look = expiry_.last.emplace();
  look.at = now();
  if (ended) {
    auto retry_at = record_.reads_expiry ? std::optional{now() + wait} : std::nullopt;
    look.trouble = jobs::diagnose(ended->diagnosis, ended->evidence,
                                  {.mailbox = {}, .provider = record_.name}, now(), retry_at);
    // Once, until it is another trouble or none.
    if (before != look.trouble->code)
      around_.outside.log->write(log_level::info, "secret_expiry_unread",
                                 {{"provider", record_.name},
                                  {"code", look.trouble->code},
                                  {"evidence", look.trouble->evidence},
                                  {"cure", look.trouble->cure}});
  }
  look_at_secrets();
  for (auto& client : std::exchange(expiry_.waiting, {})) {
    if (ended)
      client.deliver(as_error(jobs::as_failure(*ended, record_.name)));
    else
      client.deliver(view());
  }
}

} // namespace mailfleet
