#include "actors/store.hpp"

#include "actors/from_outside.hpp"
#include "actors/guard.hpp"
#include "actors/limits.hpp"

#include <algorithm>
#include <utility>

namespace mailfleet {

void store_state::init(std::shared_ptr<commit_log> log) {
  log_ = std::move(log);
}

/// The log calls back on its own thread: there the outcome becomes a message.
auto store_state::answer_to(std::uint64_t call) {
  return [to = caf::actor_cast<caf::weak_actor_ptr>(self_), call](auto outcome) {
    send_from_outside<store_actor>(to, storage_answered{call, std::move(outcome)});
  };
}

caf::result<commit_receipt> store_state::commit(commit_request request) {
  auto promise = self_->make_response_promise<commit_receipt>();
  auto call = ++last_call_;
  calls_.emplace(call, promise);
  log_->commit(std::move(request), answer_to(call));
  return promise;
}

caf::result<record_read> store_state::read(const record_key& key) {
  auto promise = self_->make_response_promise<record_read>();
  auto call = ++last_call_;
  calls_.emplace(call, promise);
  log_->read(key, [answer = answer_to(call)](result<std::optional<record>> outcome) {
    if (outcome)
      answer(result<record_read>{record_read{*std::move(outcome)}});
    else
      answer(result<record_read>{std::move(outcome).error()});
  });
  return promise;
}

caf::result<scan_page> store_state::scan(const scan_request& request) {
  auto promise = self_->make_response_promise<scan_page>();
  auto call = ++last_call_;
  calls_.emplace(call, promise);
  log_->scan(request, answer_to(call));
  return promise;
}

caf::result<event_list> store_state::follow(const follow_events& request) {
  if (followers_.size() >= max_event_followers)
    return as_error({errc::overloaded, "too many wait for events; ask again later"});
  auto promise = self_->make_response_promise<event_list>();
  auto id = ++last_call_;
  followers_.emplace(id, follower{request, promise, {}, request.wanted.after, 0, false});
  if (request.wanted.wait.count() > 0)
    self_->delayed_send(self_, std::min(request.wanted.wait, max_event_wait), follow_expired{id});
  else
    followers_.at(id).expired = true;
  scan_events(id);
  return promise;
}

void store_state::on_answer(storage_answered answer) {
  auto node = calls_.extract(answer.call);
  if (node.empty())
    return;
  std::visit([&](auto& outcome) { settle(node.mapped(), std::move(outcome)); }, answer.outcome);
}

template <class Value>
void store_state::settle(pending& waiting, result<Value>&& outcome) {
  if (auto* id = std::get_if<std::uint64_t>(&waiting)) {
    if constexpr (std::is_same_v<Value, scan_page>)
      on_events_scanned(*id, std::move(outcome));
    return;
  }
  if constexpr (std::is_same_v<Value, commit_receipt>)
    if (outcome && outcome->events > 0)
      wake_followers();
  auto& promise = std::get<caf::typed_response_promise<Value>>(waiting);
  if (outcome)
    promise.deliver(*std::move(outcome));
  else
    promise.deliver(as_error(outcome.error()));
}

void store_state::scan_events(std::uint64_t id) {
  auto& waiting = followers_.at(id);
  waiting.appends = appends_;
  auto call = ++last_call_;
  calls_.emplace(call, id);
  log_->scan({.in = family::events,
              .owner = std::nullopt,
              .after = record_key{.in = family::events, .owner = waiting.after},
              .limit = event_page_size},
             answer_to(call));
}

void store_state::on_events_scanned(std::uint64_t id, result<scan_page>&& page) {
  auto found = followers_.find(id);
  if (found == followers_.end())
    return;
  auto& [key, waiting] = *found;
  if (!page) {
    waiting.promise.deliver(as_error(page.error()));
    followers_.erase(found);
    return;
  }
  auto limit = std::clamp<std::size_t>(waiting.request.wanted.limit, 1, max_events_an_answer);
  for (auto& entry : page->records) {
    auto& event = std::get<event_record>(entry);
    if (waiting.found.events.size() == limit) {
      waiting.found.more = true;
      return finish(id);
    }
    waiting.after = event.number;
    if (!waiting.request.about || event.what.about == *waiting.request.about)
      waiting.found.events.push_back(std::move(event));
  }
  if (page->more || (waiting.found.events.empty() && waiting.appends != appends_))
    scan_events(id);
  else if (!waiting.found.events.empty() || waiting.expired)
    finish(id);
  else
    parked_.push_back(id);
}

void store_state::finish(std::uint64_t id) {
  auto node = followers_.extract(id);
  if (!node.empty())
    node.mapped().promise.deliver(std::move(node.mapped().found));
}

void store_state::wake_followers() {
  ++appends_;
  for (auto id : std::exchange(parked_, {}))
    scan_events(id);
}

void store_state::on_expired(const follow_expired& due) {
  auto found = followers_.find(due.follower);
  if (found == followers_.end())
    return;
  found->second.expired = true;
  if (std::erase(parked_, due.follower) > 0)
    finish(due.follower);
}

store_actor::behavior_type store(store_actor::stateful_pointer<store_state> self,
                                 std::shared_ptr<commit_log> log,
                                 std::shared_ptr<log_port> journal) {
  guard(self, std::move(journal), store_state::name);
  self->state.init(std::move(log));
  return {
      [self](commit_request& request) { return self->state.commit(std::move(request)); },
      [self](const read_record& request) { return self->state.read(request.key); },
      [self](const scan_request& request) { return self->state.scan(request); },
      [self](const follow_events& request) { return self->state.follow(request); },
      [self](const report_storage&) { return self->state.statistics(); },
      [self](storage_answered& answer) { self->state.on_answer(std::move(answer)); },
      [self](const follow_expired& due) { self->state.on_expired(due); },
  };
}

} // namespace mailfleet
