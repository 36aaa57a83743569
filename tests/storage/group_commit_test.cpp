// The commit port's contract, on every implementation with threads: requests
// that wait together. The writer is held by an answer until they all wait, so
// that nothing here depends on time.

#include "tests/storage/contract.hpp"
#include "tests/storage/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;

namespace {

/// Holds the thread that answers, so that what comes meanwhile waits together.
class held_writer {
public:
  explicit held_writer(commit_log& log) {
    log.commit(put(cursor_of(office, 1, 1)), [this](auto) {
      holding_.set_value();
      release_.get_future().wait();
    });
    holding_.get_future().wait();
  }
  void release() {
    release_.set_value();
  }

private:
  std::promise<void> holding_;
  std::promise<void> release_;
};

} // namespace

TEST_CASE("requests that wait together are one batch, one refusal among them", "[contract]") {
  testee it{threaded_kind()};
  constexpr std::uint32_t count = 200;
  held_writer held{it.log()};
  auto before = it.log().statistics().batches;
  std::atomic<std::uint32_t> accepted = 0;
  std::atomic<std::uint32_t> refused = 0;
  std::vector<std::thread> committers;
  for (std::uint32_t part = 0; part < 4; ++part)
    committers.emplace_back([&, part] {
      for (std::uint32_t number = part; number < count; number += 4) {
        auto request = tell(ann);
        request.puts.emplace_back(small_message(ann, number + 1));
        if (number == 77)
          request.preconditions = {{cursor_key(bob, inbox_folder), 1}};
        it.log().commit(std::move(request), [&](auto answer) { ++(answer ? accepted : refused); });
      }
    });
  for (auto& committer : committers)
    committer.join();
  held.release();
  REQUIRE(commit(it.log(), {}));
  CHECK(accepted == count - 1);
  CHECK(refused == 1);
  CHECK(it.log().statistics().batches - before <= 2);
  auto events = events_of(it.log());
  REQUIRE(events.size() == count - 1);
  for (std::size_t index = 0; index < events.size(); ++index) {
    CHECK(events[index].number == index + 1);
    CHECK(events[index].about_number == index + 1);
  }
}

TEST_CASE("a request of a batch sees what those before it changed", "[contract]") {
  testee it{threaded_kind()};
  held_writer held{it.log()};
  auto key = cursor_key(ann, inbox_folder);
  std::vector<std::promise<errc>> answers(4);
  auto send = [&](std::size_t index, commit_request request) {
    it.log().commit(std::move(request),
                    [&, index](auto answer) { answers[index].set_value(code_of(answer)); });
  };
  send(0, put(cursor_of(ann, 1, 1), {{key, 0}}));
  send(1, put(cursor_of(ann, 1, 2), {{key, 0}}));
  commit_request erase;
  erase.preconditions = {{key, 1}};
  erase.erased_owners = {ann};
  send(2, erase);
  send(3, put(cursor_of(ann, 1, 3), {{key, 0}}));
  held.release();
  CHECK(answers[0].get_future().get() == errc{});
  CHECK(answers[1].get_future().get() == errc::precondition_failed);
  CHECK(answers[2].get_future().get() == errc{});
  CHECK(answers[3].get_future().get() == errc{});
  CHECK(same(**read(it.log(), key), cursor_of(ann, 1, 3)));
  it.reopen();
  CHECK(same(**read(it.log(), key), cursor_of(ann, 1, 3)));
}

TEST_CASE("what a batch changes more than once stands as it was changed last", "[contract]") {
  testee it{threaded_kind()};
  auto kept = cursor_key(ann, inbox_folder);
  auto gone = cursor_key(bob, inbox_folder);
  auto back = cursor_key(bob, inbox_folder + 1);
  auto at_back = [&](std::uint64_t version, std::uint32_t water) {
    auto one = cursor_of(bob, version, water);
    one.folder = back.folder;
    return one;
  };
  held_writer held{it.log()};
  std::vector<std::future<errc>> answers;
  auto send = [&](commit_request request) {
    auto told = std::make_shared<std::promise<errc>>();
    answers.push_back(told->get_future());
    it.log().commit(std::move(request), [told](auto answer) { told->set_value(code_of(answer)); });
  };
  auto drop = [](const record_key& key) {
    commit_request request;
    request.deletes = {key};
    return request;
  };
  for (std::uint32_t step = 1; step <= 3; ++step)
    send(put(cursor_of(ann, step, step), {{kept, step - 1}}));
  send(put(cursor_of(bob, 1, 1)));
  send(drop(gone));
  send(put(at_back(2, 2)));
  send(drop(back));
  send(put(at_back(1, 7), {{back, 0}}));
  held.release();
  for (auto& answer : answers)
    CHECK(answer.get() == errc{});
  for (bool again : {false, true}) {
    if (again)
      it.reopen();
    CHECK(same(**read(it.log(), kept), cursor_of(ann, 3, 3)));
    CHECK_FALSE(*read(it.log(), gone));
    CHECK(same(**read(it.log(), back), at_back(1, 7)));
  }
}

TEST_CASE("control requests overtake bulk ones, and a batch ends at its limit", "[contract]") {
  testee it{threaded_kind()};
  held_writer held{it.log()};
  auto before = it.log().statistics().batches;
  std::mutex mutex;
  std::vector<int> order;
  auto note = [&](int which) {
    return [&, which](const result<commit_receipt>& answer) {
      std::lock_guard guard{mutex};
      order.push_back(answer ? which : -1);
    };
  };
  constexpr std::uint32_t bulks = 20;
  for (std::uint32_t number = 1; number <= bulks; ++number) {
    auto bulk = put(small_body(ann, number, std::string(max_chunk_bytes, 'x')));
    bulk.urgency = commit_class::bulk;
    it.log().commit(std::move(bulk), note(2));
  }
  it.log().commit(put(cursor_of(ann, 1, 1)), note(1));
  held.release();
  commit_request last;
  last.urgency = commit_class::bulk;
  REQUIRE(commit(it.log(), last));
  REQUIRE(order.size() == bulks + 1);
  CHECK(order.front() == 1);
  CHECK(std::count(order.begin(), order.end(), 2) == bulks);
  // 20 chunks of 256 KiB are 5 MiB: one batch of at most 4 MiB, then the rest.
  CHECK(it.log().statistics().batches - before >= 2);
}

TEST_CASE("destruction answers what was accepted and refuses what comes", "[contract]") {
  testee it{threaded_kind()};
  std::atomic<int> sent = 0;
  std::atomic<int> answered = 0;
  std::atomic<int> refused = 0;
  std::promise<void> closing;
  auto& log = it.log();
  log.commit(put(cursor_of(ann, 1, 1)), [&](auto) {
    closing.set_value();
    // The destructor runs beside this answer and waits for it: it refuses soon.
    while (refused == 0) {
      ++sent;
      log.commit({}, [&](auto answer) {
        ++answered;
        refused += code_of(answer) == errc::shutting_down ? 1 : 0;
      });
      std::this_thread::yield();
    }
  });
  closing.get_future().wait();
  it.close();
  CHECK(refused == 1);
  CHECK(answered == sent);
}
