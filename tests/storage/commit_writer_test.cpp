#include "storage/commit_writer.hpp"
#include "storage/record_store.hpp"
#include "storage/store_health.hpp"
#include "tests/storage/support.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <stdexcept>

using namespace mailfleet;
using namespace mailfleet::storage;

namespace {

/// A store whose library throws, in planning or in writing.
class throwing_store : public record_store {
public:
  explicit throwing_store(bool in_planning) : in_planning_{in_planning} {}

  result<void> apply(const batch_plan&) override {
    ++applied;
    throw std::runtime_error{"in the middle of a write"};
  }
  result<std::uint64_t> version_of(const record_key&) override {
    if (in_planning_)
      throw std::runtime_error{"in a look-up"};
    return std::uint64_t{0};
  }
  result<std::uint64_t> events_about(entity_id) override {
    return std::uint64_t{0};
  }
  [[nodiscard]] log_counters counters() const override {
    return {};
  }
  result<std::optional<record>> read(const record_key&) override {
    return std::optional<record>{};
  }
  result<scan_page> scan(const scan_request&) override {
    return scan_page{};
  }

  int applied = 0;

private:
  bool in_planning_;
};

commit_request a_checked_write() {
  provider_record who;
  who.id = entity_id{1};
  who.name = "office";
  commit_request request;
  request.preconditions.push_back({key_of(who), 0});
  request.puts.emplace_back(who);
  return request;
}

failure refusal_of(commit_writer& writer) {
  std::promise<result<commit_receipt>> answered;
  writer.submit(a_checked_write(),
                [&](result<commit_receipt> outcome) { answered.set_value(std::move(outcome)); });
  auto outcome = answered.get_future().get();
  REQUIRE_FALSE(outcome);
  return outcome.error();
}

} // namespace

TEST_CASE("an exception in a commit stops the store, is told once, and every request is answered",
          "[commit_writer]") {
  auto in_planning = GENERATE(true, false);
  throwing_store store{in_planning};
  std::atomic<int> told = 0;
  store_health health{[&](const failure&) { ++told; }};
  commit_writer writer{store, health};
  CHECK(refusal_of(writer).code == errc::storage_failed);
  CHECK(refusal_of(writer).code == errc::storage_failed);
  CHECK(health.trouble());
  CHECK(told == 1);
  CHECK(store.applied == (in_planning ? 0 : 1));
}
