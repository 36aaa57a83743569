// A child commits without end and kills itself at a named fail point. Opened
// again, the store holds every commit that the child was told of, each whole,
// and at most the one under way beyond them.

#include "tests/storage/fixture.hpp"
#include "tests/storage/support.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace mailfleet;
using namespace mailfleet::storage;
using namespace mailfleet::storage::testing;

namespace {

struct outcome {
  bool killed = false;
  std::uint32_t acknowledged = 0;
};

/// Runs the child until it ends.
outcome run_child(const store_settings& settings, const std::string& point, unsigned passes) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto passes_text = std::to_string(passes);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::execl(STORAGE_CHILD, STORAGE_CHILD, "crash", settings.state_folder.c_str(),
            settings.key_file.c_str(), point.c_str(), passes_text.c_str(),
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (auto got = ::read(ends[0], buffer, sizeof buffer); got > 0;
       got = ::read(ends[0], buffer, sizeof buffer))
    text.append(buffer, static_cast<std::size_t>(got));
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  outcome ended{WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, 0};
  std::istringstream lines{text};
  while (lines >> ended.acknowledged) {
  }
  return ended;
}

/// How many commits the store holds; fails if one of them is not whole.
std::uint32_t whole_commits(commit_log& log) {
  auto rows = scan(log, pages(family::messages, 10'000));
  REQUIRE(rows);
  auto count = static_cast<std::uint32_t>(rows->records.size());
  for (std::uint32_t number = 1; number <= count; ++number) {
    auto expected = numbered_commit(number);
    REQUIRE(same(**read(log, key_of(expected.puts[0])), expected.puts[0]));
    REQUIRE(same(**read(log, key_of(expected.puts[1])), expected.puts[1]));
  }
  auto last = numbered_commit(count);
  if (count != 0) {
    CHECK(same(**read(log, key_of(last.puts[2])), last.puts[2]));
    CHECK(same(**read(log, key_of(last.puts[3])), last.puts[3]));
  }
  auto events = scan(log, pages(family::events, 10'000));
  REQUIRE(events);
  REQUIRE(events->records.size() == 2 * count);
  for (std::size_t index = 0; index < events->records.size(); ++index) {
    const auto& event = std::get<event_record>(events->records[index]);
    REQUIRE(event.number == index + 1);
    REQUIRE(event.about_number == index / 2 + 1);
    REQUIRE(event.what
            == numbered_commit(static_cast<std::uint32_t>(index / 2 + 1)).events[index % 2]);
  }
  return count;
}

} // namespace

TEST_CASE("killed at any fail point, no acknowledged commit is lost and none is partial",
          "[crash]") {
  const std::string point = GENERATE("before_commit", "after_commit_before_answer",
                                     "before_token_write", "after_token_write");
  openssl_random random;
  unsigned fired = 0;
  for (unsigned passes : {1u, 2u, 7u, 20u, 50u}) {
    temp_folder folder;
    auto settings = folder.settings();
    REQUIRE(initialise(settings, random));
    auto ended = run_child(settings, point, passes);
    fired += ended.killed ? 1 : 0;
    auto log = open_store(settings, random);
    auto held = whole_commits(*log);
    CHECK(ended.acknowledged == passes - 1);
    CHECK(held == (point.starts_with("after") ? passes : passes - 1));
    // It goes on where it stopped.
    CHECK(commit(*log, numbered_commit(held + 1))->first_event == 2 * held + 1);
  }
  CHECK(fired == 5);
}
