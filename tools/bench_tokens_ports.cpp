#include "tools/bench_tokens_ports.hpp"

#include "tools/bench_world.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace mailfleet::bench {

// -- the watch ----------------------------------------------------------------

namespace {

constexpr std::size_t no_token = 0;

std::size_t hash_of(std::string_view token) {
  return token.empty() ? no_token : std::hash<std::string_view>{}(token);
}

} // namespace

token_watch::written token_watch::note_of(const grant_record& grant) {
  return {grant.owner, hash_of(grant.refresh_token.reveal()), hash_of(grant.access_token.reveal())};
}

void token_watch::on_durable(const written& grant) {
  std::lock_guard lock{mutex_};
  durable_.insert(grant.refresh_token);
  auto& known = owners_[grant.owner];
  // A grant is written without a new token too: when it is parked.
  if (grant.access_token == no_token || grant.access_token == known.access_token)
    return;
  durable_.insert(grant.access_token);
  known.access_token = grant.access_token;
  ++known.count;
  if (known.count == 1)
    ++seen_.granted;
  if (known.count == 2)
    ++seen_.refreshed;
  if (enough_ != nullptr && (*enough_)(seen_))
    reached_.notify_all();
}

void token_watch::on_log_in(std::string_view access_token) {
  auto token = hash_of(access_token);
  std::lock_guard lock{mutex_};
  ++seen_.log_ins;
  if (!durable_.contains(token))
    ++seen_.undurable;
}

void token_watch::on_request(std::string_view refresh_token) {
  auto token = hash_of(refresh_token);
  auto now = std::chrono::steady_clock::now();
  std::lock_guard lock{mutex_};
  ++seen_.requests;
  sent_.push_back(now);
  while (sent_.front() + std::chrono::seconds{1} <= now)
    sent_.pop_front();
  seen_.most_sent = std::max(seen_.most_sent, sent_.size());
  if (!durable_.contains(token))
    ++seen_.undurable;
}

bool token_watch::wait(std::chrono::milliseconds most,
                       const std::function<bool(const figures&)>& enough) {
  std::unique_lock lock{mutex_};
  enough_ = &enough;
  bool holds = reached_.wait_for(lock, most, [&] { return enough(seen_); });
  enough_ = nullptr;
  return holds;
}

token_watch::figures token_watch::seen() const {
  std::lock_guard lock{mutex_};
  return seen_;
}

// -- the log ------------------------------------------------------------------

namespace {

class watched_log final : public passing_log {
public:
  watched_log(std::shared_ptr<commit_log> below, std::shared_ptr<token_watch> watch)
    : passing_log{std::move(below)}, watch_{std::move(watch)} {}

  void commit(commit_request request, std::function<void(result<commit_receipt>)> done) override {
    std::optional<token_watch::written> grant;
    for (const auto& put : request.puts)
      if (const auto* found = std::get_if<grant_record>(&put))
        grant = token_watch::note_of(*found);
    if (!grant)
      return below().commit(std::move(request), std::move(done));
    below().commit(std::move(request), [watch = watch_, grant = *grant,
                                        done = std::move(done)](result<commit_receipt> outcome) {
      if (outcome)
        watch->on_durable(grant);
      done(std::move(outcome));
    });
  }

private:
  std::shared_ptr<token_watch> watch_;
};

// -- the HTTP client ----------------------------------------------------------

/// The bench's tokens need no escapes.
std::string_view field_of(std::string_view form, std::string_view name) {
  auto at = form.find(name);
  if (at == form.npos)
    return {};
  auto value = form.substr(at + name.size());
  return value.substr(0, value.find('&'));
}

class watched_http final : public http_client {
public:
  watched_http(std::shared_ptr<http_client> below, std::shared_ptr<token_watch> watch)
    : below_{std::move(below)}, watch_{std::move(watch)} {}

  void send(http_request request, std::function<void(result<http_response>)> done) override {
    if (auto token = field_of(request.body.reveal(), "&refresh_token="); !token.empty())
      watch_->on_request(token);
    below_->send(std::move(request), std::move(done));
  }

private:
  std::shared_ptr<http_client> below_;
  std::shared_ptr<token_watch> watch_;
};

} // namespace

std::shared_ptr<commit_log> watched(std::shared_ptr<commit_log> below,
                                    std::shared_ptr<token_watch> watch) {
  return std::make_shared<watched_log>(std::move(below), std::move(watch));
}

std::shared_ptr<http_client> watched(std::shared_ptr<http_client> below,
                                     std::shared_ptr<token_watch> watch) {
  return std::make_shared<watched_http>(std::move(below), std::move(watch));
}

} // namespace mailfleet::bench
