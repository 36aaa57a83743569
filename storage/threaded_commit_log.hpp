#pragma once

#include "messages/ports/commit_log.hpp"
#include "storage/commit_writer.hpp"
#include "storage/reader_pool.hpp"
#include "storage/record_store.hpp"
#include "storage/store_health.hpp"

#include <memory>

namespace mailfleet::storage {

/// The commit port over any record store: one writer thread, a small pool of
/// readers. Destruction finishes and answers what was accepted; calls that
/// come meanwhile are refused with `shutting_down`. A call that cannot be
/// queued is answered on the calling thread, before it returns.
class threaded_commit_log final : public commit_log {
public:
  threaded_commit_log(std::unique_ptr<record_store> store, std::shared_ptr<store_health> health);
  ~threaded_commit_log() override;

  void commit(commit_request request, std::function<void(result<commit_receipt>)> done) override;
  void read(record_key key, std::function<void(result<std::optional<record>>)> done) override;
  void scan(scan_request request, std::function<void(result<scan_page>)> done) override;
  [[nodiscard]] commit_log_statistics statistics() const override;

private:
  template <class Answer, class Query>
  void ask(std::function<void(result<Answer>)> done, Query query);

  std::shared_ptr<store_health> health_;
  std::unique_ptr<record_store> store_;
  reader_pool readers_;
  commit_writer writer_;
};

/// The queries of any record store, with what no store can answer refused.
[[nodiscard]] result<std::optional<record>> checked_read(record_store& store,
                                                         const record_key& key);
[[nodiscard]] result<scan_page> checked_scan(record_store& store, scan_request request);

} // namespace mailfleet::storage
