#pragma once

#include "messages/ports/commit_log.hpp"

#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace mailfleet::test {

/// A commit log that answers within the call, for tests in virtual time. It can
/// be told to fail commits, or to hold them back.
class instant_log : public commit_log {
public:
  /// The next commits fail with these, one each; then they succeed again.
  std::deque<failure> refusals;
  /// While set, commits wait until `release`.
  bool hold = false;
  std::vector<commit_request> committed;
  /// Every scan fails with this.
  std::optional<failure> scan_failure;

  void commit(commit_request request, std::function<void(result<commit_receipt>)> done) override {
    if (hold)
      held_.emplace_back(std::move(request), std::move(done));
    else
      done(apply(std::move(request)));
  }

  void release() {
    hold = false;
    for (auto& [request, done] : std::exchange(held_, {}))
      done(apply(std::move(request)));
  }

  void read(record_key key, std::function<void(result<std::optional<record>>)> done) override {
    auto found = records.find(key);
    done(found == records.end() ? std::optional<record>{} : std::optional<record>{found->second});
  }

  void scan(scan_request request, std::function<void(result<scan_page>)> done) override {
    if (scan_failure)
      return done(*scan_failure);
    scan_page page;
    for (const auto& [key, value] : records) {
      if (key.in != request.in || (request.owner && key.owner != *request.owner)
          || (request.after && key <= *request.after))
        continue;
      if (page.records.size() == request.limit) {
        page.more = true;
        break;
      }
      page.records.push_back(value);
    }
    done(std::move(page));
  }

  [[nodiscard]] commit_log_statistics statistics() const override {
    return {.requests = requests_, .refused = 0, .batches = requests_, .last_event = last_event_};
  }

  /// The record at `key`, which must be a `Record`.
  template <class Record>
  [[nodiscard]] std::optional<Record> get(const record_key& key) const {
    auto found = records.find(key);
    if (found == records.end())
      return std::nullopt;
    return std::get<Record>(found->second);
  }

  /// How many records `in` holds.
  [[nodiscard]] std::size_t count(family in) const {
    std::size_t total = 0;
    for (const auto& [key, value] : records)
      total += key.in == in ? 1 : 0;
    return total;
  }

  /// The events of one kind, in order.
  [[nodiscard]] std::vector<event_record> events(event_kind kind) const {
    std::vector<event_record> found;
    for (const auto& [key, value] : records)
      if (const auto* event = std::get_if<event_record>(&value))
        if (event->what.kind == kind)
          found.push_back(*event);
    return found;
  }

  std::map<record_key, record> records;

private:
  result<commit_receipt> apply(commit_request request) {
    ++requests_;
    if (!refusals.empty()) {
      auto what = refusals.front();
      refusals.pop_front();
      return what;
    }
    for (const auto& [key, version] : request.preconditions) {
      auto found = records.find(key);
      if ((found == records.end() ? 0 : header_of(found->second).version) != version)
        return failure{errc::precondition_failed, "a record changed"};
    }
    for (const auto& key : request.deletes)
      records.erase(key);
    for (auto owner : request.erased_owners)
      std::erase_if(records, [owner](const auto& entry) {
        return entry.first.owner == owner.value && entry.first.in != family::events
               && entry.first.in != family::audit;
      });
    for (const auto& put : request.puts)
      records.insert_or_assign(key_of(put), put);
    commit_receipt receipt{request.events.empty() ? 0 : last_event_ + 1, request.events.size()};
    for (const auto& draft : request.events) {
      event_record event;
      event.number = ++last_event_;
      event.what = draft;
      records.insert_or_assign(key_of(event), event);
    }
    if (request.audit) {
      request.audit->number = ++last_audit_;
      records.insert_or_assign(key_of(*request.audit), *request.audit);
    }
    committed.push_back(std::move(request));
    return receipt;
  }

  std::vector<std::pair<commit_request, std::function<void(result<commit_receipt>)>>> held_;
  std::uint64_t requests_ = 0;
  std::uint64_t last_event_ = 0;
  std::uint64_t last_audit_ = 0;
};

} // namespace mailfleet::test
