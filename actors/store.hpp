#pragma once

#include "actors/world.hpp"
#include "messages/actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

namespace mailfleet {

/// Carries requests to the commit log and its answers back; keeps those who
/// wait for events.
class store_state {
public:
  static inline const char* name = "store";

  explicit store_state(store_actor::pointer self) : self_{self} {}

  void init(std::shared_ptr<commit_log> log);

  // -- requests

  caf::result<commit_receipt> commit(commit_request request);
  caf::result<record_read> read(const record_key& key);
  caf::result<scan_page> scan(const scan_request& request);
  caf::result<event_list> follow(const follow_events& request);
  [[nodiscard]] commit_log_statistics statistics() const {
    return log_->statistics();
  }

  // -- events

  void on_answer(storage_answered answer);
  void on_expired(const follow_expired& due);

private:
  /// Someone who asked for events, from the question to the answer.
  struct follower {
    follow_events request;
    caf::typed_response_promise<event_list> promise;
    event_list found;
    /// Where the next scan begins.
    std::uint64_t after = 0;
    /// `appends_` when the scan began: another value at its end means that it
    /// may have missed an event.
    std::uint64_t appends = 0;
    bool expired = false;
  };
  using pending = std::variant<caf::typed_response_promise<commit_receipt>,
                               caf::typed_response_promise<record_read>,
                               caf::typed_response_promise<scan_page>, std::uint64_t>;

  template <class Value>
  void settle(pending& waiting, result<Value>&& outcome);
  void on_events_scanned(std::uint64_t id, result<scan_page>&& page);
  void scan_events(std::uint64_t id);
  void finish(std::uint64_t id);
  void wake_followers();
  auto answer_to(std::uint64_t call);

  store_actor::pointer self_;
  std::shared_ptr<commit_log> log_;
  std::uint64_t last_call_ = 0;
  std::uint64_t appends_ = 0;
  std::unordered_map<std::uint64_t, pending> calls_;
  std::unordered_map<std::uint64_t, follower> followers_;
  /// Followers that found nothing yet.
  std::vector<std::uint64_t> parked_;
};

/// @param log outlives the actor; its callbacks become messages to it.
store_actor::behavior_type store(store_actor::stateful_pointer<store_state> self,
                                 std::shared_ptr<commit_log> log,
                                 std::shared_ptr<log_port> journal);

} // namespace mailfleet
