#pragma once

#include "messages/ports/commit_log.hpp"
#include "messages/ports/http_client.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

/// What `bench_tokens` puts between the actors and the world: it watches every token
/// on its way to the disk and from it.
namespace mailfleet::bench {

/// Which tokens are durable, and who used one that was not.
class token_watch {
public:
  struct figures {
    /// Mailboxes whose first, and whose second, access token is durable.
    std::size_t granted = 0;
    std::size_t refreshed = 0;
    /// Log-ins seen, and requests that showed a refresh token.
    std::size_t log_ins = 0;
    std::size_t requests = 0;
    /// Those of them that came before their token was durable.
    std::size_t undurable = 0;
    /// The most requests that went out in any one second.
    std::size_t most_sent = 0;
  };

  /// A grant is about to be written.
  struct written {
    entity_id owner;
    std::size_t refresh_token = 0;
    std::size_t access_token = 0;
  };
  [[nodiscard]] static written note_of(const grant_record& grant);

  void on_durable(const written& grant);
  void on_log_in(std::string_view access_token);
  void on_request(std::string_view refresh_token);

  /// Waits until `enough` holds, at most so long. Whether it holds. It is asked whenever a
  /// grant is durable, on whatever thread that is, and wakes the waiter only once it holds:
  /// that would be work of the bench, and counted as the runtime's. For one waiter.
  bool wait(std::chrono::milliseconds most, const std::function<bool(const figures&)>& enough);

  [[nodiscard]] figures seen() const;

private:
  struct history {
    std::size_t access_token = 0;
    std::size_t count = 0;
  };

  mutable std::mutex mutex_;
  std::condition_variable reached_;
  const std::function<bool(const figures&)>* enough_ = nullptr;
  figures seen_;
  /// By their hashes: of each, 10,000 times 2 kB would be most of our memory.
  std::unordered_set<std::size_t> durable_;
  std::unordered_map<entity_id, history> owners_;
  /// When the requests of the last second went out.
  std::deque<std::chrono::steady_clock::time_point> sent_;
};

/// A log that tells the watch of every grant once it is durable, before anyone else.
[[nodiscard]] std::shared_ptr<commit_log> watched(std::shared_ptr<commit_log> below,
                                                  std::shared_ptr<token_watch> watch);

/// A client that tells the watch of every refresh token that is sent.
[[nodiscard]] std::shared_ptr<http_client> watched(std::shared_ptr<http_client> below,
                                                   std::shared_ptr<token_watch> watch);

} // namespace mailfleet::bench
